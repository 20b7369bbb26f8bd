//! Widens or narrows what a blueprint passes on of one resource.

use super::add_inheritable_permission::load;
use crate::refusal::InheritanceRefused;
use crate::{InheritablePermission, InheritableRoles, InheritableScopes, trail};
use signet_blueprints::refuse_own_blueprint;
use signet_directory::body::not_found;
use signet_graph::Call;
use signet_kernel::{AppId, Failure, ObjectId};
use signet_store::{Id, Object, TenantStore, UnitOfWork};
use std::sync::Arc;

/// What shall be different; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InheritablePermissionChange {
    /// Accepted if it is the one it has.
    pub resource_app_id: Option<AppId>,
    /// Delegated permissions.
    pub scopes: Option<InheritableScopes>,
    /// Application permissions.
    pub roles: Option<InheritableRoles>,
}

/// Changes it. Tokens that agents hold carry the roles they inherited; if any of them may be gone, all are void.
pub async fn change_inheritable_permission(
    call: &Call,
    blueprint: ObjectId,
    id: ObjectId,
    change: InheritablePermissionChange,
) -> Result<(), Failure> {
    refuse_own_blueprint(&call.caller, blueprint)?;
    call.store.run(|| attempt(call, blueprint, id, &change)).await.map(drop)
}

async fn attempt(
    call: &Call,
    blueprint: ObjectId,
    id: ObjectId,
    change: &InheritablePermissionChange,
) -> Result<(UnitOfWork, ()), Failure> {
    let blueprint = load(&call.store, blueprint).await?;
    let rule = rule_of(&call.store, blueprint.id.object(), id).await?;
    if change.resource_app_id.is_some_and(|resource| resource != rule.body.resource_app_id) {
        return Err(InheritanceRefused::KeyIsFixed.into());
    }
    let mut body = rule.body.clone();
    if let Some(scopes) = &change.scopes {
        body.inheritable_scopes = scopes.clone();
    }
    if let Some(roles) = &change.roles {
        body.inheritable_roles = roles.clone();
    }

    let mut unit = call.store.unit();
    unit.update(&rule, &body);
    if rule.body.is_narrowed_by(&body) {
        unit.revoke(blueprint.id.object());
    }
    unit.audit(trail::inheritance(call, &blueprint, Some(&rule.body), Some(&body)).await?);
    Ok((unit, ()))
}

/// The rule `id` of this blueprint.
pub(super) async fn rule_of(
    store: &TenantStore,
    blueprint: ObjectId,
    id: ObjectId,
) -> Result<Arc<Object<InheritablePermission>>, Failure> {
    let found = store.find(Id::<InheritablePermission>::of(id)).await?;
    found.filter(|rule| rule.body.blueprint == blueprint).ok_or_else(|| not_found(id))
}
