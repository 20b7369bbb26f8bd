//! Takes a certificate from its holder, with proof that the one who asks has the key of one it holds.

use super::{load, tell};
use crate::approval::{AskedChange, ChangeKind, admit};
use crate::authority::{Means, check_authority};
use crate::proof::check_proof;
use crate::refusal::CredentialRefused;
use crate::{Described, Holder, Thing, trail};
use signet_alerts::Raised;
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_store::UnitOfWork;
use uuid::Uuid;

/// Removes the certificate `key` of `holder`, and voids every token that was issued under it.
pub async fn remove_key<H: Holder + Described>(
    call: &Call,
    holder: ObjectId,
    key: Uuid,
    proof: &str,
) -> Result<(), Failure> {
    let (raised, _) = call.store.run(|| attempt::<H>(call, holder, key, proof)).await?;
    tell(raised);
    Ok(())
}

async fn attempt<H: Holder + Described>(
    call: &Call,
    holder: ObjectId,
    key: Uuid,
    proof: &str,
) -> Result<(UnitOfWork, Option<Raised>), Failure> {
    let holder = load::<H>(&call.store, holder).await?;
    let thing = Thing::of(&holder);
    check_authority(&call.caller, &thing, Means::Permission)?;
    check_proof(&holder, proof, call.store.context().now())?;
    let mut body = holder.body.clone();
    body.certificates_mut().retain(|certificate| certificate.key_id != key);
    if body.certificates().len() == holder.body.certificates().len() {
        return Err(CredentialRefused::NoSuchKey(key).into());
    }

    let mut unit = call.store.unit();
    unit.update(&holder, &body).raise_revocation();
    unit.audit(trail::keys_changed(call, &thing, &holder.body, &body).await?);
    let raised = admit(call, &mut unit, &thing, &AskedChange::new(ChangeKind::RemoveKey, key)).await?;
    Ok((unit, raised))
}
