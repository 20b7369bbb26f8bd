//! `user`.

use crate::body::wire;
use crate::{User, ops};
use async_trait::async_trait;
use signet_graph::{Access, Call, Entity, EntityType, JsonMap, Property, PropertyType};
use signet_kernel::{Failure, ObjectId};
use signet_store::{Kind, Row};

const READ: &[&str] = &["User.Read.All", "User.ReadWrite.All", "Directory.Read.All"];
const WRITE: &[&str] = &["User.ReadWrite.All"];

const PROPERTIES: &[Property] = &[
    Property::new("displayName", PropertyType::String(256)),
    Property::new("userPrincipalName", PropertyType::String(113)),
    Property::new("accountEnabled", PropertyType::Boolean),
    Property::new("mailNickname", PropertyType::String(64)),
    Property::new("givenName", PropertyType::String(64)),
    Property::new("surname", PropertyType::String(64)),
    Property::new("mail", PropertyType::String(254)),
    Property::new("jobTitle", PropertyType::String(128)),
    Property::new("department", PropertyType::String(64)),
    Property::new("companyName", PropertyType::String(64)),
    Property::new("employeeId", PropertyType::String(16)),
    Property::new("officeLocation", PropertyType::String(128)),
    Property::new("mobilePhone", PropertyType::String(64)),
    Property::new("usageLocation", PropertyType::String(2)),
    Property::new("preferredLanguage", PropertyType::String(35)),
    Property::new("createdDateTime", PropertyType::DateTime).read_only(),
    // Known so that it is refused with the reason.
    Property::new("passwordProfile", PropertyType::Complex("passwordProfile")).only_selected(),
];

/// `user`.
pub const USER: EntityType = EntityType {
    name: User::NAME,
    base: None,
    set: "users",
    kind: Some(User::NAME),
    properties: PROPERTIES,
    incompatible: &[],
    incompatible_code: "Request_BadRequest",
    alternate_keys: &[("userPrincipalName", User::USER_PRINCIPAL_NAME)],
    access: Access { read: READ, create: WRITE, update: WRITE, delete: WRITE },
    beta_only: false,
};

/// People, as a type of the directory.
#[derive(Debug, Clone, Copy)]
pub struct Users;

#[async_trait]
impl Entity for Users {
    fn declaration(&self) -> &'static EntityType {
        &USER
    }

    fn view(&self, row: &Row) -> Result<JsonMap, Failure> {
        wire(row, &[])
    }

    async fn create(&self, call: &Call, body: JsonMap) -> Result<ObjectId, Failure> {
        ops::create_user(call, body).await
    }

    async fn update(&self, call: &Call, id: ObjectId, body: JsonMap) -> Result<(), Failure> {
        ops::update_user(call, id, body).await
    }

    async fn delete(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        ops::delete_user(call, id).await
    }

    async fn restore(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        ops::restore::<User>(call, id).await
    }

    async fn purge(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        ops::purge::<User>(call, id).await
    }
}
