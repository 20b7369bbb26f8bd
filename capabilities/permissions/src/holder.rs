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

/// What an agent holds alone: own ∪ inherited, within the ceiling, without the blocked ones.
pub async fn roles_of_agent(
    store: &TenantStore,
    agent: &Object<AgentIdentity>,
    blueprint: &Object<Blueprint>,
    resource: &Resource,
) -> Result<Vec<EffectiveRole>, BackendError> {
    let own = assignments(store, agent.id.object()).await?;
    let passed_on = assignments(store, agent.body.principal).await?;
    let rules = store
        .all_by_index::<InheritablePermission>(
            InheritablePermission::BLUEPRINT,
            &IndexKey::uuid(blueprint.id.object().uuid()),
        )
        .await?;
    let own: Vec<_> = own.iter().map(|object| &object.body).collect();
    let passed_on: Vec<_> = passed_on.iter().map(|object| &object.body).collect();
    let rules: Vec<_> = rules.iter().map(|object| &object.body).collect();
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
