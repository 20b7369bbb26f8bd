//! Deletes a person; what they answered for passes on in the same transaction.

use super::lifecycle::delete_in;
use super::load;
use crate::User;
use crate::responsibility::{Succession, Thing, audited, pass_on_sponsorships, target, target_with};
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_logs::audit::activities::ADD_SPONSOR;
use signet_store::{Id, UnitOfWork};

/// Soft-deletes the user `id`. Refused only where nobody else in the tenant could be a sponsor instead.
pub async fn delete_user(call: &Call, id: ObjectId) -> Result<(), Failure> {
    call.store.run(|| attempt(call, id)).await.map(drop)
}

async fn attempt(call: &Call, id: ObjectId) -> Result<(UnitOfWork, ()), Failure> {
    let found = load::<User>(call, id).await?;
    let mut unit = call.store.unit();
    let passed_on = pass_on_sponsorships(&call.store, &mut unit, id).await?;
    delete_in(call, &mut unit, &found).await?;
    for succession in &passed_on {
        audit(call, &mut unit, succession).await?;
    }
    Ok((unit, ()))
}

/// One entry for each new sponsor of each thing, as if somebody had added them.
async fn audit(call: &Call, unit: &mut UnitOfWork, succession: &Succession) -> Result<(), Failure> {
    for successor in &succession.successors {
        let Some(user) = call.store.find(Id::<User>::of(*successor)).await? else { continue };
        let sponsor = target(call, &Thing::of(&user)).await?;
        let sponsored = target_with(&succession.thing, succession.sponsors.iter().copied());
        unit.audit(audited(call, &ADD_SPONSOR, vec![sponsor, sponsored]));
    }
    Ok(())
}
