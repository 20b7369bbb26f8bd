//! A body against its type's declaration, before any operation sees it.

use crate::catalog::DirectoryType;
use crate::declaration::PropertyType;
use crate::entity::JsonMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use signet_kernel::{Failure, Fault, ObjectId, Timestamp, Violation};

/// What a body is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Create,
    Update,
}

/// 400 about one member.
pub(crate) fn bad(target: &str, message: impl Into<String>) -> Failure {
    Failure::new(Fault::Input, "Request_BadRequest", message).with_target(target)
}

/// The object in a body.
pub(crate) fn object(body: Value) -> Result<JsonMap, Failure> {
    match body {
        Value::Object(members) => Ok(members),
        _ => Err(bad("body", "The request body is a JSON object.")),
    }
}

/// Drops annotations that say nothing to an operation: `@odata.type` of the whole and of members.
pub(crate) fn drop_annotations(body: &mut JsonMap) {
    body.retain(|name, _| !name.contains("@odata.") || name.ends_with("@odata.bind"));
}

/// Checks the members of a create or an update; all that is wrong is named at once. Annotations are dropped before.
pub(crate) fn members(one: &DirectoryType, body: &JsonMap, purpose: Purpose) -> Result<(), Failure> {
    let mut wrong = Vec::new();
    for (name, value) in body {
        match name.strip_suffix("@odata.bind") {
            Some(relation) => wrong.extend(binding(one, name, relation, purpose).err()),
            None => member(one, name, value, &mut wrong),
        }
    }
    if purpose == Purpose::Create {
        let missing = one.entity.required().iter().filter(|name| is_missing(body, name));
        wrong.extend(missing.map(|name| required(name)));
    }
    let mut wrong = wrong.into_iter();
    let Some(Broken { failure, rule }) = wrong.next() else { return Ok(()) };
    let first = violation(&failure, rule);
    let rest = wrong.map(|broken| violation(&broken.failure, broken.rule));
    Err(rest.fold(failure.with_violation(first), Failure::with_violation))
}

/// A refusal of one member, and the rule that it breaks.
struct Broken {
    failure: Failure,
    rule: &'static str,
}

impl Broken {
    fn of(rule: &'static str, name: &str, message: String) -> Self {
        Self { failure: bad(name, message), rule }
    }
}

fn violation(failure: &Failure, rule: &'static str) -> Violation {
    let target = failure.target.clone().unwrap_or_default();
    Violation { rule: rule.into(), target, message: failure.message.clone() }
}

#[expect(clippy::result_large_err, reason = "collected where it is made")]
fn binding(one: &DirectoryType, name: &str, relation: &str, purpose: Purpose) -> Result<(), Broken> {
    if one.relation(relation).is_none() {
        return Err(unknown(name));
    }
    match purpose {
        Purpose::Create => Ok(()),
        Purpose::Update => {
            let message = format!("Change '{relation}' of what exists by POST and DELETE of '{relation}/$ref'.");
            Err(Broken::of("createOnly", name, message))
        }
    }
}

fn member(one: &DirectoryType, name: &str, value: &Value, wrong: &mut Vec<Broken>) {
    let declaration = one.declaration;
    if declaration.incompatible.contains(&name) {
        let message = format!("The property '{name}' does not exist on a {}.", declaration.name);
        let failure = Failure::new(Fault::Input, declaration.incompatible_code, message).with_target(name);
        return wrong.push(Broken { failure, rule: "incompatibleProperty" });
    }
    match one.property(name) {
        Some(property) if !property.read_only => of_type(one, name, (property.kind, value), wrong),
        Some(_) => wrong.push(read_only(name)),
        None if matches!(name, "id" | "createdDateTime" | "deletedDateTime") => wrong.push(read_only(name)),
        None => wrong.push(unknown(name)),
    }
}

fn is_missing(body: &JsonMap, name: &str) -> bool {
    body.get(name).is_none_or(Value::is_null)
}

fn required(name: &str) -> Broken {
    Broken::of("required", name, format!("The property '{name}' is required."))
}

fn unknown(name: &str) -> Broken {
    Broken::of("unknownProperty", name, format!("Invalid property '{name}'."))
}

fn read_only(name: &str) -> Broken {
    Broken::of("readOnly", name, format!("The property '{name}' is read-only; leave it out."))
}

/// Checks a value, and what it holds where that is declared; `place` is its path in the body.
fn of_type(one: &DirectoryType, place: &str, (kind, value): (PropertyType, &Value), wrong: &mut Vec<Broken>) {
    if value.is_null() {
        return;
    }
    if !is_of(kind, value) {
        let too_long = matches!(kind, PropertyType::String(_)) && value.is_string();
        let rule = if too_long { "maxLength" } else { "type" };
        let message = format!("The property '{place}' must be {}.", expectation(kind));
        return wrong.push(Broken::of(rule, place, message));
    }
    match (kind, value) {
        (PropertyType::Complex(name), Value::Object(held)) => of_members(one, place, (name, held), wrong),
        (PropertyType::Complexes(name), Value::Array(items)) => {
            let objects = items.iter().filter_map(Value::as_object);
            objects.for_each(|held| of_members(one, place, (name, held), wrong));
        }
        _ => {}
    }
}

/// The same for the members of a value; those that its type does not declare are for the operation to judge.
fn of_members(one: &DirectoryType, place: &str, (name, held): (&str, &JsonMap), wrong: &mut Vec<Broken>) {
    let declared = one.value(name).map_or(&[][..], |known| known.properties);
    for known in declared {
        if let Some(value) = held.get(known.name) {
            of_type(one, &format!("{place}/{}", known.name), (known.kind, value), wrong);
        }
    }
}

fn is_of(kind: PropertyType, value: &Value) -> bool {
    let text = value.as_str();
    let is_guid = |value: &Value| value.as_str().is_some_and(|text| text.parse::<ObjectId>().is_ok());
    let all = |wanted: fn(&Value) -> bool| value.as_array().is_some_and(|items| items.iter().all(wanted));
    match kind {
        PropertyType::String(longest) => text.is_some_and(|text| text.chars().count() <= longest),
        PropertyType::Boolean => value.is_boolean(),
        PropertyType::Int32 => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        PropertyType::Guid => is_guid(value),
        PropertyType::DateTime => text.is_some_and(|text| text.parse::<Timestamp>().is_ok()),
        PropertyType::Binary => text.is_some_and(|text| STANDARD.decode(text).is_ok()),
        PropertyType::Complex(_) => value.is_object(),
        PropertyType::Strings => all(Value::is_string),
        PropertyType::Guids => value.as_array().is_some_and(|items| items.iter().all(is_guid)),
        PropertyType::Complexes(_) => all(Value::is_object),
    }
}

fn expectation(kind: PropertyType) -> String {
    match kind {
        PropertyType::String(longest) => format!("a string of at most {longest} characters"),
        PropertyType::Boolean => "true or false".to_owned(),
        PropertyType::Int32 => "a whole number of 32 bits".to_owned(),
        PropertyType::Guid => "a GUID".to_owned(),
        PropertyType::DateTime => "a moment such as 2026-11-21T10:00:00Z".to_owned(),
        PropertyType::Binary => "base64".to_owned(),
        PropertyType::Complex(name) => format!("a {name} object"),
        PropertyType::Strings => "a list of strings".to_owned(),
        PropertyType::Guids => "a list of GUIDs".to_owned(),
        PropertyType::Complexes(name) => format!("a list of {name} objects"),
    }
}
