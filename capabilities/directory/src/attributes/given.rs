//! What an object was given.

use super::{AttributeDefinition, MEMBER, READ, WRITE, name_key};
use crate::body::{JsonMap, bad_request, denied};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_store::{Id, IndexEntries, IndexKey, Kind, Object, Row, TenantStore, UniqueKeys, UnitOfWork};
use std::sync::Arc;

/// The type annotation of a set's values.
const SET_TYPE: &str = "#Microsoft.DirectoryServices.CustomSecurityAttributeValue";
const TYPE: &str = "@odata.type";

/// The custom security attributes of one object, by set and name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GivenAttributes {
    /// Whose.
    pub owner: ObjectId,
    /// `{set: {name: value}}`, as on the wire.
    pub values: JsonMap,
}

impl GivenAttributes {
    const OWNER: &'static str = "givenAttributes.owner";

    /// What an object was given.
    pub async fn find(store: &TenantStore, owner: ObjectId) -> Result<Option<Arc<Object<Self>>>, Failure> {
        match store.find_key(Self::OWNER, &IndexKey::uuid(owner.uuid())).await? {
            Some(id) => Ok(store.find(Id::<Self>::of(id)).await?),
            None => Ok(None),
        }
    }
}

impl Kind for GivenAttributes {
    const NAME: &'static str = "givenAttributes";

    fn parent(&self) -> Option<ObjectId> {
        Some(self.owner)
    }

    fn index(&self, _index: &mut IndexEntries) {}

    fn unique(&self, keys: &mut UniqueKeys) {
        keys.in_tenant(Self::OWNER, IndexKey::uuid(self.owner.uuid()));
    }
}

/// Adds to an object's view what it was given, for who may see that.
pub async fn complete(call: &Call, row: &Row, view: &mut JsonMap) -> Result<(), Failure> {
    if call.caller.holds_any(READ)
        && let Some(given) = GivenAttributes::find(&call.store, row.id).await?
    {
        view.insert(MEMBER.to_owned(), Value::Object(given.body.values.clone()));
    }
    Ok(())
}

/// Takes the attributes out of a body, for who may give them.
pub fn split(call: &Call, body: &mut JsonMap) -> Result<Option<JsonMap>, Failure> {
    let Some(value) = body.shift_remove(MEMBER) else { return Ok(None) };
    // WHY: attributes decide which policies reach an object; a blueprint does not choose its own.
    if call.caller.parent.is_some() {
        return Err(denied("A blueprint and its agents give no attributes; somebody else has to.").with_target(MEMBER));
    }
    if !call.caller.holds_any(WRITE) {
        return Err(denied(format!("Giving attributes needs the permission {}.", WRITE.join(", "))).with_target(MEMBER));
    }
    match value {
        Value::Object(sets) => Ok(Some(sets)),
        _ => Err(bad_request(MEMBER, format!("'{MEMBER}' is an object of sets."))),
    }
}

/// Adds to `unit` that `owner` is given `patch`, written over what it has; null takes away. Answers the values before
/// and after, for the trail.
pub async fn give(
    call: &Call,
    unit: &mut UnitOfWork,
    owner: ObjectId,
    patch: &JsonMap,
) -> Result<(JsonMap, JsonMap), Failure> {
    let found = GivenAttributes::find(&call.store, owner).await?;
    let before = found.as_ref().map(|found| found.body.values.clone()).unwrap_or_default();
    let mut values = before.clone();
    for (set, attributes) in patch {
        let Value::Object(attributes) = attributes else {
            return Err(bad_request(MEMBER, format!("'{MEMBER}/{set}' is an object of attributes.")));
        };
        let mut held = match values.shift_remove(set) {
            Some(Value::Object(held)) => held,
            _ => JsonMap::new(),
        };
        for (name, value) in attributes.iter().filter(|(name, _)| !name.contains('@')) {
            let definition = definition(call, set, name).await?;
            if value.is_null() || value.as_array().is_some_and(Vec::is_empty) {
                held.shift_remove(name);
                held.shift_remove(&format!("{name}{TYPE}"));
                continue;
            }
            check_value(&definition.body, value)?;
            unit.expect(signet_store::Precondition::Version(definition.id.object(), definition.version));
            if let Some(annotation) = annotation(&definition.body) {
                held.insert(format!("{name}{TYPE}"), annotation.into());
            }
            held.insert(name.clone(), value.clone());
        }
        held.shift_remove(TYPE);
        if !held.is_empty() {
            let mut whole = JsonMap::from_iter([(TYPE.to_owned(), Value::from(SET_TYPE))]);
            whole.extend(held);
            values.insert(set.clone(), Value::Object(whole));
        }
    }
    let given = GivenAttributes { owner, values: values.clone() };
    match found {
        Some(found) => drop(unit.update(&found, &given)),
        None => drop(unit.create(Id::of(call.store.context().new_object_id()), &given)),
    }
    Ok((before, values))
}

async fn definition(call: &Call, set: &str, name: &str) -> Result<Arc<Object<AttributeDefinition>>, Failure> {
    let found = call.store.find_key(AttributeDefinition::KEY, &name_key(&[set, name])).await?;
    let found = match found {
        Some(id) => call.store.find(Id::<AttributeDefinition>::of(id)).await?,
        None => None,
    };
    let same = |found: &Arc<Object<AttributeDefinition>>| found.body.attribute_set == set && found.body.name == name;
    found.filter(same).ok_or_else(|| bad_request(MEMBER, format!("There is no attribute '{name}' in the set '{set}'.")))
}

fn annotation(definition: &AttributeDefinition) -> Option<&'static str> {
    match (definition.kind.as_str(), definition.is_collection) {
        ("String", true) => Some("#Collection(String)"),
        ("Integer", true) => Some("#Collection(Int32)"),
        ("Integer", false) => Some("#Int32"),
        _ => None,
    }
}

fn check_value(definition: &AttributeDefinition, value: &Value) -> Result<(), Failure> {
    let name = definition.wire_id();
    if !definition.is_available() {
        return Err(bad_request(MEMBER, format!("'{name}' is deprecated and given no more.")));
    }
    let values = match value {
        Value::Array(values) if definition.is_collection => values.iter().collect(),
        Value::Array(_) => Vec::new(),
        one if definition.is_collection => return Err(wrong_type(definition, one)),
        one => vec![one],
    };
    if values.is_empty() {
        return Err(wrong_type(definition, value));
    }
    for value in values {
        let text = match (definition.kind.as_str(), value) {
            ("String", Value::String(text)) if text.chars().count() <= 64 => text.clone(),
            ("Integer", Value::Number(number)) if number.as_i64().is_some_and(|n| i32::try_from(n).is_ok()) => {
                number.to_string()
            }
            ("Boolean", Value::Bool(_)) => continue,
            _ => return Err(wrong_type(definition, value)),
        };
        let allowed = |one: &super::AllowedValue| one.is_active && one.id == text;
        if definition.use_pre_defined_values_only && !definition.allowed_values.iter().any(allowed) {
            return Err(bad_request(MEMBER, format!("'{text}' is not among the active values of '{name}'.")));
        }
    }
    Ok(())
}

fn wrong_type(definition: &AttributeDefinition, value: &Value) -> Failure {
    let many = if definition.is_collection { "a list of values" } else { "one value" };
    let message = format!("'{}' holds {many} of type {}, not {value}.", definition.wire_id(), definition.kind);
    bad_request(MEMBER, message)
}
