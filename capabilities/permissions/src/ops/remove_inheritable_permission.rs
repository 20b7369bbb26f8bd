//! Stops a blueprint from passing on permissions of one resource.

use super::add_inheritable_permission::load;
use super::change_inheritable_permission::rule_of;
use crate::trail;
use signet_blueprints::refuse_to_govern_itself;
use signet_kernel::{Caller, Failure, ObjectId};
use signet_store::{TenantStore, UnitOfWork};

/// Removes it, and voids the tokens that were issued under it.
pub async fn remove_inheritable_permission(
    store: &TenantStore,
    caller: &Caller,
    blueprint: ObjectId,
    id: ObjectId,
) -> Result<(), Failure> {
    refuse_to_govern_itself(caller, blueprint)?;
    store.run(|| attempt(store, caller, blueprint, id)).await.map(drop)
}

async fn attempt(
    store: &TenantStore,
    caller: &Caller,
    blueprint: ObjectId,
    id: ObjectId,
) -> Result<(UnitOfWork, ()), Failure> {
    let blueprint = load(store, blueprint).await?;
    let rule = rule_of(store, blueprint.id.object(), id).await?;
    let mut unit = store.unit();
    unit.delete(&rule, store.context().new_uuid()).purge(id).revoke(blueprint.id.object());
    unit.audit(trail::inheritance_removed(store, caller, &blueprint, &rule.body).await?);
    Ok((unit, ()))
}
