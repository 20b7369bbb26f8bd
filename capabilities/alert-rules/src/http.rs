//! `alertRule` in the directory API.

mod dry_run;

use crate::ops;
use crate::rule::AlertRule;
use async_trait::async_trait;
use dry_run::{DryRun, DryRunOfBody};
use signet_directory::body::wire;
use signet_graph::{Access, Action, Call, Entity, EntityType, JsonMap, Property, PropertyType, SetAction};
use signet_kernel::{Failure, ObjectId};
use signet_log_queries::LogQueries;
use signet_store::{Kind, Row};

const READ: &[&str] = &["CustomDetection.Read.All", "CustomDetection.ReadWrite.All"];
// Whoever writes rules learns from their alerts what is in the logs, so no permission over alerts includes this one.
const WRITE: &[&str] = &["CustomDetection.ReadWrite.All"];

const PROPERTIES: &[Property] = &[
    Property::new("displayName", PropertyType::String(256)).indexed(),
    Property::new("description", PropertyType::String(1024)),
    Property::new("query", PropertyType::String(AlertRule::LONGEST_QUERY)),
    Property::new("severity", PropertyType::String(16)),
    Property::new("isEnabled", PropertyType::Boolean),
    Property::new("evaluation", PropertyType::String(16)),
    Property::new("frequencyInMinutes", PropertyType::Int32),
    Property::new("periodInMinutes", PropertyType::Int32),
    Property::new("threshold", PropertyType::Int32),
    Property::new("groupBy", PropertyType::Strings),
    Property::new("suppressForMinutes", PropertyType::Int32),
    Property::new("builtIn", PropertyType::String(64)).read_only(),
    Property::new("createdDateTime", PropertyType::DateTime).read_only(),
];

/// `alertRule`.
pub const ALERT_RULE: EntityType = EntityType {
    name: AlertRule::NAME,
    base: None,
    set: "security/alertRules",
    kind: Some(AlertRule::NAME),
    properties: PROPERTIES,
    incompatible: &[],
    incompatible_code: "Request_BadRequest",
    alternate_keys: &[],
    access: Access { read: READ, create: WRITE, update: WRITE, delete: WRITE },
    beta_only: false,
};

/// Alert rules, as a type of the directory.
#[derive(Clone)]
pub struct AlertRules {
    queries: LogQueries,
}

impl AlertRules {
    /// `queries` answers dry runs.
    pub fn new(queries: LogQueries) -> Self {
        Self { queries }
    }
}

#[async_trait]
impl Entity for AlertRules {
    fn declaration(&self) -> &'static EntityType {
        &ALERT_RULE
    }

    fn required(&self) -> &'static [&'static str] {
        &["displayName", "query", "severity", "evaluation"]
    }

    fn view(&self, row: &Row) -> Result<JsonMap, Failure> {
        let mut view = wire(row, &[])?;
        view.shift_remove("deletedDateTime");
        Ok(view)
    }

    async fn create(&self, call: &Call, body: JsonMap) -> Result<ObjectId, Failure> {
        ops::create(call, body).await
    }

    async fn update(&self, call: &Call, id: ObjectId, body: JsonMap) -> Result<(), Failure> {
        ops::update(call, id, body).await
    }

    async fn delete(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        ops::delete(call, id).await
    }

    fn actions(&self) -> Vec<Box<dyn Action>> {
        vec![Box::new(DryRun(self.queries.clone()))]
    }

    fn set_actions(&self) -> Vec<Box<dyn SetAction>> {
        vec![Box::new(DryRunOfBody(self.queries.clone()))]
    }
}
