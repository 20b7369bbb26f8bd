//! Changes whom a holder trusts.

use super::add_federated_credential::{check_taken, held_by};
use super::{check_if_match, load, tell};
use crate::approval::{AskedChange, ChangeKind, admit};
use crate::authority::{Means, check_authority};
use crate::refusal::CredentialRefused;
use crate::{Described, FederatedIdentityCredential, FederatedTerms, Holder, OwnAddresses, Thing, trail};
use signet_alerts::Raised;
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_store::{Object, TenantStore, UnitOfWork};
use std::sync::Arc;

/// Changes the federated credential `id` of `holder`. Whoever is no longer trusted keeps no token.
pub async fn change_federated_credential<H: Holder + Described>(
    call: &Call,
    own: &OwnAddresses,
    holder: ObjectId,
    id: ObjectId,
    terms: &FederatedTerms,
) -> Result<(), Failure> {
    let (raised, _) = call.store.run(|| attempt::<H>(call, own, holder, id, terms)).await?;
    tell(raised);
    Ok(())
}

async fn attempt<H: Holder + Described>(
    call: &Call,
    own: &OwnAddresses,
    holder: ObjectId,
    id: ObjectId,
    terms: &FederatedTerms,
) -> Result<(UnitOfWork, Option<Raised>), Failure> {
    let thing = Thing::of(&*load::<H>(&call.store, holder).await?);
    check_authority(&call.caller, &thing, Means::Permission)?;
    let found = federated_of(&call.store, holder, id).await?;
    check_if_match(call, &found)?;
    let mut credential = terms.apply_to(found.body.clone(), own)?;
    let held = held_by(&call.store, holder).await?;
    credential.shared = check_taken(&call.store, &credential, Some(id), &held).await?;

    let mut unit = call.store.unit();
    unit.update(&found, &credential);
    let trust = |credential: &FederatedIdentityCredential| {
        (credential.issuer.clone(), credential.subject.clone(), credential.audiences.clone())
    };
    if trust(&found.body) != trust(&credential) {
        unit.revoke(id);
    }
    unit.audit(trail::federated_changed(call, &thing, Some(&found.body), Some(&credential)).await?);
    let asked = AskedChange::new(ChangeKind::UpdateFederatedCredential, (id, terms));
    let raised = admit(call, &mut unit, &thing, &asked).await?;
    Ok((unit, raised))
}

/// The federated credential `id`, if it is this holder's.
pub(super) async fn federated_of(
    store: &TenantStore,
    holder: ObjectId,
    id: ObjectId,
) -> Result<Arc<Object<FederatedIdentityCredential>>, Failure> {
    let found = load::<FederatedIdentityCredential>(store, id).await?;
    if found.body.holder == holder { Ok(found) } else { Err(CredentialRefused::NoSuchObject(id).into()) }
}
