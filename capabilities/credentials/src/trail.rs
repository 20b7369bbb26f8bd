//! What the audit trail says of a write: whom it was about, in which chain, and what changed.

use crate::{FederatedIdentityCredential, Holder, SPONSORS, Thing};
use serde_json::{Map, Value, json};
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_logs::audit::activities::{UPDATE_APPLICATION, UPDATE_CERTIFICATES_AND_SECRETS};
use signet_logs::audit::{self, Activity, KeyDescription, KeyType, Modified, Target};
use signet_store::AuditEntry;

/// INVARIANT 4: `thing` as a target, with its blueprint and who answers for it at this time.
pub async fn target(call: &Call, thing: &Thing) -> Result<Target, Failure> {
    let sponsors = call.store.links_from(thing.id, SPONSORS).await?;
    Ok(target_with(thing, sponsors.links.iter().map(|link| link.target)))
}

/// `thing` as a target, with the sponsors it is about to have.
pub fn target_with(thing: &Thing, sponsors: impl IntoIterator<Item = ObjectId>) -> Target {
    Target::new(thing.naming.kind, thing.id, &thing.display_name).in_chain(thing.blueprint, sponsors)
}

/// What changed between two bodies, came to be, or is gone. Credentials are named without their values: they have an
/// activity of their own.
pub fn changes(before: Option<&Map<String, Value>>, after: Option<&Map<String, Value>>) -> Vec<Modified> {
    audit::modified(before, after, &["passwordCredentials", "keyCredentials"])
}

/// The entry of a write.
pub fn audited(call: &Call, activity: &Activity, targets: Vec<Target>) -> AuditEntry {
    noted(call, activity, targets, &[])
}

fn noted(call: &Call, activity: &Activity, targets: Vec<Target>, details: &[(&str, &str)]) -> AuditEntry {
    let context = call.store.context();
    audit::success(&call.caller, context.now(), context.new_uuid(), activity, targets, details)
}

/// The entry of a write that changes secrets or certificates.
pub async fn keys_changed<H: Holder>(
    call: &Call,
    holder: &Thing,
    before: &H,
    after: &H,
) -> Result<AuditEntry, Failure> {
    let modified = audit::key_descriptions(&descriptions(before), &descriptions(after));
    let target = target(call, holder).await?.with_modified(modified);
    Ok(audited(call, &UPDATE_CERTIFICATES_AND_SECRETS, vec![target]))
}

fn descriptions<H: Holder>(holder: &H) -> Vec<KeyDescription<'_>> {
    let passwords = holder.passwords().iter().map(|key| (key.key_id, KeyType::Password, &key.display_name));
    let certificates =
        holder.certificates().iter().map(|key| (key.key_id, KeyType::AsymmetricX509Cert, &key.display_name));
    passwords
        .chain(certificates)
        .map(|(id, kind, name)| KeyDescription { id, kind, display_name: name.as_deref().unwrap_or_default() })
        .collect()
}

/// The entry of a write that changes whom a holder trusts.
pub(crate) async fn federated_changed(
    call: &Call,
    holder: &Thing,
    before: Option<&FederatedIdentityCredential>,
    after: Option<&FederatedIdentityCredential>,
) -> Result<AuditEntry, Failure> {
    const WARNING: (&str, &str) = ("Warning", FederatedIdentityCredential::SHARED_AUDIENCE_WARNING);
    let shared = after.is_some_and(FederatedIdentityCredential::has_shared_audience);
    let (old, new) = (before.map(federated_description), after.map(federated_description));
    let modified = audit::modified(old.as_ref(), new.as_ref(), &[]);
    let targets = vec![target(call, holder).await?.with_modified(modified)];
    Ok(noted(call, &UPDATE_APPLICATION, targets, if shared { &[WARNING] } else { &[] }))
}

fn federated_description(credential: &FederatedIdentityCredential) -> Map<String, Value> {
    let description = json!({
        "name": credential.name,
        "issuer": credential.issuer,
        "subject": credential.subject,
        "audiences": credential.audiences,
    });
    Map::from_iter([("federatedIdentityCredentials".to_owned(), description)])
}
