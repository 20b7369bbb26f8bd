//! Assertions that a client signed itself (`private_key_jwt`, RFC 7523).

use super::Setting;
use crate::certificates::{ParsedCertificate, candidates};
use crate::client::Client;
use crate::credential::{Credential, CredentialKind};
use crate::single_use::used_up;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use signet_jose::{Algorithm, Claims, TypRule, UnverifiedJws, Validity, VerifiedJws};
use signet_oauth::TokenError;
use std::time::Duration;

const ALGORITHMS: [Algorithm; 3] = [Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256];
/// SPEC: rfc7523bis: `client-authentication+jwt` is the explicit type; most clients send `JWT` or none.
const TYPES: TypRule = TypRule::or_absent(&["JWT", "client-authentication+jwt"]);
const LEEWAY: Duration = Duration::from_secs(60);
const LONGEST_LIFETIME: Duration = Duration::from_hours(1);

/// Checks a client's own assertion.
pub(super) fn check(
    setting: Setting<'_>,
    client: &Client,
    assertion: &UnverifiedJws<'_>,
) -> Result<Credential, TokenError> {
    let app = client.app_id().to_string();
    let Some(credentials) = client.credentials() else { return Err(TokenError::CredentialMissing { app }) };
    let certificates = setting.server.certificates().of(&credentials);
    let (certificate, verified) = find_signer(&certificates, assertion)?;
    if let Some(reason) = certificate.out_of_time(setting.now) {
        return Err(TokenError::AssertionSignatureInvalid { reason: reason.to_owned() });
    }
    let claims = verified.claims().map_err(super::assertion::unreadable)?;
    check_parties(setting, &claims, &app)?;
    check_time(setting, &claims)?;
    let once = match client_wants_single_use(client) {
        true => Some(used_up(&app, &claims, setting.request)?),
        false => None,
    };
    Ok(Credential {
        kind: CredentialKind::Certificate,
        id: certificate.id,
        thumbprint: Some(URL_SAFE_NO_PAD.encode(&certificate.x5t)),
        once,
    })
}

fn find_signer<'c, 'j>(
    certificates: &'c [ParsedCertificate],
    assertion: &'j UnverifiedJws<'_>,
) -> Result<(&'c ParsedCertificate, VerifiedJws<'j>), TokenError> {
    let mut reason = "the application has no certificate of that thumbprint".to_owned();
    for certificate in candidates(certificates, assertion.header()) {
        match assertion.verify(&certificate.key, &ALGORITHMS, &TYPES) {
            Ok(verified) => return Ok((certificate, verified)),
            Err(error) => reason = error.to_string(),
        }
    }
    Err(TokenError::AssertionSignatureInvalid { reason })
}

fn check_parties(setting: Setting<'_>, claims: &Claims, app: &str) -> Result<(), TokenError> {
    let is_client = |name: &Option<String>| name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(app));
    if !is_client(&claims.issuer) || !is_client(&claims.subject) {
        return Err(TokenError::AssertionClientMismatch { app: app.to_owned() });
    }
    let (url, tenant) = (setting.server.public_url(), setting.tenant.tenant);
    let (issuer, endpoint) = (url.issuer(tenant), url.endpoint(tenant, "token"));
    match claims.audience.as_slice() {
        [audience] if *audience == issuer || *audience == endpoint => Ok(()),
        _ => Err(TokenError::AssertionAudienceMismatch { audience: endpoint }),
    }
}

fn check_time(setting: Setting<'_>, claims: &Claims) -> Result<(), TokenError> {
    let refused = |reason: String| TokenError::AssertionTime { reason };
    let validity = Validity { now: setting.now, leeway: LEEWAY };
    validity.check(claims).map_err(|error| refused(error.to_string()))?;
    let latest = setting.now.plus(LONGEST_LIFETIME).plus(LEEWAY);
    if claims.expires.is_some_and(|expires| expires > latest) {
        return Err(refused("exp is more than one hour ahead".to_owned()));
    }
    Ok(())
}

fn client_wants_single_use(client: &Client) -> bool {
    match client {
        Client::Application(client) => client.application.body.single_use_assertions,
        Client::Blueprint(client) => client.blueprint.body.application.single_use_assertions,
        Client::Agent(_) => false,
    }
}
