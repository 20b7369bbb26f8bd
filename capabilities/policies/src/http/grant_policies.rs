//! `permissionGrantPolicy`.

use super::condition_sets::ConditionSets;
use crate::grants::PermissionGrantPolicy;
use crate::ops::{Sets, create_grant_policy, delete_grant_policy, update_grant_policy};
use async_trait::async_trait;
use serde_json::Value;
use signet_directory::body::wire;
use signet_graph::{Access, Call, Contained, Entity, EntityType, JsonMap, Property, PropertyType};
use signet_kernel::{Failure, ObjectId};
use signet_store::{Kind, Row};

const READ: &[&str] = &["Policy.Read.PermissionGrant", "Policy.ReadWrite.PermissionGrant", "Policy.Read.All"];
const WRITE: &[&str] = &["Policy.ReadWrite.PermissionGrant"];

const PROPERTIES: &[Property] = &[
    // CSDL: the id is a name. The objects of the store have ids of their own.
    Property::new("id", PropertyType::String(64)).computed(),
    Property::new("displayName", PropertyType::String(256)).indexed(),
    Property::new("description", PropertyType::String(1024)),
];

/// `permissionGrantPolicy`.
pub const PERMISSION_GRANT_POLICY: EntityType = EntityType {
    name: PermissionGrantPolicy::NAME,
    base: None,
    set: "policies/permissionGrantPolicies",
    kind: Some(PermissionGrantPolicy::NAME),
    properties: PROPERTIES,
    incompatible: &[],
    incompatible_code: "Request_BadRequest",
    alternate_keys: &[("id", PermissionGrantPolicy::KEY)],
    access: Access { read: READ, create: WRITE, update: WRITE, delete: WRITE },
    beta_only: false,
};

/// Permission grant policies, as a type of the directory.
#[derive(Debug, Clone, Copy)]
pub struct PermissionGrantPolicies;

#[async_trait]
impl Entity for PermissionGrantPolicies {
    fn declaration(&self) -> &'static EntityType {
        &PERMISSION_GRANT_POLICY
    }

    fn required(&self) -> &'static [&'static str] {
        &["id", "displayName"]
    }

    /// Its sets of conditions are collections of their own.
    fn view(&self, row: &Row) -> Result<JsonMap, Failure> {
        let mut view = wire(row, &["includes", "excludes"])?;
        let name = view.shift_remove("name").unwrap_or(Value::Null);
        view.insert("id".to_owned(), name);
        Ok(view)
    }

    async fn create(&self, call: &Call, body: JsonMap) -> Result<ObjectId, Failure> {
        create_grant_policy(call, body).await
    }

    async fn update(&self, call: &Call, id: ObjectId, mut body: JsonMap) -> Result<(), Failure> {
        if let Some(name) = body.shift_remove("id") {
            body.insert("name".to_owned(), name);
        }
        update_grant_policy(call, id, body).await
    }

    async fn delete(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        delete_grant_policy(call, id).await
    }

    fn contained(&self) -> Vec<Box<dyn Contained>> {
        vec![Box::new(ConditionSets(Sets::Includes)), Box::new(ConditionSets(Sets::Excludes))]
    }
}
