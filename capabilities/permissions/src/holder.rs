//! The permissions that a principal holds for a resource, read through the store's cache.

use crate::catalogue::CREATE_AS_MANAGER;
use crate::{
    AppRoleAssignment, DelegatedGrant, EffectiveRole, EffectiveScope, InheritablePermission, Resource, effective,
    effective_scopes,
};
use signet_agents::AgentIdentity;
use signet_blueprints::{Blueprint, BlueprintPrincipal};
use signet_kernel::ObjectId;
use signet_store::{BackendError, IndexKey, Object, TenantStore};
use std::sync::Arc;

/// What a principal is assigned.
pub(crate) async fn assignments(
    store: &TenantStore,
    principal: ObjectId,
) -> Result<Arc<Vec<Object<AppRoleAssignment>>>, BackendError> {
    store.all_by_index(AppRoleAssignment::PRINCIPAL, &IndexKey::uuid(principal.uuid())).await
}

/// What a client may use for people.
pub(crate) async fn grants(
    store: &TenantStore,
    client: ObjectId,
) -> Result<Arc<Vec<Object<DelegatedGrant>>>, BackendError> {
    store.all_by_index(DelegatedGrant::CLIENT, &IndexKey::uuid(client.uuid())).await
}

/// What a blueprint passes on.
pub(crate) async fn rules(
    store: &TenantStore,
    blueprint: ObjectId,
) -> Result<Arc<Vec<Object<InheritablePermission>>>, BackendError> {
    store.all_by_index(InheritablePermission::BLUEPRINT, &IndexKey::uuid(blueprint.uuid())).await
}

pub(crate) fn bodies<K>(objects: &[Object<K>]) -> Vec<&K> {
    objects.iter().map(|object| &object.body).collect()
}

/// What an agent holds alone: own ∪ inherited, within the ceiling, without the blocked ones.
pub async fn roles_of_agent(
    store: &TenantStore,
    agent: &Object<AgentIdentity>,
    blueprint: &Object<Blueprint>,
    resource: &Resource,
) -> Result<Vec<EffectiveRole>, BackendError> {
    let own = assignments(store, agent.id.object()).await?;
    let passed_on = assignments(store, agent.body.principal).await?;
    let rules = rules(store, blueprint.id.object()).await?;
    let ceiling = blueprint.body.permission_ceiling.as_deref();
    Ok(effective(resource.resource_roles(), &bodies(&own), &bodies(&passed_on), &bodies(&rules), ceiling))
}

/// What an agent holds when it acts for `user`: own ∪ inherited, within the ceiling, without the blocked ones.
pub async fn scopes_of_agent(
    store: &TenantStore,
    agent: &Object<AgentIdentity>,
    blueprint: &Object<Blueprint>,
    resource: &Resource,
    user: ObjectId,
) -> Result<Vec<EffectiveScope>, BackendError> {
    let own = grants(store, agent.id.object()).await?;
    let passed_on = grants(store, agent.body.principal).await?;
    let rules = rules(store, blueprint.id.object()).await?;
    let ceiling = blueprint.body.permission_ceiling.as_deref();
    let (own, passed_on, rules) = (bodies(&own), bodies(&passed_on), bodies(&rules));
    Ok(effective_scopes(resource.resource_scopes(), user, &own, &passed_on, &rules, ceiling))
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
