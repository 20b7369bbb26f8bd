//! From a key in a path to the object.

use crate::body_check::bad;
use crate::catalog::{DirectoryType, Scope};
use crate::declaration::PropertyType;
use crate::entity::Call;
use crate::place::Target;
use serde_json::Value;
use signet_kernel::{Failure, Fault, ObjectId};
use signet_odata::Key;
use signet_store::{IndexKey, Liveness, Row};
use std::sync::Arc;

/// An object with its type.
pub(crate) type Found = (Arc<DirectoryType>, Row);

/// There is no such object, or none that this caller may know of.
pub(crate) fn not_found(key: &Key) -> Failure {
    let key = match key {
        Key::Id(id) => id.clone(),
        Key::Alternate { name, value } => format!("{name}='{value}'"),
    };
    let message =
        format!("Resource '{key}' does not exist or one of its queried reference-property objects are not present.");
    Failure::new(Fault::NotFound, "Request_ResourceNotFound", message)
}

/// The object of a target, or 404.
pub(crate) async fn load(call: &Call, target: &Target, state: Liveness) -> Result<Found, Failure> {
    find(call, target, state).await?.ok_or_else(|| not_found(&target.key))
}

/// The object of a target, if it exists, is of a type in the scope, and is live or deleted as asked.
pub(crate) async fn find(call: &Call, target: &Target, state: Liveness) -> Result<Option<Found>, Failure> {
    let key = alternate(target);
    let id = match (key, &target.key) {
        (Some((name, value)), _) => find_by_key(call, &target.scope, name, value).await?,
        (None, Key::Id(id)) => Some(object_id(id)?),
        (None, Key::Alternate { .. }) => None,
    };
    let Some(id) = id else { return Ok(None) };
    let found = call.store.read_row(id).await?.and_then(|row| in_scope(&target.scope, row, state));
    Ok(match key {
        // The keys in storage are shortened and folded, so the value decides.
        Some((name, value)) => found.filter(|(one, row)| has_value(one, row, name, value)),
        None => found,
    })
}

/// The alternate key that a target is named by, with its value: the object's own name, where it has one. An address
/// (`ada@contoso.test`) is taken without the key's name too, as Graph does for people.
fn alternate(target: &Target) -> Option<(&str, &str)> {
    match &target.key {
        Key::Alternate { name, value } => Some((name, value)),
        Key::Id(id) if target.scope.is_named() && id.parse::<ObjectId>().is_err() => Some(("id", id)),
        Key::Id(id) if id.contains('@') => text_key(&target.scope).map(|name| (name, id.as_str())),
        Key::Id(_) => None,
    }
}

/// The first alternate key of texts.
fn text_key(scope: &Scope) -> Option<&'static str> {
    let is_text = |one: &DirectoryType, key: &str| {
        one.property(key).is_some_and(|property| matches!(property.kind, PropertyType::String(_)))
    };
    let keys =
        scope.types.iter().flat_map(|one| one.declaration.alternate_keys.iter().map(move |(key, _)| (one, *key)));
    keys.filter(|(one, key)| is_text(one, key)).map(|(_, key)| key).next()
}

/// A row with its type, if that is in the scope and the row is live or deleted as asked.
pub(crate) fn in_scope(scope: &Scope, row: Row, state: Liveness) -> Option<Found> {
    let wanted = row.deleted.is_some() == (state == Liveness::Deleted);
    let one = scope.of_kind(&row.kind).filter(|_| wanted)?;
    Some((one.clone(), row))
}

/// The id in a path or a body.
pub(crate) fn object_id(text: &str) -> Result<ObjectId, Failure> {
    text.parse().map_err(|_| bad("id", format!("Invalid object identifier '{text}'; it is a GUID.")))
}

/// The object that holds an alternate key; deleted ones included.
async fn find_by_key(call: &Call, scope: &Scope, name: &str, value: &str) -> Result<Option<ObjectId>, Failure> {
    let spaces = key_spaces(scope, name);
    if spaces.is_empty() {
        return Err(bad(name, format!("'{name}' is not a key here.")));
    }
    for (space, kind) in spaces {
        let Some(key) = index_key(kind, value) else { continue };
        if let Some(id) = call.store.find_key_anywhere(space, &key).await? {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// The unique key spaces of the property of this name, with its type.
pub(crate) fn key_spaces(scope: &Scope, name: &str) -> Vec<(&'static str, PropertyType)> {
    let mut spaces: Vec<(&'static str, PropertyType)> = Vec::new();
    for one in &scope.types {
        for (key, space) in one.declaration.alternate_keys.iter().filter(|(key, _)| *key == name) {
            if let Some(property) = one.property(key)
                && !spaces.iter().any(|(known, _)| known == space)
            {
                spaces.push((space, property.kind));
            }
        }
    }
    spaces
}

/// How the store keys a value of a property; none if no value of that type reads so.
pub(crate) fn index_key(kind: PropertyType, value: &str) -> Option<IndexKey> {
    match kind {
        PropertyType::Guid => value.parse::<ObjectId>().ok().map(|id| IndexKey::uuid(id.uuid())),
        _ => Some(IndexKey::text(value)),
    }
}

fn has_value(one: &DirectoryType, row: &Row, name: &str, value: &str) -> bool {
    let Ok(view) = one.entity.view(row) else { return false };
    view.get(name).and_then(Value::as_str).is_some_and(|held| held.to_lowercase() == value.to_lowercase())
}
