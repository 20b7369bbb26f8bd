//! Ends the trust in an outside subject, and with it every token that was issued under it.

use super::change_federated_credential::federated_of;
use super::{check_if_match, load, tell};
use crate::approval::{AskedChange, ChangeKind, admit};
use crate::authority::{Means, check_authority};
use crate::{Described, Holder, Thing, trail};
use signet_alerts::Raised;
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_store::UnitOfWork;

/// Removes the federated credential `id` of `holder`, for good: its name and its subject are free at once.
pub async fn remove_federated_credential<H: Holder + Described>(
    call: &Call,
    holder: ObjectId,
    id: ObjectId,
) -> Result<(), Failure> {
    let (raised, _) = call.store.run(|| attempt::<H>(call, holder, id)).await?;
    tell(raised);
    Ok(())
}

async fn attempt<H: Holder + Described>(
    call: &Call,
    holder: ObjectId,
    id: ObjectId,
) -> Result<(UnitOfWork, Option<Raised>), Failure> {
    let thing = Thing::of(&*load::<H>(&call.store, holder).await?);
    check_authority(&call.caller, &thing, Means::Permission)?;
    let found = federated_of(&call.store, holder, id).await?;
    check_if_match(call, &found)?;

    let mut unit = call.store.unit();
    unit.delete(&found, call.store.context().new_uuid()).purge(id);
    unit.audit(trail::federated_changed(call, &thing, Some(&found.body), None).await?);
    let raised = admit(call, &mut unit, &thing, &AskedChange::new(ChangeKind::RemoveFederatedCredential, id)).await?;
    Ok((unit, raised))
}
