//! What a token is asked for.

use crate::client::{AgentClient, BlueprintClient, Client};
use crate::issuer::PublicUrl;
use crate::request::invalid;
use signet_directory::DIRECTORY_APP_ID;
use signet_kernel::AppId;
use signet_oauth::{ResourceScope, TokenError};
use signet_permissions::Resource;
use signet_store::{BackendError, Object, Store, TenantStore};
use signet_tenants::Tenant;

/// The name of the directory API that Microsoft's clients are built with.
const GRAPH: &str = "https://graph.microsoft.com";

/// What a token is asked for.
#[derive(Debug, Clone)]
pub enum Target {
    /// T1: a blueprint's word for one of its agents.
    AgentAssertion(Box<AgentClient>),
    /// A token that can only be handed back to the token endpoint: T2, or a T1 that names no agent.
    Exchange,
    /// Access to a resource.
    Resource {
        /// The resource.
        resource: Box<Resource>,
        /// The name it was asked for by, without the scope: v1 and RFC 9068 tokens carry it as `aud`.
        requested: String,
    },
}

impl Target {
    /// Finds what `client` asks for. The outer error is ours, the inner one the client's.
    pub async fn find(
        store: &Store,
        tenant: &Object<Tenant>,
        public_url: &PublicUrl,
        client: &Client,
        asked: Asked<'_>,
    ) -> Result<Result<Self, TokenError>, BackendError> {
        let scoped = store.tenant(tenant.tenant);
        match (asked.resource.is_token_exchange(), asked.fmi_path) {
            (true, Some(path)) => Self::agent_assertion(store, &scoped, client, path).await,
            (true, None) => Ok(Self::exchange(client, asked.resource)),
            (false, Some(_)) => {
                Ok(Err(invalid("fmi_path", "it goes with the scope api://AzureADTokenExchange/.default alone")))
            }
            (false, None) => Self::resource(&scoped, tenant, public_url, &asked.resource.resource).await,
        }
    }

    async fn agent_assertion(
        store: &Store,
        scoped: &TenantStore,
        client: &Client,
        path: &str,
    ) -> Result<Result<Self, TokenError>, BackendError> {
        let Client::Blueprint(blueprint) = client else {
            return Ok(Err(invalid("fmi_path", "only a blueprint speaks for an agent; leave the parameter out")));
        };
        let child = match path.parse::<AppId>() {
            Ok(app_id) => Client::find(store, scoped, app_id).await?.ok(),
            Err(_) => None,
        };
        Ok(match child {
            Some(Client::Agent(agent)) if is_child(&agent, blueprint) => Ok(Self::AgentAssertion(Box::new(agent))),
            _ => Err(invalid("fmi_path", "it names no agent identity of this blueprint")),
        })
    }

    fn exchange(client: &Client, asked: &ResourceScope) -> Result<Self, TokenError> {
        match client {
            Client::Blueprint(_) | Client::Agent(_) => Ok(Self::Exchange),
            Client::Application(_) => Err(TokenError::InvalidScope { scope: asked.to_string() }),
        }
    }

    async fn resource(
        scoped: &TenantStore,
        tenant: &Object<Tenant>,
        public_url: &PublicUrl,
        name: &str,
    ) -> Result<Result<Self, TokenError>, BackendError> {
        let found = if is_directory(name, public_url, &tenant.body) {
            Resource::find_by_app_id(scoped, DIRECTORY_APP_ID).await?
        } else if let Ok(app_id) = name.parse::<AppId>() {
            // The directory's own id is one of the aliases that a tenant can switch off.
            if app_id == DIRECTORY_APP_ID { None } else { Resource::find_by_app_id(scoped, app_id).await? }
        } else {
            Resource::find_by_identifier_uri(scoped, name).await?
        };
        Ok(match found {
            Some(resource) => Ok(Self::Resource { resource: Box::new(resource), requested: name.to_owned() }),
            None => Err(TokenError::ResourceNotFound { resource: name.to_owned(), tenant: tenant.tenant.to_string() }),
        })
    }
}

/// What the request names.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The resource of the scope.
    pub resource: &'a ResourceScope,
    /// The agent.
    pub fmi_path: Option<&'a str>,
}

/// Whether `name` is the directory API's own name, or an alias that the tenant accepts.
pub(crate) fn is_directory(name: &str, public_url: &PublicUrl, tenant: &Tenant) -> bool {
    let name = name.trim_end_matches('/');
    let alias =
        name.eq_ignore_ascii_case(GRAPH) || name.parse::<AppId>().is_ok_and(|app_id| app_id == DIRECTORY_APP_ID);
    name == public_url.as_str() || (alias && tenant.accept_graph_aliases)
}

fn is_child(agent: &AgentClient, blueprint: &BlueprintClient) -> bool {
    agent.parent.blueprint.id == blueprint.blueprint.id
}
