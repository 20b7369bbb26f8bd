//! `appManagementPolicy`.

use crate::ops::{create_app_management, delete_app_management, update_app_management};
use async_trait::async_trait;
use signet_credentials::app_management::{APP_MANAGEMENT_POLICIES, AppManagementPolicy};
use signet_directory::body::wire;
use signet_graph::{Access, Call, ComplexType, Entity, EntityType, JsonMap, Property, PropertyType, Relation};
use signet_kernel::{Failure, ObjectId};
use signet_store::{Kind, Row};

pub(super) const READ: &[&str] = &["Policy.Read.All", "Policy.ReadWrite.ApplicationConfiguration"];
pub(super) const WRITE: &[&str] = &["Policy.ReadWrite.ApplicationConfiguration"];

const PROPERTIES: &[Property] = &[
    Property::new("displayName", PropertyType::String(256)).indexed(),
    Property::new("description", PropertyType::String(1024)),
    Property::new("isEnabled", PropertyType::Boolean),
    Property::new("restrictions", PropertyType::Complex("customAppManagementConfiguration")),
];

const CREDENTIALS: &[Property] = &[
    Property::new("passwordCredentials", PropertyType::Complexes("passwordCredentialConfiguration")),
    Property::new("keyCredentials", PropertyType::Complexes("keyCredentialConfiguration")),
];

const RESTRICTION: &[Property] = &[
    Property::new("restrictionType", PropertyType::String(64)),
    Property::new("state", PropertyType::String(64)),
    Property::new("maxLifetime", PropertyType::String(64)),
    Property::new("restrictForAppsCreatedAfterDateTime", PropertyType::DateTime),
];

/// What policies restrict.
const VALUES: &[ComplexType] = &[
    ComplexType { name: "appManagementApplicationConfiguration", properties: CREDENTIALS },
    ComplexType { name: "appManagementServicePrincipalConfiguration", properties: CREDENTIALS },
    ComplexType { name: "customAppManagementConfiguration", properties: CREDENTIALS },
    ComplexType { name: "passwordCredentialConfiguration", properties: RESTRICTION },
    ComplexType { name: "keyCredentialConfiguration", properties: RESTRICTION },
];

/// `appManagementPolicy`.
pub const APP_MANAGEMENT_POLICY: EntityType = EntityType {
    name: AppManagementPolicy::NAME,
    base: None,
    set: "policies/appManagementPolicies",
    kind: Some(AppManagementPolicy::NAME),
    properties: PROPERTIES,
    incompatible: &[],
    incompatible_code: "Request_BadRequest",
    alternate_keys: &[],
    access: Access { read: READ, create: WRITE, update: WRITE, delete: WRITE },
    beta_only: false,
};

/// App management policies, as a type of the directory.
#[derive(Debug, Clone, Copy)]
pub struct AppManagementPolicies;

#[async_trait]
impl Entity for AppManagementPolicies {
    fn declaration(&self) -> &'static EntityType {
        &APP_MANAGEMENT_POLICY
    }

    fn required(&self) -> &'static [&'static str] {
        &["displayName"]
    }

    fn complex_types(&self) -> &'static [ComplexType] {
        VALUES
    }

    fn view(&self, row: &Row) -> Result<JsonMap, Failure> {
        wire(row, &[])
    }

    async fn create(&self, call: &Call, body: JsonMap) -> Result<ObjectId, Failure> {
        create_app_management(call, body).await
    }

    async fn update(&self, call: &Call, id: ObjectId, body: JsonMap) -> Result<(), Failure> {
        update_app_management(call, id, body).await
    }

    async fn delete(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        delete_app_management(call, id).await
    }

    fn relations(&self) -> Vec<Box<dyn Relation>> {
        vec![Box::new(AppliesTo)]
    }
}

/// Whom a policy is assigned to.
struct AppliesTo;

#[async_trait]
impl Relation for AppliesTo {
    fn name(&self) -> &'static str {
        "appliesTo"
    }

    fn read_only(&self) -> bool {
        true
    }

    async fn ends(&self, call: &Call, policy: ObjectId) -> Result<Vec<ObjectId>, Failure> {
        let links = call.store.links_to(policy, APP_MANAGEMENT_POLICIES).await?;
        Ok(links.links.iter().map(|link| link.source).collect())
    }
}
