//! A service principal seen as a resource: what tokens are issued for.

use crate::catalogue::directory_roles;
use crate::delegated_catalogue::directory_scopes;
use crate::effective::ResourceRoles;
use crate::scopes::ResourceScopes;
use signet_agents::AgentIdentity;
use signet_blueprints::{Blueprint, BlueprintPrincipal};
use signet_directory::{AppRole, Application, DIRECTORY_APP_ID, PermissionScope, ServicePrincipal};
use signet_kernel::{AppId, ObjectId, Revocation};
use signet_store::{BackendError, Id, IndexKey, Kind, Object, TenantStore};
use std::sync::Arc;

/// Where a resource's definition lies.
#[derive(Debug, Clone)]
enum Definition {
    /// The directory API, defined by the program.
    Directory,
    Application(Arc<Object<Application>>),
    Blueprint(Arc<Object<Blueprint>>),
    /// An agent identity: can be called, defines no role.
    Agent,
}

/// A resource, with its definition read through.
#[derive(Debug, Clone)]
pub struct Resource {
    /// The service principal's object id.
    pub id: ObjectId,
    /// Client id.
    pub app_id: AppId,
    /// What people call it.
    pub display_name: String,
    /// Whether tokens are issued for it.
    pub enabled: bool,
    /// Whether only assigned principals get tokens for it.
    pub assignment_required: bool,
    /// What was issued for it before this is void.
    pub revoked: Revocation,
    definition: Definition,
}

impl Resource {
    /// The living service principal with this object id, of any type.
    pub async fn find(store: &TenantStore, id: ObjectId) -> Result<Option<Self>, BackendError> {
        if let Some(found) = store.find(Id::<ServicePrincipal>::of(id)).await? {
            return Self::of_service_principal(store, &found).await;
        }
        if let Some(found) = store.find(Id::<BlueprintPrincipal>::of(id)).await? {
            return Self::of_blueprint_principal(store, &found).await;
        }
        match store.find(Id::<AgentIdentity>::of(id)).await? {
            Some(found) => Self::of_agent(store, &found).await,
            None => Ok(None),
        }
    }

    /// The living service principal with this client id, of any type.
    pub async fn find_by_app_id(store: &TenantStore, app_id: AppId) -> Result<Option<Self>, BackendError> {
        match store.find_key(ServicePrincipal::APP_ID, &IndexKey::uuid(app_id.uuid())).await? {
            Some(id) => Self::find(store, id).await,
            None => Ok(None),
        }
    }

    /// The living service principal of the application that goes by `uri`.
    pub async fn find_by_identifier_uri(store: &TenantStore, uri: &str) -> Result<Option<Self>, BackendError> {
        let Some(id) = store.find_key(Application::IDENTIFIER_URI, &IndexKey::text(uri)).await? else {
            return Ok(None);
        };
        let app_id = match store.find(Id::<Application>::of(id)).await? {
            Some(application) => Some(application.body.app_id),
            None => store.find(Id::<Blueprint>::of(id)).await?.map(|blueprint| blueprint.body.application.app_id),
        };
        match app_id {
            Some(app_id) => Self::find_by_app_id(store, app_id).await,
            None => Ok(None),
        }
    }

    async fn of_service_principal(
        store: &TenantStore,
        found: &Object<ServicePrincipal>,
    ) -> Result<Option<Self>, BackendError> {
        let principal = &found.body;
        let definition = match principal.application {
            None if principal.app_id == DIRECTORY_APP_ID => Definition::Directory,
            None => return Ok(None),
            Some(application) => match store.find(Id::<Application>::of(application)).await? {
                Some(application) => Definition::Application(application),
                None => return Ok(None),
            },
        };
        let off = matches!(&definition, Definition::Application(application) if application.body.is_disabled);
        Ok(Some(Self {
            id: found.id.object(),
            app_id: principal.app_id,
            display_name: principal.display_name.clone(),
            enabled: principal.account_enabled && !off,
            assignment_required: principal.app_role_assignment_required,
            revoked: found.revoked,
            definition,
        }))
    }

    async fn of_blueprint_principal(
        store: &TenantStore,
        found: &Object<BlueprintPrincipal>,
    ) -> Result<Option<Self>, BackendError> {
        let principal = &found.body;
        let Some(blueprint) = store.find(Id::<Blueprint>::of(principal.blueprint)).await? else { return Ok(None) };
        Ok(Some(Self {
            id: found.id.object(),
            app_id: principal.app_id,
            display_name: principal.display_name.clone(),
            enabled: principal.account_enabled && !blueprint.body.application.is_disabled,
            assignment_required: principal.app_role_assignment_required,
            revoked: found.revoked.max(blueprint.revoked),
            definition: Definition::Blueprint(blueprint),
        }))
    }

    /// An agent identity is on while everything above it is.
    async fn of_agent(store: &TenantStore, found: &Object<AgentIdentity>) -> Result<Option<Self>, BackendError> {
        let agent = &found.body;
        let Some(principal) = store.find(Id::<BlueprintPrincipal>::of(agent.principal)).await? else {
            return Ok(None);
        };
        let Some(above) = Self::of_blueprint_principal(store, &principal).await? else { return Ok(None) };
        Ok(Some(Self {
            id: found.id.object(),
            app_id: agent.app_id,
            display_name: agent.display_name.clone(),
            enabled: agent.account_enabled && above.enabled,
            assignment_required: agent.app_role_assignment_required,
            revoked: found.revoked.max(above.revoked),
            definition: Definition::Agent,
        }))
    }

    /// The application or blueprint that defines it, if it has one.
    pub fn application(&self) -> Option<&Application> {
        match &self.definition {
            Definition::Application(application) => Some(&application.body),
            Definition::Blueprint(blueprint) => Some(&blueprint.body.application),
            Definition::Directory | Definition::Agent => None,
        }
    }

    /// The kind of its service principal.
    pub fn kind(&self) -> &'static str {
        match self.definition {
            Definition::Directory | Definition::Application(_) => ServicePrincipal::NAME,
            Definition::Blueprint(_) => BlueprintPrincipal::NAME,
            Definition::Agent => AgentIdentity::NAME,
        }
    }

    /// Whether this is the directory API.
    pub fn is_directory(&self) -> bool {
        matches!(self.definition, Definition::Directory)
    }

    /// The roles it defines.
    pub fn roles(&self) -> &[AppRole] {
        match &self.definition {
            Definition::Directory => directory_roles(),
            _ => self.application().map_or(&[], |application| &application.app_roles),
        }
    }

    /// The roles with the names by which assignments and rules know the resource.
    pub fn resource_roles(&self) -> ResourceRoles<'_> {
        ResourceRoles { id: self.id, app_id: self.app_id, roles: self.roles() }
    }

    /// The delegated permissions it defines.
    pub fn scopes(&self) -> &[PermissionScope] {
        match &self.definition {
            Definition::Directory => directory_scopes(),
            _ => self.application().map_or(&[], |application| &application.api.oauth2_permission_scopes),
        }
    }

    /// The scopes with the names by which grants and rules know the resource.
    pub fn resource_scopes(&self) -> ResourceScopes<'_> {
        ResourceScopes { id: self.id, app_id: self.app_id, scopes: self.scopes() }
    }

    /// The kinds that can be a resource.
    pub const KINDS: [&'static str; 3] = [ServicePrincipal::NAME, BlueprintPrincipal::NAME, AgentIdentity::NAME];
}
