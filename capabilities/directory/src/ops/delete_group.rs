//! Deletes a group; what it answered for passes on in the same transaction.

use super::lifecycle::delete_in;
use super::load;
use crate::Group;
use crate::responsibility::{audit_succession, pass_on_sponsorships};
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_store::UnitOfWork;

/// Soft-deletes the group `id`. Refused only where nobody else in the tenant could be a sponsor instead.
pub async fn delete_group(call: &Call, id: ObjectId) -> Result<(), Failure> {
    call.store.run(|| attempt(call, id)).await.map(drop)
}

async fn attempt(call: &Call, id: ObjectId) -> Result<(UnitOfWork, ()), Failure> {
    let found = load::<Group>(call, id).await?;
    found.body.check_role_assignable(&call.caller)?;
    let mut unit = call.store.unit();
    let passed_on = pass_on_sponsorships(&call.store, &mut unit, id).await?;
    delete_in(call, &mut unit, &found).await?;
    for succession in &passed_on {
        audit_succession(call, &mut unit, succession).await?;
    }
    Ok((unit, ()))
}
