//! Who created an object: kept in its body, shown as `createdObjects` of whoever did.

use crate::body::JsonMap;
use serde_json::Value;
use signet_kernel::{Caller, Failure, ObjectId};
use signet_store::{IndexEntries, IndexKey, IndexMatch, ListQuery, Liveness, TenantStore};
use uuid::Uuid;

/// The member of a body, and the indexed field, that holds the creator's object id.
pub(crate) const CREATED_BY: &str = "createdBy";

/// The kinds that remember who created them.
const KINDS: [&str; 8] = [
    "application",
    "servicePrincipal",
    "agentIdentityBlueprint",
    "agentIdentityBlueprintPrincipal",
    "agentIdentity",
    "user",
    "agentUser",
    "group",
];
/// Rows read at a time.
const CHUNK: usize = 1_000;

/// Notes in the members of an object to be created who creates it.
pub fn sign(members: &mut JsonMap, creator: &Caller) {
    members.insert(CREATED_BY.to_owned(), creator.object.to_string().into());
}

/// Indexes an object by who created it, if that is known.
pub fn declare_creator(members: &JsonMap, index: &mut IndexEntries) {
    let creator = members.get(CREATED_BY).and_then(Value::as_str).and_then(|id| id.parse::<Uuid>().ok());
    if let Some(creator) = creator {
        index.add(CREATED_BY, IndexKey::uuid(creator));
    }
}

/// The living objects that somebody created.
pub(crate) async fn created_by(store: &TenantStore, creator: ObjectId) -> Result<Vec<ObjectId>, Failure> {
    let index = IndexMatch { field: CREATED_BY, key: IndexKey::uuid(creator.uuid()) };
    let (mut ids, mut after) = (Vec::new(), None);
    loop {
        let (kinds, index) = (KINDS.to_vec(), Some(index.clone()));
        let page = store.list(ListQuery { kinds, liveness: Liveness::Live, after, limit: CHUNK, index }).await?;
        ids.extend(page.items.iter().map(|row| row.id));
        after = page.next;
        if after.is_none() {
            return Ok(ids);
        }
    }
}
