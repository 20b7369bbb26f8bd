//! `includes` and `excludes` of a permission grant policy: parts of it, addressed one by one.

use crate::grants::{ConditionSet, PermissionGrantPolicy};
use crate::ops::{Sets, add_set, change_set, remove_set};
use async_trait::async_trait;
use serde_json::Value;
use signet_directory::body::not_found;
use signet_graph::{Call, Contained, JsonMap, Property, PropertyType};
use signet_kernel::{Failure, ObjectId};
use signet_store::{Id, Row};
use uuid::Uuid;

const PROPERTIES: &[Property] = &[
    Property::new("permissionType", PropertyType::String(32)),
    Property::new("resourceApplication", PropertyType::String(64)),
    Property::new("permissions", PropertyType::Strings),
    Property::new("clientApplicationIds", PropertyType::Strings),
    Property::new("clientApplicationTenantIds", PropertyType::Strings),
    Property::new("clientApplicationPublisherIds", PropertyType::Strings),
    Property::new("clientApplicationsFromVerifiedPublisherOnly", PropertyType::Boolean),
    // Signet's own: who grants.
    Property::new("grantorIds", PropertyType::Strings),
];

/// One of the two collections.
pub(super) struct ConditionSets(pub(super) Sets);

fn show(set: &ConditionSet) -> Result<JsonMap, Failure> {
    match serde_json::to_value(set).map_err(Failure::bug)? {
        Value::Object(view) => Ok(view),
        _ => Err(Failure::bug("a set of conditions is no object")),
    }
}

fn id_of(view: &JsonMap) -> Result<Uuid, Failure> {
    let id = view.get("id").and_then(Value::as_str).and_then(|id| id.parse().ok());
    id.ok_or_else(|| Failure::bug("a set of conditions has no id"))
}

#[async_trait]
impl Contained for ConditionSets {
    fn name(&self) -> &'static str {
        match self.0 {
            Sets::Includes => "includes",
            Sets::Excludes => "excludes",
        }
    }

    fn type_name(&self) -> &'static str {
        "permissionGrantConditionSet"
    }

    fn properties(&self) -> &'static [Property] {
        PROPERTIES
    }

    /// None is an object of its own, so that this finds nothing.
    fn stored(&self) -> (&'static str, &'static str) {
        ("permissionGrantConditionSet", "policy")
    }

    fn view(&self, _row: &Row) -> Result<JsonMap, Failure> {
        Err(Failure::bug("a set of conditions is in no row"))
    }

    async fn derived(&self, call: &Call, parent: ObjectId) -> Result<Vec<JsonMap>, Failure> {
        let found = call.store.find(Id::<PermissionGrantPolicy>::of(parent)).await?;
        self.0.of(&found.ok_or_else(|| not_found(parent))?.body).iter().map(show).collect()
    }

    async fn create(&self, _call: &Call, parent: ObjectId, _body: JsonMap) -> Result<ObjectId, Failure> {
        Err(not_found(parent))
    }

    async fn create_derived(&self, call: &Call, parent: ObjectId, body: &JsonMap) -> Option<Result<JsonMap, Failure>> {
        Some(add_set(call, parent, self.0, body.clone()).await.and_then(|set| show(&set)))
    }

    async fn update_derived(
        &self,
        call: &Call,
        parent: ObjectId,
        view: &JsonMap,
        body: JsonMap,
    ) -> Result<(), Failure> {
        change_set(call, parent, (self.0, id_of(view)?), body).await
    }

    async fn delete(&self, _call: &Call, _parent: ObjectId, id: ObjectId) -> Result<(), Failure> {
        Err(not_found(id))
    }

    async fn delete_derived(&self, call: &Call, parent: ObjectId, view: &JsonMap) -> Result<(), Failure> {
        remove_set(call, parent, self.0, id_of(view)?).await
    }
}
