//! A body against its type's declaration, before any operation sees it.

use crate::catalog::Catalog;
use crate::declaration::{EntityType, Property, PropertyType};
use crate::entity::{Entity, JsonMap};
use crate::rights::require;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use signet_kernel::{Caller, Failure, Fault, ObjectId, Timestamp};

fn bad(target: &str, message: String) -> Failure {
    Failure::new(Fault::Input, "Request_BadRequest", message).with_target(target)
}

/// The object in a body.
pub(crate) fn object(body: Value) -> Result<JsonMap, Failure> {
    match body {
        Value::Object(members) => Ok(members),
        _ => Err(bad("body", "The request body is a JSON object.".to_owned())),
    }
}

/// Checks the members of a create or an update, and drops annotations that say nothing to an operation.
pub(crate) fn members(catalog: &Catalog, entity: &dyn Entity, body: &mut JsonMap) -> Result<(), Failure> {
    let declaration = entity.declaration();
    let relations: Vec<&str> = entity.relations().iter().map(|relation| relation.name()).collect();
    body.retain(|name, _| !name.starts_with("@odata."));
    for (name, value) in body.iter() {
        if let Some(relation) = name.strip_suffix("@odata.bind") {
            if !relations.contains(&relation) {
                return Err(bad(name, format!("Invalid property '{name}'.")));
            }
            continue;
        }
        if declaration.incompatible.contains(&name.as_str()) {
            let message = format!("The property '{name}' does not exist on a {}.", declaration.name);
            return Err(Failure::new(Fault::Input, declaration.incompatible_code, message).with_target(name.as_str()));
        }
        let property =
            catalog.property(declaration, name).ok_or_else(|| bad(name, format!("Invalid property '{name}'.")))?;
        value_of(property, value)?;
    }
    Ok(())
}

fn value_of(property: &Property, value: &Value) -> Result<(), Failure> {
    let name = property.name;
    if property.read_only {
        return Err(bad(name, format!("The property '{name}' is read-only.")));
    }
    if value.is_null() || is_of(property.kind, value) {
        return Ok(());
    }
    Err(bad(name, format!("The property '{name}' must be {}.", expectation(property.kind))))
}

fn is_of(kind: PropertyType, value: &Value) -> bool {
    let text = value.as_str();
    let all = |wanted: fn(&Value) -> bool| value.as_array().is_some_and(|items| items.iter().all(wanted));
    match kind {
        PropertyType::String(longest) => text.is_some_and(|text| text.chars().count() <= longest),
        PropertyType::Boolean => value.is_boolean(),
        PropertyType::Int32 => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        PropertyType::Guid => text.is_some_and(|text| text.parse::<ObjectId>().is_ok()),
        PropertyType::DateTime => text.is_some_and(|text| text.parse::<Timestamp>().is_ok()),
        PropertyType::Binary => text.is_some_and(|text| STANDARD.decode(text).is_ok()),
        PropertyType::Complex(_) => value.is_object(),
        PropertyType::Strings => all(Value::is_string),
        PropertyType::Guids => all(|item| item.as_str().is_some_and(|text| text.parse::<ObjectId>().is_ok())),
        PropertyType::Complexes(_) => all(Value::is_object),
    }
}

fn expectation(kind: PropertyType) -> String {
    match kind {
        PropertyType::String(longest) => format!("a string of at most {longest} characters"),
        PropertyType::Boolean => "true or false".to_owned(),
        PropertyType::Int32 => "a whole number".to_owned(),
        PropertyType::Guid => "a GUID".to_owned(),
        PropertyType::DateTime => "a moment such as 2026-11-21T10:00:00Z".to_owned(),
        PropertyType::Binary => "base64".to_owned(),
        PropertyType::Complex(name) => format!("a {name} object"),
        PropertyType::Strings => "a list of strings".to_owned(),
        PropertyType::Guids => "a list of GUIDs".to_owned(),
        PropertyType::Complexes(name) => format!("a list of {name} objects"),
    }
}

/// Whether the caller may change every member that the body names.
pub(crate) fn may_update(
    catalog: &Catalog,
    declaration: &EntityType,
    caller: &Caller,
    body: &JsonMap,
) -> Result<(), Failure> {
    if body.is_empty() {
        return require(caller, &[declaration.access.update]);
    }
    body.keys().try_for_each(|name| {
        let narrower = catalog.property(declaration, name).map_or(&[][..], |property| property.writable_with);
        require(caller, &[declaration.access.update, narrower])
    })
}
