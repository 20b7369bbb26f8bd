//! `logTable` in the directory API.

use super::{ACCESS, activity, admit, entry, load, view};
use crate::policy::Settings;
use crate::table::LogTable;
use async_trait::async_trait;
use signet_directory::body::{JsonMap, bad_request, patched, typed};
use signet_directory::check_if_match;
use signet_graph::{Call, Entity, EntityType, Property, PropertyType};
use signet_kernel::{Failure, Fault, ObjectId};
use signet_logs::audit::{Activity, OperationType};
use signet_store::{Id, Kind, Row};

const ADD: Activity = activity("Set log retention", OperationType::Add);
const UPDATE: Activity = activity("Update log retention", OperationType::Update);
const DELETE: Activity = activity("Reset log retention", OperationType::Delete);

const PROPERTIES: &[Property] = &[
    Property::new("displayName", PropertyType::String(64)).indexed(),
    Property::new("retentionInDays", PropertyType::Int32),
    Property::new("totalRetentionInDays", PropertyType::Int32),
    Property::new("effectiveDateTime", PropertyType::DateTime).read_only(),
    Property::new("createdDateTime", PropertyType::DateTime).read_only(),
];

/// `logTable`.
pub const LOG_TABLE: EntityType = EntityType {
    name: LogTable::NAME,
    base: None,
    set: "security/logTables",
    kind: Some(LogTable::NAME),
    properties: PROPERTIES,
    incompatible: &[],
    incompatible_code: "Request_BadRequest",
    alternate_keys: &[],
    access: ACCESS,
    beta_only: false,
};

/// How long records of tables are kept, as a type of the directory.
#[derive(Debug, Clone, Copy)]
pub struct LogTables {
    settings: Settings,
}

impl LogTables {
    /// Within what the operator says.
    pub fn new(settings: Settings) -> Self {
        Self { settings }
    }
}

#[async_trait]
impl Entity for LogTables {
    fn declaration(&self) -> &'static EntityType {
        &LOG_TABLE
    }

    fn required(&self) -> &'static [&'static str] {
        &["displayName", "retentionInDays"]
    }

    fn view(&self, row: &Row) -> Result<JsonMap, Failure> {
        view(row, PROPERTIES)
    }

    async fn create(&self, call: &Call, mut body: JsonMap) -> Result<ObjectId, Failure> {
        admit(call)?;
        body.retain(|_, value| !value.is_null());
        let new: LogTable = typed(body)?;
        new.check(&self.settings)?;
        let usual = self.settings.usual(&new.display_name);
        let new = new.following(usual, &self.settings, call.store.context().now());
        let attempt = || async {
            let id = call.store.context().new_object_id();
            let mut unit = call.store.unit();
            unit.create(Id::of(id), &new);
            unit.audit(entry(call, &ADD, (id, &new.display_name), (None, Some(&new))));
            Ok::<_, Failure>((unit, id))
        };
        call.store.run(attempt).await.map(|(id, _)| id)
    }

    async fn update(&self, call: &Call, id: ObjectId, patch: JsonMap) -> Result<(), Failure> {
        admit(call)?;
        let attempt = || async {
            let found = load::<LogTable>(call, id).await?;
            check_if_match(call, &found)?;
            let new: LogTable = patched(&found.body, patch.clone())?;
            new.check(&self.settings)?;
            if new.display_name != found.body.display_name {
                return Err(bad_request(
                    "displayName",
                    "'displayName' says which table it is; add another for another.",
                ));
            }
            let now = call.store.context().now();
            let new = new.following(found.body.kept(&self.settings, now), &self.settings, now);
            let mut unit = call.store.unit();
            unit.update(&found, &new);
            unit.audit(entry(call, &UPDATE, (id, &new.display_name), (Some(&found.body), Some(&new))));
            Ok::<_, Failure>((unit, ()))
        };
        call.store.run(attempt).await.map(drop)
    }

    async fn delete(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        admit(call)?;
        let attempt = || async {
            let found = load::<LogTable>(call, id).await?;
            check_if_match(call, &found)?;
            let kept = found.body.kept(&self.settings, call.store.context().now());
            let usual = self.settings.usual(&found.body.display_name);
            if usual.longest(kept) != usual {
                let message =
                    "The deployment keeps this table for less; set that first, and remove this once it counts.";
                return Err(Failure::new(Fault::Conflict, "Request_BadRequest", message));
            }
            let mut unit = call.store.unit();
            unit.delete(&found, call.store.context().new_uuid()).purge(id);
            unit.audit(entry(call, &DELETE, (id, &found.body.display_name), (Some(&found.body), None)));
            Ok::<_, Failure>((unit, ()))
        };
        call.store.run(attempt).await.map(drop)
    }
}
