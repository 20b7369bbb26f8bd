//! How objects look in answers.

use crate::body_check::bad;
use crate::catalog::{DirectoryType, Scope};
use crate::entity::{Call, Contained, JsonMap};
use crate::precondition::etag;
use serde_json::Value;
use signet_kernel::Failure;
use signet_odata::project;
use signet_store::Row;

/// Members that every stored object has, whatever its type declares.
const EVERYWHERE: [&str; 3] = ["id", "createdDateTime", "deletedDateTime"];

/// Whether an object names its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Naming {
    /// Where several types can stand.
    Always,
    /// Where the path says the base type: clients take an object that names none for that.
    WhenDerived,
}

/// A stored object with everything that can be said of it.
pub(crate) async fn whole(call: &Call, one: &DirectoryType, row: &Row, naming: Naming) -> Result<JsonMap, Failure> {
    let mut members = one.entity.view(row)?;
    one.entity.complete(call, row, &mut members).await?;
    for name in one.declaration.incompatible {
        members.insert((*name).to_owned(), Value::Null);
    }
    let mut view = JsonMap::new();
    if naming == Naming::Always || one.declaration.base.is_some() {
        view.insert("@odata.type".to_owned(), type_annotation(one));
    }
    view.insert("@odata.etag".to_owned(), etag(row.version).into());
    view.insert("id".to_owned(), row.id.to_string().into());
    let deleted = row.deleted.map_or(Value::Null, |deletion| deletion.at.to_string().into());
    view.insert("deletedDateTime".to_owned(), deleted);
    view.insert("createdDateTime".to_owned(), row.created.to_string().into());
    view.extend(members);
    Ok(view)
}

/// What a caller sees of an object that it finds by a link but may not read.
pub(crate) fn named(one: &DirectoryType, row: &Row) -> Result<JsonMap, Failure> {
    let mut view = JsonMap::new();
    view.insert("@odata.type".to_owned(), type_annotation(one));
    view.insert("id".to_owned(), row.id.to_string().into());
    let name = one.entity.view(row)?.shift_remove("displayName");
    view.insert("displayName".to_owned(), name.unwrap_or(Value::Null));
    Ok(view)
}

/// An object of a collection that hangs off another, with everything that can be said of it.
pub(crate) async fn contained_view(call: &Call, contained: &dyn Contained, row: &Row) -> Result<JsonMap, Failure> {
    let mut members = contained.view(row)?;
    contained.complete(call, row, &mut members).await?;
    let mut view = JsonMap::from_iter([("@odata.etag".to_owned(), Value::from(etag(row.version)))]);
    view.extend(members);
    Ok(view)
}

pub(crate) fn type_annotation(one: &DirectoryType) -> Value {
    format!("#microsoft.graph.{}", one.declaration.name).into()
}

/// The members that `$select` names, or all but those that are answered only when it does. Annotations stay.
pub(crate) fn selected(mut view: JsonMap, one: &DirectoryType, select: &[String]) -> JsonMap {
    if !select.is_empty() && !select.iter().any(|path| path == "*") {
        return only(view, select);
    }
    let hidden: Vec<&str> = one.properties.iter().filter(|known| known.only_selected).map(|known| known.name).collect();
    view.retain(|name, _| !hidden.contains(&name.as_str()));
    view
}

/// The members that `$select` names, if it names any. Annotations stay; what has no value is null.
pub(crate) fn only(view: JsonMap, select: &[String]) -> JsonMap {
    if select.is_empty() { view } else { project(&view, select) }
}

/// Refuses property names that no type of the scope has. A type outside the store that declares no properties
/// may have any.
pub(crate) fn check_names<'n>(
    scope: &Scope,
    option: &str,
    names: impl IntoIterator<Item = &'n str>,
) -> Result<(), Failure> {
    if !scope.is_stored() && scope.types.iter().all(|one| one.properties.is_empty()) {
        return Ok(());
    }
    let first = |path: &'n str| path.split('/').find(|name| !name.contains('.')).unwrap_or(path);
    let known = |name: &str| name == "*" || EVERYWHERE.contains(&name) || scope.types.iter().any(|one| has(one, name));
    names.into_iter().map(first).find(|name| !known(name)).map_or(Ok(()), |name| {
        Err(bad(option, format!("There is no property '{name}' here; `{option}` cannot name it.")))
    })
}

/// Whether objects of the type are read with a member of this name, be it null for all of them.
fn has(one: &DirectoryType, name: &str) -> bool {
    one.property(name).is_some() || one.declaration.incompatible.contains(&name)
}
