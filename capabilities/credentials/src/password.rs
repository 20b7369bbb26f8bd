//! A client secret, as kept.

use serde::{Deserialize, Serialize};
use signet_kernel::{SecretHash, Timestamp};
use uuid::Uuid;

/// `passwordCredential` (CSDL), with the hash in place of the text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PasswordCredential {
    /// Its id; named by tokens issued under it.
    pub key_id: Uuid,
    /// What the administrator calls it.
    #[serde(default)]
    pub display_name: Option<String>,
    /// Not accepted before.
    pub start_date_time: Timestamp,
    /// Not accepted from this moment on.
    pub end_date_time: Timestamp,
    /// The first three random characters.
    pub hint: String,
    /// SHA-256 of the text; never on the wire.
    pub hash: SecretHash,
}

impl PasswordCredential {
    /// Whether it is within its time.
    pub fn is_current(&self, now: Timestamp) -> bool {
        self.start_date_time <= now && now < self.end_date_time
    }
}
