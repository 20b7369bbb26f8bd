//! The door to the directory API: from a bearer token to the caller of a request.

use crate::issuer::PublicUrl;
use crate::own_token::{VerifiedToken, verify};
use crate::server::{AuthorizationServer, ServerError};
use crate::target::is_directory;
use async_trait::async_trait;
use axum::http::{HeaderMap, header};
use base64::{Engine as _, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use signet_graph::{Authenticate, Unauthenticated};
use signet_kernel::{Caller, Failure, Fault, Origin, TenantId, Timestamp};
use signet_oauth::BearerToken;
use signet_store::{Object, TenantStore};
use signet_tenants::Tenant;
use signet_web::dialect::BearerChallenge;
use std::sync::Arc;

/// Why a bearer token opens nothing.
enum Refusal {
    /// There is none, or the header is not one.
    Missing,
    /// Not a token for the directory API.
    Invalid(&'static str),
    /// It was good, and what it was issued under no longer stands: a new one has to be asked for.
    Killed(TenantId),
    /// We failed.
    Failed(Failure),
}

impl From<ServerError> for Refusal {
    fn from(error: ServerError) -> Self {
        match error {
            ServerError::Failed(failure) => Self::Failed(failure),
            ServerError::Refused(_) => Self::Invalid("The token is not valid."),
        }
    }
}

#[async_trait]
impl Authenticate for AuthorizationServer {
    async fn authenticate(
        &self,
        headers: &HeaderMap,
        origin: Origin,
    ) -> Result<(Caller, TenantStore), Unauthenticated> {
        let now = self.context().now();
        admit(self, headers, origin, now).await.map_err(|refusal| challenge(self.public_url(), refusal, now))
    }
}

async fn admit(
    server: &AuthorizationServer,
    headers: &HeaderMap,
    origin: Origin,
    now: Timestamp,
) -> Result<(Caller, TenantStore), Refusal> {
    let token = bearer(headers)?;
    let tenant = claimed_tenant(server, token).await?;
    let keys = server.keys(tenant.tenant).await.map_err(Refusal::Failed)?;
    let verified = verify(token, tenant.tenant, &keys, server.public_url(), now)
        .map_err(|_| Refusal::Invalid("The token is not a valid access token of this tenant."))?;
    if verified.is_exchange() || !is_directory(&verified.claims().aud, server.public_url(), &tenant.body) {
        return Err(Refusal::Invalid("The token is not meant for the directory API; ask for its .default scope."));
    }
    let client = verified.still_stands(server.store(), &tenant, now).await.map_err(ServerError::from)?;
    let client = client.ok_or(Refusal::Killed(tenant.tenant))?;
    let caller = Caller {
        tenant: tenant.tenant,
        object: client.object(),
        kind: client.kind(),
        app: client.app_id(),
        display_name: client.display_name().to_owned(),
        roles: roles(&verified),
        parent: client.parent().map(|parent| parent.blueprint.id.object()),
        origin,
    };
    Ok((caller, server.store().tenant(tenant.tenant)))
}

fn bearer(headers: &HeaderMap) -> Result<&str, Refusal> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return Err(Refusal::Missing) };
    let text = value.to_str().map_err(|_| Refusal::Missing)?;
    BearerToken::parse(text).map(BearerToken::reveal).map_err(|_| Refusal::Missing)
}

/// The tenant that the token says it is of: a hint for choosing the keys, believed once they verify it.
async fn claimed_tenant(server: &AuthorizationServer, token: &str) -> Result<Arc<Object<Tenant>>, Refusal> {
    #[derive(Deserialize)]
    struct Hint {
        tid: TenantId,
    }
    const UNKNOWN: Refusal = Refusal::Invalid("The token is not a valid access token of this deployment.");
    let payload = token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok()).ok_or(UNKNOWN)?;
    let hint: Hint = serde_json::from_slice(&payload).map_err(|_| UNKNOWN)?;
    let found = server.store().tenant(hint.tid).find(Tenant::id(hint.tid)).await.map_err(ServerError::from)?;
    found.ok_or(UNKNOWN)
}

fn roles(token: &VerifiedToken) -> std::collections::BTreeSet<String> {
    token.claims().roles.iter().cloned().collect()
}

/// The answer that tells a client how to come back. A killed token gets the claims challenge of continuous access
/// evaluation, on which Microsoft's SDKs ask for a new token by themselves.
fn challenge(url: &PublicUrl, refusal: Refusal, now: Timestamp) -> Unauthenticated {
    let failure = |code: &'static str, message: &str| Failure::new(Fault::Unauthenticated, code, message);
    let (failure, challenge) = match refusal {
        Refusal::Missing => {
            let message = "Send an access token for the directory API as Authorization: Bearer.";
            (failure("InvalidAuthenticationToken", message), BearerChallenge::default())
        }
        Refusal::Invalid(message) => (
            failure("InvalidAuthenticationToken", message),
            BearerChallenge {
                error: Some("invalid_token"),
                error_description: Some(message.to_owned()),
                ..BearerChallenge::default()
            },
        ),
        Refusal::Killed(tenant) => (
            failure(
                "TokenIssuedBeforeRevocationTimestamp",
                "What the token was issued under no longer stands; ask for a new one.",
            ),
            BearerChallenge {
                authorization_uri: Some(url.endpoint(tenant, "authorize")),
                error: Some("insufficient_claims"),
                claims: Some(claims_challenge(now)),
                ..BearerChallenge::default()
            },
        ),
        Refusal::Failed(failure) => (failure, BearerChallenge::default()),
    };
    let mut headers = HeaderMap::new();
    challenge.set(&mut headers);
    let value = headers.remove(header::WWW_AUTHENTICATE);
    Unauthenticated {
        failure,
        www_authenticate: value.and_then(|value| value.to_str().ok().map(str::to_owned)).unwrap_or_default(),
    }
}

fn claims_challenge(now: Timestamp) -> String {
    STANDARD.encode(format!(r#"{{"access_token":{{"nbf":{{"essential":true,"value":"{}"}}}}}}"#, now.seconds()))
}
