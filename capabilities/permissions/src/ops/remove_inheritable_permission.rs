//! Stops a blueprint from passing on permissions of one resource.

use super::add_inheritable_permission::load;
use super::change_inheritable_permission::rule_of;
use crate::trail;
use signet_blueprints::refuse_own_blueprint;
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_store::UnitOfWork;

/// Removes it, and voids the tokens that were issued under it.
pub async fn remove_inheritable_permission(call: &Call, blueprint: ObjectId, id: ObjectId) -> Result<(), Failure> {
    refuse_own_blueprint(&call.caller, blueprint)?;
    call.store.run(|| attempt(call, blueprint, id)).await.map(drop)
}

async fn attempt(call: &Call, blueprint: ObjectId, id: ObjectId) -> Result<(UnitOfWork, ()), Failure> {
    let blueprint = load(&call.store, blueprint).await?;
    let rule = rule_of(&call.store, blueprint.id.object(), id).await?;
    let mut unit = call.store.unit();
    unit.delete(&rule, call.store.context().new_uuid()).purge(id).revoke(blueprint.id.object());
    unit.audit(trail::inheritance(call, &blueprint, Some(&rule.body), None).await?);
    Ok((unit, ()))
}
