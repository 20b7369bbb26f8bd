//! A client as the directory knows it: one object, or the chain that an agent hangs off.

use signet_agents::AgentIdentity;
use signet_blueprints::{Blueprint, BlueprintPrincipal};
use signet_credentials::{FederatedIdentityCredential, Holder, KeyCredential, PasswordCredential};
use signet_directory::{Application, ServicePrincipal};
use signet_kernel::{AppId, ObjectId, Revocation, Timestamp};
use signet_store::{BackendError, Id, IndexKey, Kind, Object, Store, TenantStore};
use std::sync::Arc;
use uuid::Uuid;

/// An application and its service principal.
#[derive(Debug, Clone)]
pub struct ApplicationClient {
    /// The definition.
    pub application: Arc<Object<Application>>,
    /// Its presence in the tenant.
    pub principal: Arc<Object<ServicePrincipal>>,
}

/// A blueprint and its principal.
#[derive(Debug, Clone)]
pub struct BlueprintClient {
    /// The definition.
    pub blueprint: Arc<Object<Blueprint>>,
    /// Its presence in the tenant.
    pub principal: Arc<Object<BlueprintPrincipal>>,
}

/// An agent identity with what it hangs off.
#[derive(Debug, Clone)]
pub struct AgentClient {
    /// The agent.
    pub agent: Arc<Object<AgentIdentity>>,
    /// Its blueprint.
    pub parent: BlueprintClient,
}

/// A client of the tenant.
#[derive(Debug, Clone)]
pub enum Client {
    /// An ordinary application.
    Application(ApplicationClient),
    /// A blueprint.
    Blueprint(BlueprintClient),
    /// An agent identity.
    Agent(AgentClient),
}

/// Why there is no such client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// No application, blueprint or agent of the tenant has this client id.
    Unknown,
    /// There is one, but its principal, or a link of its chain, does not exist here or is deleted.
    NoPrincipal,
}

impl Client {
    /// The client with this id, or why there is none.
    pub async fn find(
        store: &Store,
        tenant: &TenantStore,
        app_id: AppId,
    ) -> Result<Result<Self, Absent>, BackendError> {
        let key = IndexKey::uuid(app_id.uuid());
        // Most clients are agents, and an agent's client id is its object id: no key of theirs has to be remembered.
        if !store.remembers_global_key(Application::APP_ID, &key)
            && let Some(agent) = tenant.find_any(Id::<AgentIdentity>::of(ObjectId::from_uuid(app_id.uuid()))).await?
        {
            return Self::agent(tenant, agent).await;
        }
        let owner = store.find_global_key(Application::APP_ID, &key).await?;
        // INVARIANT 11: a client of another tenant is as unknown as one that never was.
        let Some(owner) = owner.filter(|owner| owner.tenant == tenant.id()) else { return Ok(Err(Absent::Unknown)) };
        if let Some(application) = tenant.find_any(Id::<Application>::of(owner.id)).await? {
            return Self::application(tenant, application).await;
        }
        if let Some(blueprint) = tenant.find_any(Id::<Blueprint>::of(owner.id)).await? {
            return Ok(Self::blueprint(tenant, blueprint).await?.map(Self::Blueprint));
        }
        match tenant.find_any(Id::<AgentIdentity>::of(owner.id)).await? {
            Some(agent) => Self::agent(tenant, agent).await,
            None => Ok(Err(Absent::Unknown)),
        }
    }

    async fn application(
        tenant: &TenantStore,
        application: Arc<Object<Application>>,
    ) -> Result<Result<Self, Absent>, BackendError> {
        if application.deleted.is_some() {
            return Ok(Err(Absent::Unknown));
        }
        let principal = principal::<ServicePrincipal>(tenant, application.body.app_id).await?;
        Ok(principal
            .map(|principal| Self::Application(ApplicationClient { application, principal }))
            .ok_or(Absent::NoPrincipal))
    }

    async fn blueprint(
        tenant: &TenantStore,
        blueprint: Arc<Object<Blueprint>>,
    ) -> Result<Result<BlueprintClient, Absent>, BackendError> {
        if blueprint.deleted.is_some() {
            return Ok(Err(Absent::Unknown));
        }
        let principal = principal::<BlueprintPrincipal>(tenant, blueprint.body.application.app_id).await?;
        Ok(principal.map(|principal| BlueprintClient { blueprint, principal }).ok_or(Absent::NoPrincipal))
    }

    async fn agent(
        tenant: &TenantStore,
        agent: Arc<Object<AgentIdentity>>,
    ) -> Result<Result<Self, Absent>, BackendError> {
        if agent.deleted.is_some() {
            return Ok(Err(Absent::Unknown));
        }
        let Some(principal) = tenant.find(Id::<BlueprintPrincipal>::of(agent.body.principal)).await? else {
            return Ok(Err(Absent::NoPrincipal));
        };
        let Some(blueprint) = tenant.find(Id::<Blueprint>::of(principal.body.blueprint)).await? else {
            return Ok(Err(Absent::NoPrincipal));
        };
        let parent = BlueprintClient { blueprint, principal };
        Ok(Ok(Self::Agent(AgentClient { agent, parent })))
    }

    /// The client id.
    pub fn app_id(&self) -> AppId {
        match self {
            Self::Application(client) => client.application.body.app_id,
            Self::Blueprint(client) => client.blueprint.body.application.app_id,
            Self::Agent(client) => client.agent.body.app_id,
        }
    }

    /// The object that acts: a service principal of some type.
    pub fn object(&self) -> ObjectId {
        match self {
            Self::Application(client) => client.principal.id.object(),
            Self::Blueprint(client) => client.principal.id.object(),
            Self::Agent(client) => client.agent.id.object(),
        }
    }

    /// The kind of that object.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Application(_) => ServicePrincipal::NAME,
            Self::Blueprint(_) => BlueprintPrincipal::NAME,
            Self::Agent(_) => AgentIdentity::NAME,
        }
    }

    /// What people call it.
    pub fn display_name(&self) -> &str {
        match self {
            Self::Application(client) => &client.application.body.display_name,
            Self::Blueprint(client) => &client.blueprint.body.application.display_name,
            Self::Agent(client) => &client.agent.body.display_name,
        }
    }

    /// The blueprint that the client is, or is stamped from.
    pub fn parent(&self) -> Option<&BlueprintClient> {
        match self {
            Self::Application(_) => None,
            Self::Blueprint(client) => Some(client),
            Self::Agent(client) => Some(&client.parent),
        }
    }

    /// Which link of the chain is switched off, if any: the whole of "may it act", derived when asked.
    pub fn disabled(&self) -> Option<&'static str> {
        match self {
            Self::Application(client) if client.application.body.is_disabled => Some("application"),
            Self::Application(client) if !client.principal.body.account_enabled => Some("service principal"),
            Self::Application(_) => None,
            Self::Blueprint(client) => client.disabled(),
            Self::Agent(client) if !client.agent.body.account_enabled => Some("agent identity"),
            Self::Agent(client) => client.parent.disabled(),
        }
    }

    /// What was issued to the client before this is void.
    pub fn revoked(&self) -> Revocation {
        match self {
            Self::Application(client) => client.application.revoked.max(client.principal.revoked),
            Self::Blueprint(client) => client.revoked(),
            Self::Agent(client) => client.agent.revoked.max(client.parent.revoked()),
        }
    }

    /// The secrets and certificates it authenticates with; none for an agent.
    pub fn credentials(&self) -> Option<Credentials<'_>> {
        match self {
            Self::Application(client) => Some(Credentials::of(&*client.application)),
            Self::Blueprint(client) => Some(Credentials::of(&*client.blueprint)),
            Self::Agent(_) => None,
        }
    }

    /// Whether the credential that a token came from is still held, by the client or by its blueprint. A federated
    /// credential that trusts somebody else since is not the one that the token came from.
    pub async fn still_holds(
        &self,
        tenant: &TenantStore,
        (credential, issued): (Uuid, Revocation),
        now: Timestamp,
    ) -> Result<bool, BackendError> {
        let (holder, held) = match self {
            Self::Application(client) => {
                (client.application.id.object(), client.application.body.holds_current(credential, now))
            }
            Self::Blueprint(client) => client.holds_current(credential, now),
            Self::Agent(client) => client.parent.holds_current(credential, now),
        };
        if held {
            return Ok(true);
        }
        let federated = tenant.find(Id::<FederatedIdentityCredential>::of(ObjectId::from_uuid(credential))).await?;
        Ok(federated.is_some_and(|federated| federated.body.holder == holder && issued >= federated.revoked))
    }
}

impl BlueprintClient {
    fn disabled(&self) -> Option<&'static str> {
        if self.blueprint.body.application.is_disabled {
            return Some("blueprint");
        }
        if self.principal.body.account_enabled { None } else { Some("blueprint principal") }
    }

    fn revoked(&self) -> Revocation {
        self.blueprint.revoked.max(self.principal.revoked)
    }

    fn holds_current(&self, credential: Uuid, now: Timestamp) -> (ObjectId, bool) {
        (self.blueprint.id.object(), self.blueprint.body.holds_current(credential, now))
    }
}

/// What a holder authenticates with.
#[derive(Debug, Clone, Copy)]
pub struct Credentials<'a> {
    /// The holder's object.
    pub holder: ObjectId,
    /// Its version: what is derived from the credentials may be kept under it.
    pub version: u64,
    /// Secrets.
    pub passwords: &'a [PasswordCredential],
    /// Certificates.
    pub certificates: &'a [KeyCredential],
}

impl<'a> Credentials<'a> {
    fn of<H: Holder>(holder: &'a Object<H>) -> Self {
        Self {
            holder: holder.id.object(),
            version: holder.version,
            passwords: holder.body.passwords(),
            certificates: holder.body.certificates(),
        }
    }
}

/// The living principal of kind `K` with this client id.
async fn principal<K: Kind>(tenant: &TenantStore, app_id: AppId) -> Result<Option<Arc<Object<K>>>, BackendError> {
    match tenant.find_key(ServicePrincipal::APP_ID, &IndexKey::uuid(app_id.uuid())).await? {
        Some(id) => tenant.find(Id::<K>::of(id)).await,
        None => Ok(None),
    }
}
