//! `allowedValues` of a custom security attribute: parts of its definition, addressed one by one.

use crate::attributes::{AllowedValue, AttributeDefinition};
use crate::body::{bad_request, not_found};
use crate::ops;
use async_trait::async_trait;
use serde_json::{Value, json};
use signet_graph::{Call, Contained, JsonMap, Property, PropertyType, Write};
use signet_kernel::{Failure, Fault, ObjectId};
use signet_store::{Id, Row};

const PROPERTIES: &[Property] =
    &[Property::new("id", PropertyType::String(64)), Property::new("isActive", PropertyType::Boolean)];

/// The collection.
#[derive(Debug, Clone, Copy)]
pub(super) struct AllowedValues;

fn show(value: &AllowedValue) -> JsonMap {
    let members = [("id", json!(value.id)), ("isActive", json!(value.is_active))];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

async fn values(call: &Call, parent: ObjectId) -> Result<Vec<AllowedValue>, Failure> {
    let found = call.store.find(Id::<AttributeDefinition>::of(parent)).await?;
    Ok(found.ok_or_else(|| not_found(parent))?.body.allowed_values.clone())
}

/// Allows one more value.
async fn add(call: &Call, parent: ObjectId, body: &JsonMap) -> Result<JsonMap, Failure> {
    let id = body.get("id").and_then(Value::as_str).ok_or_else(|| bad_request("id", "'id' is the value."))?;
    if values(call, parent).await?.iter().any(|known| known.id == id) {
        let message = format!("The value '{id}' is allowed already; PATCH it to change 'isActive'.");
        return Err(Failure::new(Fault::Conflict, "Request_BadRequest", message).with_target("id"));
    }
    let value = AllowedValue { id: id.to_owned(), is_active: active(body)?.unwrap_or(true) };
    ops::allow_value(call, parent, value.clone()).await?;
    Ok(show(&value))
}

fn active(body: &JsonMap) -> Result<Option<bool>, Failure> {
    let value = body.get("isActive").filter(|value| !value.is_null());
    let wrong = || bad_request("isActive", "'isActive' is true or false.");
    value.map(|value| value.as_bool().ok_or_else(wrong)).transpose()
}

fn part_of_its_definition() -> Failure {
    let message = "A value stays once it is there; PATCH its 'isActive' to false instead.";
    Failure::new(Fault::Method, "Request_BadRequest", message)
}

#[async_trait]
impl Contained for AllowedValues {
    fn name(&self) -> &'static str {
        "allowedValues"
    }

    fn type_name(&self) -> &'static str {
        "allowedValue"
    }

    fn properties(&self) -> &'static [Property] {
        PROPERTIES
    }

    /// None is an object of its own, so that this finds nothing.
    fn stored(&self) -> (&'static str, &'static str) {
        ("allowedValue", "definition")
    }

    fn refuses(&self) -> &'static [Write] {
        &[Write::Delete]
    }

    fn view(&self, _row: &Row) -> Result<JsonMap, Failure> {
        Err(Failure::bug("an allowed value is in no row"))
    }

    async fn derived(&self, call: &Call, parent: ObjectId) -> Result<Vec<JsonMap>, Failure> {
        Ok(values(call, parent).await?.iter().map(show).collect())
    }

    async fn create(&self, _call: &Call, _parent: ObjectId, _body: JsonMap) -> Result<ObjectId, Failure> {
        Err(part_of_its_definition())
    }

    async fn create_derived(&self, call: &Call, parent: ObjectId, body: &JsonMap) -> Option<Result<JsonMap, Failure>> {
        Some(add(call, parent, body).await)
    }

    async fn update_derived(
        &self,
        call: &Call,
        parent: ObjectId,
        view: &JsonMap,
        body: JsonMap,
    ) -> Result<(), Failure> {
        let id = view.get("id").and_then(Value::as_str).unwrap_or_default();
        if body.get("id").is_some_and(|sent| sent.as_str() != Some(id)) {
            return Err(bad_request("id", "A value is not renamed: add another and make this one inactive."));
        }
        let Some(is_active) = active(&body)? else { return Ok(()) };
        ops::allow_value(call, parent, AllowedValue { id: id.to_owned(), is_active }).await
    }

    async fn delete(&self, _call: &Call, _parent: ObjectId, _id: ObjectId) -> Result<(), Failure> {
        Err(part_of_its_definition())
    }

    async fn delete_derived(&self, _call: &Call, _parent: ObjectId, _view: &JsonMap) -> Result<(), Failure> {
        Err(part_of_its_definition())
    }
}
