//! What hangs off, or names, something that is gone. No operation leaves such a thing: this proves it, or finds what a
//! repair by hand or a defect left.

use serde_json::Value;
use signet_kernel::{Failure, ObjectId};
use signet_store::{ListQuery, Liveness, Row, TenantStore};
use std::collections::{BTreeMap, BTreeSet};

/// The kinds that hang off another object.
const KINDS: &[&str] = &[
    "agentIdentityBlueprintPrincipal",
    "agentIdentity",
    "agentUser",
    "appRoleAssignment",
    "oauth2PermissionGrant",
    "federatedIdentityCredential",
    "inheritablePermission",
];

/// Members that name another object by its id, whatever the kind. What they name is gone once it is purged: until then
/// it can come back.
const NAMING: &[&str] =
    &["blueprint", "principal", "identityParentId", "principalId", "resourceId", "clientId", "holder"];

/// Rows read at a time.
const CHUNK: usize = 500;
/// Rows looked at for one page at most: then the page says where to go on.
const MOST: usize = 50_000;

/// An object whose parent, or something that it names, is gone.
#[derive(Debug, Clone, PartialEq)]
pub struct Orphan {
    /// Its object id.
    pub id: ObjectId,
    /// Its stored kind.
    pub kind: String,
    /// What people call it, if it has a name.
    pub display_name: Option<String>,
    /// The members that name what is gone, with its id. `parent` is what it hangs off, gone or deleted without it.
    pub missing: Vec<(&'static str, ObjectId)>,
}

/// Orphans, and after which object the next page starts; nothing, once all objects were looked at.
pub type OrphanPage = (Vec<Orphan>, Option<ObjectId>);

/// At most `limit` orphans, from those after `after` on.
pub async fn find_orphans(store: &TenantStore, after: Option<ObjectId>, limit: usize) -> Result<OrphanPage, Failure> {
    let (mut found, mut after, mut seen) = (Vec::new(), after, 0_usize);
    loop {
        let query = ListQuery { kinds: KINDS.to_vec(), liveness: Liveness::Live, after, limit: CHUNK, index: None };
        let page = store.list(query).await?;
        let named: BTreeSet<ObjectId> = page.items.iter().flat_map(references).map(|(_, id)| id).collect();
        let named: Vec<ObjectId> = named.into_iter().collect();
        let there = store.read_rows(&named).await?;
        let there: BTreeMap<ObjectId, bool> = there.iter().map(|row| (row.id, row.deleted.is_none())).collect();
        for row in &page.items {
            found.extend(orphan(row, &there));
            if found.len() >= limit {
                return Ok((found, Some(row.id)));
            }
        }
        seen = seen.saturating_add(page.items.len());
        after = page.next;
        if after.is_none() || seen >= MOST {
            return Ok((found, after));
        }
    }
}

/// What a row hangs off and names.
fn references(row: &Row) -> Vec<(&'static str, ObjectId)> {
    let body: Value = serde_json::from_slice(&row.body).unwrap_or_default();
    let id = |name: &str| body.get(name).and_then(Value::as_str).and_then(|id| id.parse().ok());
    let named = NAMING.iter().filter_map(|name| Some((*name, id(name)?)));
    row.parent.map(|parent| (PARENT, parent)).into_iter().chain(named).collect()
}

const PARENT: &str = "parent";

fn orphan(row: &Row, there: &BTreeMap<ObjectId, bool>) -> Option<Orphan> {
    let is_missing = |(name, id): &(&'static str, ObjectId)| match there.get(id) {
        None => true,
        Some(alive) => *name == PARENT && !alive,
    };
    let missing: Vec<_> = references(row).into_iter().filter(is_missing).collect();
    if missing.is_empty() {
        return None;
    }
    let body: Value = serde_json::from_slice(&row.body).unwrap_or_default();
    let display_name = body.get("displayName").and_then(Value::as_str).map(str::to_owned);
    Some(Orphan { id: row.id, kind: row.kind.clone(), display_name, missing })
}
