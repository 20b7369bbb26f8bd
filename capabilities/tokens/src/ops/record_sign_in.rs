//! The step before the answer: the record of a request, durable, and refused if a right was taken away meanwhile.

use crate::client::Client;
use crate::credential::Credential;
use crate::server::AuthorizationServer;
use crate::target::Target;
use crate::trail::Trail;
use signet_directory::responsibility::SPONSORS;
use signet_kernel::{Failure, ObjectId, Origin, Revocation, TenantId, Timestamp};
use signet_logs::audit::AgentType;
use signet_logs::{SignIn, SignInBlueprint, SignInClient, SignInCredential, SignInOutcome, SignInResource};
use signet_oauth::{ResourceScope, TokenError};
use signet_record::{AppendError, Guard};
use signet_store::BackendError;
use std::time::Duration;

/// A request that has been decided.
#[derive(Clone, Copy)]
pub(crate) struct Decided<'a> {
    pub(crate) tenant: TenantId,
    pub(crate) trail: &'a Trail,
    /// The token's id, or the refusal.
    pub(crate) result: Result<&'a str, &'a TokenError>,
    /// The counter that the decision saw.
    pub(crate) seen: Revocation,
    pub(crate) at: Timestamp,
    pub(crate) duration: Duration,
    pub(crate) origin: &'a Origin,
}

/// Why a request has to be decided again, or cannot be answered.
pub(crate) enum NotRecorded {
    /// A right was taken away since the decision.
    Moved,
    /// The assertion is good for one request, and another one used it.
    Replayed,
    /// The record cannot be written.
    Failed(Failure),
}

impl From<BackendError> for NotRecorded {
    fn from(error: BackendError) -> Self {
        Self::Failed(error.into())
    }
}

/// Records a request. When it returns, the record is durable; a flood of requests refused before their client was
/// authenticated is counted instead.
///
/// A refusal takes no right from anybody and needs no guard.
pub(crate) async fn record_sign_in(server: &AuthorizationServer, decided: Decided<'_>) -> Result<(), NotRecorded> {
    if let Err(error) = decided.result
        && decided.trail.credential.is_none()
        && !server.records_refusal(decided.tenant, error, decided.origin)
    {
        return Ok(());
    }
    let sponsors = sponsors(server, decided.tenant, decided.trail.client.as_ref()).await?;
    let reason = decided.result.err().map(ToString::to_string).unwrap_or_default();
    let resource_id = resource_identity(decided.trail);
    let sign_in = SignIn {
        tenant: decided.tenant,
        id: decided.origin.request_id,
        at: decided.at,
        duration: decided.duration,
        origin: decided.origin,
        app_id: decided.trail.app_id,
        client: decided.trail.client.as_ref().map(|client| described(client, &sponsors)),
        credential: decided.trail.credential.as_ref().map(credential),
        resource: resource_id.as_deref().map(|identity| resource(decided.trail, identity)),
        outcome: match decided.result {
            Ok(token) => SignInOutcome::Granted { token },
            Err(error) => SignInOutcome::Refused { code: error.number(), reason: &reason },
        },
        revocation: decided.seen,
    };
    // What is refused uses its assertion up too; only that of a replay does not.
    let once = decided.trail.credential.as_ref().and_then(|credential| credential.once);
    let once = once.filter(|_| !matches!(decided.result, Err(TokenError::AssertionReplayed { .. })));
    let entry = sign_in.to_entry(server.context()).using(once);
    let guard = decided.result.ok().map(|_| Guard { tenant: decided.tenant, seen: decided.seen });
    match server.record().append(entry, guard).await {
        Ok(_) => Ok(()),
        Err(AppendError::Moved) => Err(NotRecorded::Moved),
        Err(AppendError::Used) => Err(NotRecorded::Replayed),
        Err(error) => Err(NotRecorded::Failed(error.into())),
    }
}

/// INVARIANT 4: who answered for the agent at that time; for an application nobody has to.
async fn sponsors(
    server: &AuthorizationServer,
    tenant: TenantId,
    client: Option<&Client>,
) -> Result<Vec<ObjectId>, BackendError> {
    let thing = match client {
        Some(Client::Agent(client)) => client.agent.id.object(),
        Some(Client::Blueprint(client)) => client.blueprint.id.object(),
        Some(Client::Application(_)) | None => return Ok(Vec::new()),
    };
    let links = server.store().tenant(tenant).links_from(thing, SPONSORS).await?;
    Ok(links.links.iter().map(|link| link.target).collect())
}

fn described<'a>(client: &'a Client, sponsors: &'a [ObjectId]) -> SignInClient<'a> {
    SignInClient {
        service_principal: client.object(),
        display_name: client.display_name(),
        agent: match client {
            Client::Application(_) => AgentType::NotAgentic,
            Client::Blueprint(_) => AgentType::AgentIdentityBlueprintPrincipal,
            Client::Agent(_) => AgentType::AgenticAppInstance,
        },
        blueprint: client.parent().map(|parent| SignInBlueprint {
            id: parent.blueprint.id.object(),
            app_id: parent.blueprint.body.application.app_id,
        }),
        sponsors,
    }
}

fn credential(credential: &Credential) -> SignInCredential<'_> {
    SignInCredential { kind: credential.kind.name(), id: credential.id, thumbprint: credential.thumbprint.as_deref() }
}

/// The client id of the resource once it was found, else the name it was asked for by.
fn resource_identity(trail: &Trail) -> Option<String> {
    match &trail.target {
        Some(Target::Resource { resource, .. }) => Some(resource.app_id.to_string()),
        Some(Target::AgentAssertion(_) | Target::Exchange) => Some(ResourceScope::TOKEN_EXCHANGE_APP_ID.to_owned()),
        None => trail.requested.clone(),
    }
}

fn resource<'a>(trail: &'a Trail, identity: &'a str) -> SignInResource<'a> {
    let (display_name, service_principal, agent) = match &trail.target {
        Some(Target::Resource { resource, .. }) => (Some(resource.display_name.as_str()), Some(resource.id), None),
        Some(Target::AgentAssertion(agent)) => (None, None, Some(agent.agent.id.object())),
        Some(Target::Exchange) | None => (None, None, None),
    };
    SignInResource { identity, display_name, service_principal, agent }
}
