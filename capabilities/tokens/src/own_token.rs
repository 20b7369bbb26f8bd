//! Tokens that this deployment signed, read back: T1 as a client assertion, access tokens at our own doors.

use crate::agent_subject::AgentSubject;
use crate::claims::TokenClaims;
use crate::client::Client;
use crate::issuer::PublicUrl;
use signet_jose::{Algorithm, JwsError, Padding, ReadOptions, TypRule, UnverifiedJws};
use signet_kernel::{AppId, TenantId, Timestamp};
use signet_oauth::ResourceScope;
use signet_signing_keys::TenantKeys;
use signet_store::{BackendError, Object, Store};
use signet_tenants::Tenant;

/// The longest token of our own that we read.
const LONGEST: usize = 16 * 1024;

/// Why a token is not one of ours, or not one to be accepted here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotOurs {
    /// Malformed, unsigned, of another kind, or not signed by a key of the tenant that is still trusted.
    #[error("{0}")]
    Signature(String),
    /// Another issuer than this tenant's.
    #[error("the issuer is not this tenant's")]
    Issuer,
    /// Over, or not begun.
    #[error("the token has expired or is not valid yet")]
    Time,
}

impl From<JwsError> for NotOurs {
    fn from(error: JwsError) -> Self {
        Self::Signature(error.to_string())
    }
}

/// The claims of a token that a trusted key of the tenant signed, that names the tenant's issuer, and whose time it
/// is. Whether what it was issued under still stands is another question: [`VerifiedToken::still_stands`].
///
/// INVARIANT: made by [`verify`] alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedToken {
    claims: TokenClaims,
}

/// Verifies a token of `tenant`.
pub fn verify(
    token: &str,
    tenant: TenantId,
    keys: &TenantKeys,
    public_url: &PublicUrl,
    now: Timestamp,
) -> Result<VerifiedToken, NotOurs> {
    const TYPES: TypRule = TypRule::only(&["JWT", "at+jwt"]);
    let unverified = UnverifiedJws::parse(token, ReadOptions { max_bytes: LONGEST, padding: Padding::Forbidden })?;
    let unknown = || NotOurs::Signature("the key is not one of this tenant's".to_owned());
    let kid = unverified.header().kid.as_deref().ok_or_else(unknown)?;
    let key = keys.verification_key(kid, now).ok_or_else(unknown)?;
    let verified = unverified.verify(key, &[Algorithm::Es256, Algorithm::Rs256], &TYPES)?;
    let claims: TokenClaims =
        serde_json::from_slice(verified.payload()).map_err(|error| NotOurs::Signature(error.to_string()))?;
    // SPEC: RFC 9068 4: at+jwt carries client_id; the other shapes are JWT. One never passes for the other.
    if claims.client_id.is_some() != unverified.header().typ.as_deref().is_some_and(|typ| typ == "at+jwt") {
        return Err(NotOurs::Signature("the kind and the claims of the token contradict each other".to_owned()));
    }
    if claims.iss != public_url.issuer(tenant) && claims.iss != public_url.issuer_v1(tenant) {
        return Err(NotOurs::Issuer);
    }
    // No leeway: the clock that wrote these times is ours, or one that is kept within the staleness bound.
    if now.seconds() >= claims.exp {
        return Err(NotOurs::Time);
    }
    Ok(VerifiedToken { claims })
}

impl VerifiedToken {
    /// What it says.
    pub fn claims(&self) -> &TokenClaims {
        &self.claims
    }

    /// Whether it can only be handed back to the token endpoint: T1 or T2, by either spelling of the audience.
    pub fn is_exchange(&self) -> bool {
        [ResourceScope::TOKEN_EXCHANGE, ResourceScope::TOKEN_EXCHANGE_APP_ID].contains(&self.claims.aud.as_str())
    }

    /// The agent that a blueprint's T1 speaks for.
    pub fn agent_subject(&self) -> Option<AgentSubject> {
        if self.is_exchange() { AgentSubject::parse(&self.claims.sub) } else { None }
    }

    /// The client it was issued to.
    pub fn client(&self) -> Option<AppId> {
        self.claims.client()?.parse().ok()
    }

    /// The client it was issued to, if everything it was issued under still stands: the tenant, the client and what
    /// it hangs off enabled and not voided since, the credential still held, the epoch the same.
    pub async fn still_stands(
        &self,
        store: &Store,
        tenant: &Object<Tenant>,
        now: Timestamp,
    ) -> Result<Option<Client>, BackendError> {
        let scoped = store.tenant(tenant.tenant);
        let Some(app_id) = self.client() else { return Ok(None) };
        let Ok(client) = Client::find(store, &scoped, app_id).await? else { return Ok(None) };
        let issued = self.claims.revocation();
        // INVARIANT 1: what was issued before a right was taken away stays void, whatever is enabled again.
        let voided = issued < client.revoked().max(tenant.revoked);
        // An epoch above the present one was lost by a restore; what was decided in it is not known here.
        let lost = issued.epoch_start() != scoped.revocation().epoch_start();
        if voided || lost || !tenant.body.enabled || client.disabled().is_some() {
            return Ok(None);
        }
        let held = client.still_holds(&scoped, (self.claims.sgn_cred, issued), now).await?;
        Ok(held.then_some(client))
    }
}
