//! The application permissions that a principal holds for a resource, read through the store's cache.

use crate::catalogue::CREATE_AS_MANAGER;
use crate::{AppRoleAssignment, EffectiveRole, InheritablePermission, Resource, effective};
use signet_agents::AgentIdentity;
use signet_blueprints::{Blueprint, BlueprintPrincipal};
use signet_kernel::ObjectId;
use signet_store::{BackendError, IndexKey, Object, TenantStore};
use std::sync::Arc;

async fn assignments(
    store: &TenantStore,
    principal: ObjectId,
) -> Result<Arc<Vec<Object<AppRoleAssignment>>>, BackendError> {
    store.all_by_index(AppRoleAssignment::PRINCIPAL, &IndexKey::uuid(principal.uuid())).await
}

/// All that bears on what an agent holds alone.
pub(crate) struct Held {
    own: Arc<Vec<Object<AppRoleAssignment>>>,
    passed_on: Arc<Vec<Object<AppRoleAssignment>>>,
    rules: Arc<Vec<Object<InheritablePermission>>>,
}

type Bodies<'a> = (Vec<&'a AppRoleAssignment>, Vec<&'a AppRoleAssignment>, Vec<&'a InheritablePermission>);

impl Held {
    /// The agent's own assignments, its blueprint principal's, and what the blueprint passes on.
    pub(crate) fn bodies(&self) -> Bodies<'_> {
        (bodies(&self.own), bodies(&self.passed_on), bodies(&self.rules))
    }

    /// The id of an assignment that is one of these.
    pub(crate) fn id_of(&self, assignment: &AppRoleAssignment) -> Option<ObjectId> {
        let all = self.own.iter().chain(self.passed_on.iter());
        all.filter(|object| object.body == *assignment).map(|object| object.id.object()).next()
    }
}

fn bodies<K>(objects: &[Object<K>]) -> Vec<&K> {
    objects.iter().map(|object| &object.body).collect()
}

pub(crate) async fn held_by_agent(
    store: &TenantStore,
    agent: &Object<AgentIdentity>,
    blueprint: &Object<Blueprint>,
) -> Result<Held, BackendError> {
    let rules_of = IndexKey::uuid(blueprint.id.object().uuid());
    Ok(Held {
        own: assignments(store, agent.id.object()).await?,
        passed_on: assignments(store, agent.body.principal).await?,
        rules: store.all_by_index(InheritablePermission::BLUEPRINT, &rules_of).await?,
    })
}

/// What an agent holds alone: own ∪ inherited, within the ceiling, without the blocked ones.
pub async fn roles_of_agent(
    store: &TenantStore,
    agent: &Object<AgentIdentity>,
    blueprint: &Object<Blueprint>,
    resource: &Resource,
) -> Result<Vec<EffectiveRole>, BackendError> {
    let held = held_by_agent(store, agent, blueprint).await?;
    let (own, passed_on, rules) = held.bodies();
    let ceiling = blueprint.body.permission_ceiling.as_deref();
    Ok(effective(resource.resource_roles(), &own, &passed_on, &rules, ceiling))
}

/// What an ordinary service principal holds: its own assignments.
pub async fn roles_of_client(
    store: &TenantStore,
    principal: ObjectId,
    resource: &Resource,
) -> Result<Vec<String>, BackendError> {
    let assignments = assignments(store, principal).await?;
    let assigned = |assignment: &Object<AppRoleAssignment>| {
        let named = assignment.body.resource_id == resource.id;
        let role = resource.roles().iter().find(|role| role.id == assignment.body.app_role_id && role.is_enabled)?;
        if named { role.value.clone() } else { None }
    };
    Ok(assignments.iter().filter_map(assigned).collect())
}

/// What a blueprint's own principal holds: its assignments, and the right to create its own agents, which comes
/// with being one and cannot be taken away.
pub async fn roles_of_blueprint(
    store: &TenantStore,
    principal: &Object<BlueprintPrincipal>,
    resource: &Resource,
) -> Result<Vec<String>, BackendError> {
    let mut roles = roles_of_client(store, principal.id.object(), resource).await?;
    if resource.is_directory() {
        roles.push(CREATE_AS_MANAGER.to_owned());
    }
    Ok(roles)
}

/// Whether a principal has any assignment to the resource, even of default access.
pub async fn is_assigned(store: &TenantStore, principal: ObjectId, resource: &Resource) -> Result<bool, BackendError> {
    Ok(assignments(store, principal).await?.iter().any(|assignment| assignment.body.resource_id == resource.id))
}
