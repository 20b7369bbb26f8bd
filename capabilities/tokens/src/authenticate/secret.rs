//! Client secrets.

use crate::client::Client;
use crate::credential::{Credential, CredentialKind};
use signet_kernel::Timestamp;
use signet_oauth::TokenError;

/// Finds the secret among those of the client.
pub(super) fn check(client: &Client, presented: &str, now: Timestamp) -> Result<Credential, TokenError> {
    let app = client.app_id().to_string();
    // INVARIANT 6: an agent identity holds no credential; only its blueprint's word speaks for it.
    let Some(credentials) = client.credentials() else { return Err(TokenError::CredentialMissing { app }) };
    let Some(found) = credentials.passwords.iter().find(|password| password.hash.matches(presented)) else {
        return Err(TokenError::InvalidSecret { app });
    };
    if now >= found.end_date_time {
        return Err(TokenError::ExpiredSecret { app });
    }
    if now < found.start_date_time {
        return Err(TokenError::InvalidSecret { app });
    }
    Ok(Credential { kind: CredentialKind::ClientSecret, id: found.key_id, thumbprint: None, once: None })
}
