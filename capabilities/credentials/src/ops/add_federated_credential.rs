//! Trusts one subject of one outside issuer to speak for a holder.

use super::{load, tell};
use crate::approval::{AskedChange, ChangeKind, admit};
use crate::authority::{Means, check_authority};
use crate::certificate::allows_sharing;
use crate::refusal::CredentialRefused;
use crate::{Described, FederatedIdentityCredential, FederatedTerms, Holder, OwnAddresses, Thing, trail};
use signet_alerts::Raised;
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_store::{Id, IndexKey, Object, TenantStore, UnitOfWork};
use std::sync::Arc;

/// Adds a federated credential to `holder`.
pub async fn add_federated_credential<H: Holder + Described>(
    call: &Call,
    own: &OwnAddresses,
    holder: ObjectId,
    terms: &FederatedTerms,
) -> Result<ObjectId, Failure> {
    let ((id, raised), _) = call.store.run(|| attempt::<H>(call, own, holder, terms)).await?;
    tell(raised);
    Ok(id)
}

async fn attempt<H: Holder + Described>(
    call: &Call,
    own: &OwnAddresses,
    holder: ObjectId,
    terms: &FederatedTerms,
) -> Result<(UnitOfWork, (ObjectId, Option<Raised>)), Failure> {
    let holder = load::<H>(&call.store, holder).await?;
    let thing = Thing::of(&holder);
    check_authority(&call.caller, &thing, Means::Permission)?;
    let mut credential = terms.apply_to(blank(&thing, terms), own)?;
    let held = held_by(&call.store, thing.id).await?;
    if held.len() >= FederatedIdentityCredential::MOST {
        return Err(CredentialRefused::Full(held.len(), "federated identity credentials").into());
    }
    credential.shared = check_taken(&call.store, &credential, None, &held).await?;

    let id = call.store.context().new_object_id();
    let mut unit = call.store.unit();
    // WHY: the holder is written too, so that two additions at once cannot both be the last one allowed.
    unit.update(&holder, &holder.body).create(Id::of(id), &credential);
    unit.audit(trail::federated_changed(call, &thing, None, Some(&credential)).await?);
    let asked = AskedChange::new(ChangeKind::AddFederatedCredential, terms);
    let raised = admit(call, &mut unit, &thing, &asked).await?;
    Ok((unit, (id, raised)))
}

fn blank(holder: &Thing, terms: &FederatedTerms) -> FederatedIdentityCredential {
    FederatedIdentityCredential {
        holder: holder.id,
        name: terms.name.clone().unwrap_or_default(),
        issuer: String::new(),
        subject: String::new(),
        audiences: Vec::new(),
        description: None,
        shared: false,
        other: serde_json::Map::new(),
    }
}

/// The federated credentials of a holder.
pub(super) async fn held_by(
    store: &TenantStore,
    holder: ObjectId,
) -> Result<Arc<Vec<Object<FederatedIdentityCredential>>>, Failure> {
    Ok(store.all_by_index(FederatedIdentityCredential::HOLDER, &IndexKey::uuid(holder.uuid())).await?)
}

/// Refuses a name or a subject that the holder has under another id, and a subject that another holder trusts, unless
/// the tenant allows that: then the answer is that it is shared.
pub(super) async fn check_taken(
    store: &TenantStore,
    credential: &FederatedIdentityCredential,
    id: Option<ObjectId>,
    held: &[Object<FederatedIdentityCredential>],
) -> Result<bool, Failure> {
    for other in held.iter().filter(|other| Some(other.id.object()) != id).map(|other| &other.body) {
        if other.name == credential.name {
            return Err(CredentialRefused::NameTaken(other.name.clone()).into());
        }
        if (&other.issuer, &other.subject) == (&credential.issuer, &credential.subject) {
            return Err(CredentialRefused::SubjectTwice(other.name.clone()).into());
        }
    }
    let key = FederatedIdentityCredential::subject_key(&credential.issuer, &credential.subject);
    let owner = store.find_key(FederatedIdentityCredential::SUBJECT, &key).await?;
    if owner.is_none() || owner == id {
        return Ok(false);
    }
    if allows_sharing(store).await? { Ok(true) } else { Err(CredentialRefused::SubjectTaken.into()) }
}
