//! Lets a blueprint's agents inherit permissions of one more resource.

use crate::refusal::InheritanceRefused;
use crate::{InheritablePermission, InheritableRoles, InheritableScopes, trail};
use signet_blueprints::{Blueprint, refuse_own_blueprint};
use signet_directory::body::not_found;
use signet_graph::Call;
use signet_kernel::{AppId, Failure, ObjectId};
use signet_store::{Id, IndexKey, Object, TenantStore, UnitOfWork};
use std::sync::Arc;

/// What shall be passed on of one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewInheritablePermission {
    /// The resource's client id; it need not have a service principal yet.
    pub resource_app_id: AppId,
    /// Delegated permissions.
    pub scopes: InheritableScopes,
    /// Application permissions.
    pub roles: InheritableRoles,
}

/// Adds it.
pub async fn add_inheritable_permission(
    call: &Call,
    blueprint: ObjectId,
    new: NewInheritablePermission,
) -> Result<ObjectId, Failure> {
    refuse_own_blueprint(&call.caller, blueprint)?;
    call.store.run(|| attempt(call, blueprint, &new)).await.map(|(id, _)| id)
}

async fn attempt(
    call: &Call,
    blueprint: ObjectId,
    new: &NewInheritablePermission,
) -> Result<(UnitOfWork, ObjectId), Failure> {
    let blueprint = load(&call.store, blueprint).await?;
    let rules = rules_of(&call.store, blueprint.id.object()).await?;
    if rules.iter().any(|rule| rule.body.resource_app_id == new.resource_app_id) {
        return Err(InheritanceRefused::Exists(new.resource_app_id).into());
    }
    if rules.len() >= InheritablePermission::MOST_PER_BLUEPRINT {
        return Err(InheritanceRefused::TooMany.into());
    }

    let id = call.store.context().new_object_id();
    let body = InheritablePermission {
        blueprint: blueprint.id.object(),
        resource_app_id: new.resource_app_id,
        inheritable_scopes: new.scopes.clone(),
        inheritable_roles: new.roles.clone(),
        other: serde_json::Map::new(),
    };
    let mut unit = call.store.unit();
    // WHY: the blueprint is written too, so that two additions at once cannot both be the last one allowed.
    unit.update(&blueprint, &blueprint.body).create(Id::of(id), &body);
    unit.audit(trail::inheritance(call, &blueprint, None, Some(&body)).await?);
    Ok((unit, id))
}

/// The blueprint a rule hangs off.
pub(super) async fn load(store: &TenantStore, id: ObjectId) -> Result<Arc<Object<Blueprint>>, Failure> {
    store.find(Id::<Blueprint>::of(id)).await?.ok_or_else(|| not_found(id))
}

async fn rules_of(
    store: &TenantStore,
    blueprint: ObjectId,
) -> Result<Arc<Vec<Object<InheritablePermission>>>, Failure> {
    Ok(store.all_by_index(InheritablePermission::BLUEPRINT, &IndexKey::uuid(blueprint.uuid())).await?)
}
