//! Takes a secret from its holder, and with it every token that was issued under it.

use super::{load, tell};
use crate::approval::{AskedChange, ChangeKind, admit};
use crate::authority::{Means, check_authority};
use crate::refusal::CredentialRefused;
use crate::{Described, Holder, Thing, trail};
use signet_alerts::Raised;
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_store::UnitOfWork;
use uuid::Uuid;

/// Removes the secret `key` of `holder`.
pub async fn remove_password<H: Holder + Described>(call: &Call, holder: ObjectId, key: Uuid) -> Result<(), Failure> {
    let (raised, _) = call.store.run(|| attempt::<H>(call, holder, key)).await?;
    tell(raised);
    Ok(())
}

async fn attempt<H: Holder + Described>(
    call: &Call,
    holder: ObjectId,
    key: Uuid,
) -> Result<(UnitOfWork, Option<Raised>), Failure> {
    let holder = load::<H>(&call.store, holder).await?;
    let thing = Thing::of(&holder);
    check_authority(&call.caller, &thing, Means::Permission)?;
    let mut body = holder.body.clone();
    body.passwords_mut().retain(|password| password.key_id != key);
    if body.passwords().len() == holder.body.passwords().len() {
        return Err(CredentialRefused::NoSuchKey(key).into());
    }

    let mut unit = call.store.unit();
    // Tokens name the credential they came from: with it gone, they are void.
    unit.update(&holder, &body).raise_revocation();
    unit.audit(trail::keys_changed(call, &thing, &holder.body, &body).await?);
    let raised = admit(call, &mut unit, &thing, &AskedChange::new(ChangeKind::RemovePassword, key)).await?;
    Ok((unit, raised))
}
