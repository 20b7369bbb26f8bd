//! Assertions of outside issuers, trusted through a federated credential.

use super::Setting;
use super::assertion::unreadable;
use crate::client::Client;
use crate::credential::{Credential, CredentialKind};
use crate::server::ServerError;
use signet_credentials::FederatedIdentityCredential;
use signet_jose::{Algorithm, ClaimedIdentity, Claims, JwkSet, TypRule, UnverifiedJws, Validity};
use signet_oauth::TokenError;
use signet_store::{IndexKey, Object};
use std::time::Duration;

/// Platforms hand their workloads `JWT`s, untyped tokens, or access tokens for the exchange's audience (a managed
/// identity's, a certified provider's). The audience must match to the letter, so an access token for anything else
/// is no use here; every other registered kind is refused.
const TYPES: TypRule = TypRule::or_absent(&["JWT", "at+jwt"]);
const LEEWAY: Duration = Duration::from_secs(60);

/// Checks an outside assertion against the client's federated credentials, then against its issuer's keys.
pub(super) async fn check(
    setting: Setting<'_>,
    client: &Client,
    assertion: &UnverifiedJws<'_>,
    claimed: &ClaimedIdentity,
) -> Result<Credential, ServerError> {
    let issuer = claimed.issuer.clone().unwrap_or_default();
    // Neither T1, T2 nor any other token of this deployment speaks for a blueprint.
    if setting.server.public_url().owns(&issuer) {
        return Err(TokenError::FederatedIssuerMismatch { issuer }.into());
    }
    let trusted = trusted(setting, client, &issuer, claimed.subject.as_deref()).await?;
    let claims = verified_claims(setting, assertion, &issuer).await?;
    let credential = matching(&trusted, &issuer, &claims)?;
    let validity = Validity { now: setting.now, leeway: LEEWAY };
    validity.check(&claims).map_err(|error| TokenError::AssertionTime { reason: error.to_string() })?;
    Ok(Credential {
        kind: CredentialKind::FederatedIdentityCredential,
        id: credential.id.object().uuid(),
        thumbprint: None,
        once: None,
    })
}

/// The client's federated credentials, if one of them names issuer and subject: no outside key is fetched for an
/// issuer that nobody trusts.
async fn trusted(
    setting: Setting<'_>,
    client: &Client,
    issuer: &str,
    subject: Option<&str>,
) -> Result<std::sync::Arc<Vec<Object<FederatedIdentityCredential>>>, ServerError> {
    let app = client.app_id().to_string();
    let Some(credentials) = client.credentials() else { return Err(TokenError::CredentialMissing { app }.into()) };
    let key = IndexKey::uuid(credentials.holder.uuid());
    let all: std::sync::Arc<Vec<Object<FederatedIdentityCredential>>> =
        setting.store.all_by_index(FederatedIdentityCredential::HOLDER, &key).await?;
    if all.is_empty() {
        return Err(TokenError::NoFederatedCredential { app }.into());
    }
    if !all.iter().any(|credential| credential.body.issuer == issuer) {
        return Err(TokenError::FederatedIssuerMismatch { issuer: issuer.to_owned() }.into());
    }
    let subject = subject.unwrap_or_default();
    if !all.iter().any(|credential| credential.body.issuer == issuer && credential.body.subject == subject) {
        return Err(TokenError::FederatedSubjectMismatch { subject: subject.to_owned() }.into());
    }
    Ok(all)
}

async fn verified_claims(
    setting: Setting<'_>,
    assertion: &UnverifiedJws<'_>,
    issuer: &str,
) -> Result<Claims, ServerError> {
    let unreachable = |error: signet_fetch::KeyError| {
        tracing::warn!(issuer, %error, "keys of an outside issuer cannot be fetched");
        TokenError::FederatedIssuerUnreachable { issuer: issuer.to_owned() }
    };
    let outside = setting.server.outside_keys();
    let keys = outside.keys(issuer).await.map_err(unreachable)?;
    if let Some(claims) = verify_with(&keys, assertion)? {
        return Ok(claims);
    }
    // The key may be newer than what is kept: ask the issuer once more, as often as it may be asked.
    let keys = outside.refresh_for_unknown_kid(issuer).await.map_err(unreachable)?;
    let unknown = || TokenError::AssertionSignatureInvalid { reason: "the issuer publishes no such key".to_owned() };
    Ok(verify_with(&keys, assertion)?.ok_or_else(unknown)?)
}

/// The claims if one of the issuer's keys signed them; `None` if no key of theirs could have.
fn verify_with(keys: &JwkSet, assertion: &UnverifiedJws<'_>) -> Result<Option<Claims>, TokenError> {
    let header = assertion.header();
    let mut refusal = None;
    for key in keys.candidates(header.kid.as_deref(), header.algorithm) {
        match assertion.verify(key.key(), &Algorithm::ALL, &TYPES) {
            Ok(verified) => return verified.claims().map(Some).map_err(unreadable),
            Err(error) => refusal = Some(error),
        }
    }
    refusal.map_or(Ok(None), |error| Err(unreadable(error)))
}

/// Issuer, subject and one audience match to the letter.
fn matching<'c>(
    trusted: &'c [Object<FederatedIdentityCredential>],
    issuer: &str,
    claims: &Claims,
) -> Result<&'c Object<FederatedIdentityCredential>, TokenError> {
    let subject = claims.subject.as_deref().unwrap_or_default();
    let mut same_subject = trusted
        .iter()
        .filter(|credential| credential.body.issuer == issuer && credential.body.subject == subject)
        .peekable();
    if claims.issuer.as_deref() != Some(issuer) || same_subject.peek().is_none() {
        return Err(TokenError::FederatedSubjectMismatch { subject: subject.to_owned() });
    }
    let mismatch = || TokenError::FederatedAudienceMismatch { audience: claims.audience.join(" ") };
    let [audience] = claims.audience.as_slice() else { return Err(mismatch()) };
    same_subject.find(|credential| credential.body.audiences.iter().any(|one| one == audience)).ok_or_else(mismatch)
}
