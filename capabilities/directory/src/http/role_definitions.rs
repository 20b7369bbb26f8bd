//! `unifiedRoleDefinition`, and `directoryRole`: the built-in ones in the older shape.

use super::values;
use crate::body::{bad_request, wire};
use crate::ops;
use crate::roles::{BuiltInRole, RoleDefinition, built_in, built_in_roles};
use async_trait::async_trait;
use serde_json::json;
use signet_graph::{Access, Call, ComplexType, Entity, EntityType, JsonMap, Page, PageRequest, Property, PropertyType};
use signet_kernel::{Failure, ObjectId};
use signet_store::{Kind, Row};

pub(super) const READ: &[&str] = &[
    "RoleManagement.Read.Directory",
    "RoleManagement.Read.All",
    "RoleManagement.ReadWrite.Directory",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
pub(super) const WRITE: &[&str] = &["RoleManagement.ReadWrite.Directory"];

const PROPERTIES: &[Property] = &[
    Property::new("displayName", PropertyType::String(256)).indexed(),
    Property::new("description", PropertyType::String(1024)),
    Property::new("isBuiltIn", PropertyType::Boolean).read_only(),
    Property::new("isEnabled", PropertyType::Boolean),
    Property::new("resourceScopes", PropertyType::Strings),
    Property::new("rolePermissions", PropertyType::Complexes("unifiedRolePermission")),
    Property::new("templateId", PropertyType::String(128)),
    Property::new("version", PropertyType::String(64)),
];

/// `unifiedRoleDefinition`.
pub const ROLE_DEFINITION: EntityType = EntityType {
    name: RoleDefinition::NAME,
    base: None,
    set: "roleManagement/directory/roleDefinitions",
    kind: Some(RoleDefinition::NAME),
    properties: PROPERTIES,
    incompatible: &[],
    incompatible_code: "Request_BadRequest",
    alternate_keys: &[],
    access: Access { read: READ, create: WRITE, update: WRITE, delete: WRITE },
    beta_only: false,
};

/// Roles, as a type of the directory.
#[derive(Debug, Clone, Copy)]
pub struct RoleDefinitions;

#[async_trait]
impl Entity for RoleDefinitions {
    fn declaration(&self) -> &'static EntityType {
        &ROLE_DEFINITION
    }

    fn required(&self) -> &'static [&'static str] {
        &["displayName", "rolePermissions"]
    }

    fn complex_types(&self) -> &'static [ComplexType] {
        values::OF_ROLES
    }

    fn view(&self, row: &Row) -> Result<JsonMap, Failure> {
        wire(row, &[])
    }

    async fn create(&self, call: &Call, body: JsonMap) -> Result<ObjectId, Failure> {
        ops::create_role_definition(call, body).await
    }

    async fn update(&self, call: &Call, id: ObjectId, body: JsonMap) -> Result<(), Failure> {
        ops::update_role_definition(call, id, body).await
    }

    async fn delete(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        ops::delete_role_definition(call, id).await
    }
}

const ROLE_PROPERTIES: &[Property] = &[
    Property::new("displayName", PropertyType::String(256)).read_only(),
    Property::new("description", PropertyType::String(1024)).read_only(),
    Property::new("roleTemplateId", PropertyType::Guid).read_only(),
];

const DIRECTORY_ROLE: EntityType = EntityType {
    name: "directoryRole",
    base: None,
    set: "directoryRoles",
    kind: None,
    properties: ROLE_PROPERTIES,
    incompatible: &[],
    incompatible_code: "Request_BadRequest",
    alternate_keys: &[],
    access: Access { read: READ, create: &[], update: &[], delete: &[] },
    beta_only: false,
};

/// `directoryRole`: every built-in role is active; its id is its template id.
#[derive(Debug, Clone, Copy)]
pub struct DirectoryRoles;

fn show(role: &BuiltInRole) -> JsonMap {
    let id = role.id().to_string();
    [
        ("id", json!(id)),
        ("deletedDateTime", json!(null)),
        ("description", json!(role.description)),
        ("displayName", json!(role.name)),
        ("roleTemplateId", json!(id)),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

#[async_trait]
impl Entity for DirectoryRoles {
    fn declaration(&self) -> &'static EntityType {
        &DIRECTORY_ROLE
    }

    fn view(&self, _row: &Row) -> Result<JsonMap, Failure> {
        Ok(JsonMap::new())
    }

    async fn page(&self, _call: &Call, request: &PageRequest) -> Option<Result<Page, Failure>> {
        if request.filter.is_some() {
            let message = "This short list is not filtered; ask for roleManagement/directory/roleDefinitions instead.";
            return Some(Err(bad_request("$filter", message)));
        }
        let after: usize = request.after.as_deref().and_then(|after| after.parse().ok()).unwrap_or(0);
        let items: Vec<JsonMap> = built_in_roles().iter().skip(after).take(request.top).map(show).collect();
        let end = after.saturating_add(items.len());
        let next = (end < built_in_roles().len()).then(|| end.to_string());
        Some(Ok(Page { items, next }))
    }

    async fn item(&self, _call: &Call, id: &str) -> Option<Result<JsonMap, Failure>> {
        let role = built_in(id.parse().ok()?)?;
        Some(Ok(show(role)))
    }
}
