//! `attributeSet` and `customSecurityAttributeDefinition`.

use super::allowed_values::AllowedValues;
use crate::attributes::{AttributeDefinition, AttributeSet};
use crate::body::wire;
use crate::ops;
use async_trait::async_trait;
use serde_json::Value;
use signet_graph::{Access, Call, Contained, Entity, EntityType, JsonMap, Property, PropertyType};
use signet_kernel::{Failure, ObjectId};
use signet_store::{Kind, Row};

const READ: &[&str] = &["CustomSecAttributeDefinition.Read.All", "CustomSecAttributeDefinition.ReadWrite.All"];
const WRITE: &[&str] = &["CustomSecAttributeDefinition.ReadWrite.All"];

const SET_PROPERTIES: &[Property] = &[
    // CSDL: the id is the name. The objects of the store have ids of their own.
    Property::new("id", PropertyType::String(32)).computed(),
    Property::new("name", PropertyType::String(32)).read_only(),
    Property::new("description", PropertyType::String(128)),
    Property::new("maxAttributesPerSet", PropertyType::Int32),
];

/// `attributeSet`.
pub const ATTRIBUTE_SET: EntityType = EntityType {
    name: AttributeSet::NAME,
    base: None,
    set: "directory/attributeSets",
    kind: Some(AttributeSet::NAME),
    properties: SET_PROPERTIES,
    incompatible: &[],
    incompatible_code: "Request_BadRequest",
    alternate_keys: &[("id", AttributeSet::KEY)],
    access: Access { read: READ, create: WRITE, update: WRITE, delete: &[] },
    beta_only: false,
};

/// Attribute sets, as a type of the directory.
#[derive(Debug, Clone, Copy)]
pub struct AttributeSets;

#[async_trait]
impl Entity for AttributeSets {
    fn declaration(&self) -> &'static EntityType {
        &ATTRIBUTE_SET
    }

    fn required(&self) -> &'static [&'static str] {
        &["id"]
    }

    fn view(&self, row: &Row) -> Result<JsonMap, Failure> {
        let mut view = wire(row, &[])?;
        let name = view.get("name").cloned().unwrap_or(Value::Null);
        view.insert("id".to_owned(), name);
        Ok(view)
    }

    async fn create(&self, call: &Call, body: JsonMap) -> Result<ObjectId, Failure> {
        ops::create_attribute_set(call, body).await
    }

    async fn update(&self, call: &Call, id: ObjectId, mut body: JsonMap) -> Result<(), Failure> {
        if let Some(name) = body.shift_remove("id") {
            body.insert("name".to_owned(), name);
        }
        ops::update_attribute_set(call, id, body).await
    }
}

const DEFINITION_PROPERTIES: &[Property] = &[
    // `{set}_{name}`.
    Property::new("id", PropertyType::String(65)).read_only().computed(),
    Property::new("attributeSet", PropertyType::String(32)),
    Property::new("name", PropertyType::String(32)),
    Property::new("description", PropertyType::String(128)),
    Property::new("type", PropertyType::String(16)),
    Property::new("status", PropertyType::String(16)),
    Property::new("isCollection", PropertyType::Boolean),
    Property::new("isSearchable", PropertyType::Boolean),
    Property::new("usePreDefinedValuesOnly", PropertyType::Boolean),
    Property::new("allowedValues", PropertyType::Complexes("allowedValue")),
];

/// `customSecurityAttributeDefinition`.
pub const ATTRIBUTE_DEFINITION: EntityType = EntityType {
    name: AttributeDefinition::NAME,
    base: None,
    set: "directory/customSecurityAttributeDefinitions",
    kind: Some(AttributeDefinition::NAME),
    properties: DEFINITION_PROPERTIES,
    incompatible: &[],
    incompatible_code: "Request_BadRequest",
    alternate_keys: &[("id", AttributeDefinition::KEY)],
    access: Access { read: READ, create: WRITE, update: WRITE, delete: &[] },
    beta_only: false,
};

/// Definitions of custom security attributes, as a type of the directory.
#[derive(Debug, Clone, Copy)]
pub struct AttributeDefinitions;

#[async_trait]
impl Entity for AttributeDefinitions {
    fn declaration(&self) -> &'static EntityType {
        &ATTRIBUTE_DEFINITION
    }

    fn required(&self) -> &'static [&'static str] {
        &["attributeSet", "name", "type", "status"]
    }

    fn view(&self, row: &Row) -> Result<JsonMap, Failure> {
        let mut view = wire(row, &["set"])?;
        let text = |name: &str| view.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let id = format!("{}_{}", text("attributeSet"), text("name"));
        view.insert("id".to_owned(), id.into());
        Ok(view)
    }

    async fn create(&self, call: &Call, body: JsonMap) -> Result<ObjectId, Failure> {
        ops::define_attribute(call, body).await
    }

    async fn update(&self, call: &Call, id: ObjectId, body: JsonMap) -> Result<(), Failure> {
        ops::update_attribute(call, id, body).await
    }
    fn contained(&self) -> Vec<Box<dyn Contained>> {
        vec![Box::new(AllowedValues)]
    }
}
