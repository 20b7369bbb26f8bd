//! The token request: an ordered list of steps, each needing what the one before it made.
//!
//! ```text
//! TokenRequest -> AuthenticatedClient -> Target -> Facts -> Permitted -> Unsigned -> recorded -> IssuedToken
//! ```
//!
//! The revocation counter is noted before anything is read. The record that lets the token out is refused if the
//! counter has moved since; then everything is read and decided again.

use crate::authenticate::{AuthenticatedClient, Setting, authenticate};
use crate::client::Client;
use crate::decide::{Facts, decide};
use crate::mint::{Circumstances, mint};
use crate::ops::record_sign_in::{Decided, NotRecorded, record_sign_in};
use crate::request::TokenRequest;
use crate::server::{AuthorizationServer, ServerError};
use crate::target::{Asked, Target};
use crate::trail::Trail;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use signet_kernel::{Failure, Origin, Revocation};
use signet_oauth::TokenError;
use signet_permissions::{Resource, is_assigned, roles_of_agent, roles_of_blueprint, roles_of_client};
use signet_store::{BackendError, TenantStore};
use signet_tenants::Tenant;
use std::time::Duration;

/// A token whose record is durable.
///
/// INVARIANT 2: made by [`issue_token`] alone, after the record was committed.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuedToken {
    /// The token.
    pub token: String,
    /// How long it lives.
    pub lifetime: Duration,
}

/// A token that nobody has seen yet.
struct Signed {
    token: String,
    uti: String,
    lifetime: Duration,
}

/// How often a request is decided again because a right was taken away meanwhile.
const ATTEMPTS: u32 = 16;

/// Answers a token request of the tenant that `segment` of the address names.
pub async fn issue_token(
    server: &AuthorizationServer,
    segment: &str,
    request: Result<&TokenRequest, TokenError>,
    origin: &Origin,
) -> Result<IssuedToken, TokenError> {
    for _ in 0..ATTEMPTS {
        let started = server.context().monotonic();
        let absent = || TokenError::TenantNotFound { tenant: segment.to_owned() };
        let named = Tenant::named(server.store(), segment).await.map_err(told)?.ok_or_else(absent)?;
        let store = server.store().tenant(named);
        // INVARIANT 1: noted before the first fact is read, the tenant's own switch included.
        let seen = store.revocation();
        let tenant = store.find(Tenant::id(named)).await.map_err(told)?.ok_or_else(absent)?;
        let (now, request_id) = (server.context().now(), origin.request_id);
        let setting = Setting { server, tenant: &tenant, store: &store, now, request: request_id };
        let mut trail = Trail::default();
        let attempt = match &request {
            Ok(request) => attempt(setting, request, seen, &mut trail).await,
            Err(error) => Err(error.clone().into()),
        };
        // Our own failures are recorded as what the caller is told of them.
        let attempt = attempt.map_err(ServerError::token_error);
        let decided = Decided {
            tenant: tenant.tenant,
            trail: &trail,
            result: attempt.as_ref().map(|signed| signed.uti.as_str()),
            seen,
            at: now,
            duration: server.context().monotonic().saturating_sub(started),
            origin,
        };
        match record_sign_in(server, decided).await {
            Ok(()) => return attempt.map(|signed| IssuedToken { token: signed.token, lifetime: signed.lifetime }),
            Err(NotRecorded::Moved) => {}
            Err(NotRecorded::Replayed) => return Err(refuse_replay(server, decided).await),
            Err(NotRecorded::Failed(failure)) => return Err(ServerError::Failed(failure).token_error()),
        }
    }
    Err(TokenError::TemporarilyUnavailable)
}

/// Records a request whose assertion another one used before, on whichever node; what it is told.
async fn refuse_replay(server: &AuthorizationServer, decided: Decided<'_>) -> TokenError {
    let app = decided.trail.app_id.map(|app| app.to_string()).unwrap_or_default();
    let refusal = TokenError::AssertionReplayed { app };
    match record_sign_in(server, Decided { result: Err(&refusal), ..decided }).await {
        Err(NotRecorded::Failed(failure)) => ServerError::Failed(failure).token_error(),
        Ok(()) | Err(NotRecorded::Moved | NotRecorded::Replayed) => refusal,
    }
}

/// What a caller is told when the directory cannot be read.
fn told(error: BackendError) -> TokenError {
    ServerError::from(error).token_error()
}

/// One pass through the steps.
async fn attempt(
    setting: Setting<'_>,
    request: &TokenRequest,
    seen: Revocation,
    trail: &mut Trail,
) -> Result<Signed, ServerError> {
    let Setting { server, tenant, store, .. } = setting;
    trail.requested = Some(request.resource.resource.clone());
    let authenticated = authenticate(setting, &request.client, trail).await?;
    let asked = Asked { resource: &request.resource, fmi_path: request.fmi_path.as_deref() };
    let target = Target::find(server.store(), tenant, server.public_url(), authenticated.client(), asked).await??;
    trail.target = Some(target.clone());
    if !server.is_issuing() {
        return Err(Failure::busy("issuing is off until the restore is confirmed").into());
    }
    let (roles, assigned) = rights(store, authenticated.client(), &target).await?;
    let tenant_enabled = tenant.body.enabled;
    let facts = Facts { tenant_enabled, client: authenticated.client(), target: &target, roles: &roles, assigned };
    sign(setting, &authenticated, facts, seen).await
}

async fn sign(
    setting: Setting<'_>,
    authenticated: &AuthenticatedClient,
    facts: Facts<'_>,
    seen: Revocation,
) -> Result<Signed, ServerError> {
    let permitted = decide(facts)?;
    let uti = URL_SAFE_NO_PAD.encode(setting.server.context().random::<16>());
    let unsigned = mint(
        permitted,
        Circumstances {
            public_url: setting.server.public_url(),
            tenant: setting.tenant.tenant,
            credential: authenticated.credential(),
            revocation: seen,
            now: setting.now,
            uti: &uti,
        },
    );
    let keys = setting.server.keys(setting.tenant.tenant).await?;
    let encoder = keys.encoder(unsigned.algorithm, unsigned.typ, setting.now)?;
    let token = encoder.encode(&unsigned.claims).map_err(Failure::bug)?;
    Ok(Signed { token, uti, lifetime: unsigned.lifetime })
}

/// The application permissions that the client holds for what it asks for, and whether it is assigned at all.
async fn rights(store: &TenantStore, client: &Client, target: &Target) -> Result<(Vec<String>, bool), BackendError> {
    let Target::Resource { resource, .. } = target else { return Ok((Vec::new(), true)) };
    let mut roles = roles(store, client, resource).await?;
    roles.sort();
    roles.dedup();
    let assigned = !resource.assignment_required || is_assigned(store, client.object(), resource).await?;
    Ok((roles, assigned))
}

async fn roles(store: &TenantStore, client: &Client, resource: &Resource) -> Result<Vec<String>, BackendError> {
    match client {
        Client::Application(client) => roles_of_client(store, client.principal.id.object(), resource).await,
        Client::Blueprint(client) => roles_of_blueprint(store, &client.principal, resource).await,
        Client::Agent(client) => {
            let held = roles_of_agent(store, &client.agent, &client.parent.blueprint, resource).await?;
            Ok(held.into_iter().map(|role| role.value).collect())
        }
    }
}
