//! Gives a holder one more certificate, with proof that the one who asks has the key of one it holds already: how a
//! client rolls its own key.

use super::{held, load, tell};
use crate::app_management::Limits;
use crate::approval::{AskedChange, ChangeKind, admit};
use crate::authority::{Means, check_authority};
use crate::certificate::{check_list, claim_certificates};
use crate::proof::check_proof;
use crate::{Described, Holder, KeyCredential, KeyEntry, Thing, trail};
use signet_alerts::Raised;
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_store::UnitOfWork;

/// Adds a certificate to `holder`.
pub async fn add_key<H: Holder + Described>(
    call: &Call,
    holder: ObjectId,
    new: &KeyEntry,
    proof: &str,
) -> Result<KeyCredential, Failure> {
    let ((added, raised), _) = call.store.run(|| attempt::<H>(call, holder, new, proof)).await?;
    tell(raised);
    Ok(added)
}

async fn attempt<H: Holder + Described>(
    call: &Call,
    holder: ObjectId,
    new: &KeyEntry,
    proof: &str,
) -> Result<(UnitOfWork, (KeyCredential, Option<Raised>)), Failure> {
    let holder = load::<H>(&call.store, holder).await?;
    let thing = Thing::of(&holder);
    check_authority(&call.caller, &thing, Means::AddKeyWithProof)?;
    check_proof(&holder, proof, call.store.context().now())?;
    let mut added = [new.admit(call.store.context())?];
    claim_certificates(&call.store, thing.id, &mut added).await?;
    let [added] = added;
    let mut body = holder.body.clone();
    body.certificates_mut().push(added.clone());
    check_list(body.certificates())?;
    Limits::of(&call.store, thing.id).await?.check(held(&holder.body), held(&body))?;

    let mut unit = call.store.unit();
    unit.update(&holder, &body);
    unit.audit(trail::keys_changed(call, &thing, &holder.body, &body).await?);
    let raised = admit(call, &mut unit, &thing, &AskedChange::new(ChangeKind::AddKey, new)).await?;
    Ok((unit, (added, raised)))
}
