//! Defines custom security attributes, and gives them to objects.

use super::load;
use crate::activities::{ADD_ATTRIBUTE, ADD_ATTRIBUTE_SET, GIVE_ATTRIBUTES, UPDATE_ATTRIBUTE, UPDATE_ATTRIBUTE_SET};
use crate::attributes::{AllowedValue, AttributeDefinition, AttributeSet, give};
use crate::body::{JsonMap, bad_request, members, not_found, patched, typed};
use crate::responsibility::{audited, changes, named_target, target_of_row};
use serde_json::Value;
use signet_graph::Call;
use signet_kernel::{Failure, Fault, ObjectId};
use signet_store::{Id, IndexKey, Precondition, UnitOfWork};

/// Creates an attribute set; `id` in the body is its name.
pub async fn create_attribute_set(call: &Call, body: JsonMap) -> Result<ObjectId, Failure> {
    let attempt = || async {
        let mut body = body.clone();
        body.retain(|_, value| !value.is_null());
        let name = body.shift_remove("id").ok_or_else(|| bad_request("id", "'id' names the set."))?;
        body.insert("name".to_owned(), name);
        let set: AttributeSet = typed(body)?;
        set.check()?;
        let id = call.store.context().new_object_id();
        let mut unit = call.store.unit();
        unit.create(Id::of(id), &set);
        let target = named_target(id, &set).with_modified(changes(None, Some(&members(&set))));
        unit.audit(audited(call, &ADD_ATTRIBUTE_SET, vec![target]));
        Ok::<_, Failure>((unit, id))
    };
    call.store.run(attempt).await.map(|(id, _)| id)
}

/// Writes `patch` over an attribute set. Its name stays.
pub async fn update_attribute_set(call: &Call, id: ObjectId, patch: JsonMap) -> Result<(), Failure> {
    let attempt = || async {
        let found = load::<AttributeSet>(call, id).await?;
        let set = patched(&found.body, patch.clone())?;
        if set.name != found.body.name {
            return Err(bad_request("id", "The name of a set cannot be changed."));
        }
        let mut unit = call.store.unit();
        unit.update(&found, &set);
        let modified = changes(Some(&members(&found.body)), Some(&members(&set)));
        unit.audit(audited(call, &UPDATE_ATTRIBUTE_SET, vec![named_target(id, &set).with_modified(modified)]));
        Ok((unit, ()))
    };
    call.store.run(attempt).await.map(drop)
}

/// Defines an attribute in the set that `attributeSet` names.
pub async fn define_attribute(call: &Call, body: JsonMap) -> Result<ObjectId, Failure> {
    let attempt = || async {
        let mut body = body.clone();
        body.retain(|_, value| !value.is_null());
        let mut unit = call.store.unit();
        let set = set_of(call, &mut unit, &body).await?;
        body.insert("set".to_owned(), set.to_string().into());
        let definition: AttributeDefinition = typed(body)?;
        definition.check(None)?;
        let id = call.store.context().new_object_id();
        unit.create(Id::of(id), &definition);
        let target = named_target(id, &definition).with_modified(changes(None, Some(&members(&definition))));
        unit.audit(audited(call, &ADD_ATTRIBUTE, vec![target]));
        Ok::<_, Failure>((unit, id))
    };
    call.store.run(attempt).await.map(|(id, _)| id)
}

/// The set that a new attribute is defined in, if there is room.
async fn set_of(call: &Call, unit: &mut UnitOfWork, body: &JsonMap) -> Result<ObjectId, Failure> {
    let missing = || bad_request("attributeSet", "'attributeSet' is the name of an attribute set of this tenant.");
    let name = body.get("attributeSet").and_then(Value::as_str).ok_or_else(missing)?;
    let id = call.store.find_key(AttributeSet::KEY, &IndexKey::text(name)).await?.ok_or_else(missing)?;
    let set = call.store.find(Id::<AttributeSet>::of(id)).await?.filter(|set| set.body.name == name);
    let set = set.ok_or_else(missing)?;
    let key = IndexKey::uuid(id.uuid());
    let defined = call.store.all_by_index::<AttributeDefinition>(AttributeDefinition::SET, &key).await?;
    let full = |most: u32| u32::try_from(defined.len()).is_ok_and(|count| count >= most);
    if set.body.max_attributes_per_set.is_some_and(full) {
        let message = "The set has as many attributes as its 'maxAttributesPerSet' allows.";
        return Err(Failure::new(Fault::Conflict, "Request_BadRequest", message).with_target("attributeSet"));
    }
    unit.expect(Precondition::Version(id, set.version));
    Ok(id)
}

/// Writes `patch` over a definition. Attributes are not deleted: their `status` becomes Deprecated.
pub async fn update_attribute(call: &Call, id: ObjectId, patch: JsonMap) -> Result<(), Failure> {
    let attempt = || async {
        let found = load::<AttributeDefinition>(call, id).await?;
        let definition = patched(&found.body, patch.clone())?;
        definition.check(Some(&found.body))?;
        let mut unit = call.store.unit();
        unit.update(&found, &definition);
        let modified = changes(Some(&members(&found.body)), Some(&members(&definition)));
        unit.audit(audited(call, &UPDATE_ATTRIBUTE, vec![named_target(id, &definition).with_modified(modified)]));
        Ok((unit, ()))
    };
    call.store.run(attempt).await.map(drop)
}

/// Adds a value to those that an attribute allows, or says whether one of them may be given.
pub async fn allow_value(call: &Call, id: ObjectId, value: AllowedValue) -> Result<(), Failure> {
    let found = load::<AttributeDefinition>(call, id).await?;
    let mut values = found.body.allowed_values.clone();
    match values.iter_mut().find(|known| known.id == value.id) {
        Some(known) => known.is_active = value.is_active,
        None => values.push(value),
    }
    let values = serde_json::to_value(values).map_err(Failure::bug)?;
    let call = Call { if_match: Some(found.version), ..call.clone() };
    update_attribute(&call, id, JsonMap::from_iter([("allowedValues".to_owned(), values)])).await
}

/// Gives attributes to an object of any kind, or takes them: a change on its own, with its own entry in the trail.
pub async fn give_attributes(call: &Call, owner: ObjectId, patch: &JsonMap) -> Result<(), Failure> {
    let attempt = || async {
        let row = call.store.read_row(owner).await?.filter(|row| row.deleted.is_none());
        let row = row.ok_or_else(|| not_found(owner))?;
        let mut unit = call.store.unit();
        let (before, after) = give(call, &mut unit, owner, patch).await?;
        let target = target_of_row(call, &row).await?.with_modified(changes(Some(&before), Some(&after)));
        unit.audit(audited(call, &GIVE_ATTRIBUTES, vec![target]));
        Ok::<_, Failure>((unit, ()))
    };
    call.store.run(attempt).await.map(drop)
}
