//! The service document: the sets that a client may begin at.

use crate::catalog::Catalog;
use crate::version::Version;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The document of a version.
// SPEC: OData JSON Format 4.01, 5: each set or singleton with its name and address; those inside a singleton are found
// from there.
pub(crate) fn service(catalog: &Catalog, version: Version, public_url: &str) -> String {
    let types = catalog.everything(version).types;
    let sets = types.iter().filter(|one| one.declaration.base.is_none()).map(|one| one.declaration.set);
    let named = |set: &'static str| match set.split_once('/') {
        Some((root, _)) => (root, "Singleton"),
        None => (set, "EntitySet"),
    };
    let all: BTreeMap<&str, &str> = sets.map(named).chain([("directoryObjects", "EntitySet")]).collect();
    let all: Vec<Value> = all.iter().map(|(name, kind)| json!({"name": name, "kind": kind, "url": name})).collect();
    json!({"@odata.context": format!("{public_url}{}/$metadata", version.prefix()), "value": all}).to_string()
}
