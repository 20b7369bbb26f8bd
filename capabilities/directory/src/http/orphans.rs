//! `orphanedObject`: Signet's own. A list that is empty in a healthy tenant.

use super::values;
use crate::body::bad_request;
use crate::orphans::{Orphan, find_orphans};
use async_trait::async_trait;
use serde_json::{Value, json};
use signet_graph::{Access, Call, ComplexType, Entity, EntityType, JsonMap, Page, PageRequest, Property, PropertyType};
use signet_kernel::{Failure, ObjectId};
use signet_store::Row;

const PROPERTIES: &[Property] = &[
    Property::new("objectType", PropertyType::String(128)).read_only(),
    Property::new("displayName", PropertyType::String(256)).read_only(),
    Property::new("missing", PropertyType::Complexes("missingReference")).read_only(),
];

const ORPHANED_OBJECT: EntityType = EntityType {
    name: "orphanedObject",
    base: None,
    set: "directory/orphanedObjects",
    kind: None,
    properties: PROPERTIES,
    incompatible: &[],
    incompatible_code: "Request_BadRequest",
    alternate_keys: &[],
    access: Access { read: &["Directory.Read.All", "Directory.ReadWrite.All"], create: &[], update: &[], delete: &[] },
    beta_only: false,
};

/// Objects whose parent, or something they name, is gone.
#[derive(Debug, Clone, Copy)]
pub struct OrphanedObjects;

fn show(orphan: &Orphan) -> JsonMap {
    let missing: Vec<Value> =
        orphan.missing.iter().map(|(property, id)| json!({"property": property, "id": id})).collect();
    [
        ("id", json!(orphan.id)),
        ("objectType", json!(orphan.kind)),
        ("displayName", json!(orphan.display_name)),
        ("missing", json!(missing)),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

async fn listed(call: &Call, request: &PageRequest) -> Result<Page, Failure> {
    if request.filter.is_some() {
        return Err(bad_request("$filter", "This list is not filtered: it is empty in a healthy tenant."));
    }
    let after: Option<ObjectId> = request.after.as_deref().and_then(|after| after.parse().ok());
    let (orphans, next) = find_orphans(&call.store, after, request.top).await?;
    Ok(Page { items: orphans.iter().map(show).collect(), next: next.map(|id| id.to_string()) })
}

#[async_trait]
impl Entity for OrphanedObjects {
    fn declaration(&self) -> &'static EntityType {
        &ORPHANED_OBJECT
    }

    fn complex_types(&self) -> &'static [ComplexType] {
        values::OF_ORPHANS
    }

    fn view(&self, _row: &Row) -> Result<JsonMap, Failure> {
        Err(Failure::bug("an orphan is found, not kept"))
    }

    async fn page(&self, call: &Call, request: &PageRequest) -> Option<Result<Page, Failure>> {
        Some(listed(call, request).await)
    }
}
