//! `/auditLogs/directoryAudits`.

use super::filter::{Filterable, SearchKey};
use super::listing::Listing;
use super::{READ, column};
use crate::audit::AUDITS;
use crate::copier::AuditCopier;
use async_trait::async_trait;
use serde_json::{Value, json};
use signet_graph::PropertyType::{Complex, Complexes, DateTime, Guid, String};
use signet_graph::{Call, Entity, EntityType, JsonMap, Page, PageRequest, Property, PropertyType};
use signet_kernel::Failure;
use signet_record::Record;
use signet_store::Row;

const fn read_only(name: &'static str, kind: PropertyType) -> Property {
    Property::new(name, kind).read_only()
}

/// The type `directoryAudit`.
pub const DIRECTORY_AUDIT: EntityType = EntityType {
    name: "directoryAudit",
    base: None,
    set: "auditLogs/directoryAudits",
    kind: None,
    properties: &[
        read_only("activityDateTime", DateTime),
        read_only("activityDisplayName", String(256)),
        read_only("category", String(64)),
        read_only("correlationId", Guid),
        read_only("operationType", String(32)),
        read_only("result", String(32)),
        read_only("resultReason", String(1024)),
        read_only("loggedByService", String(64)),
        read_only("initiatedBy", Complex("auditActivityInitiator")),
        read_only("performedBy", Complex("auditActivityPerformer")),
        read_only("targetResources", Complexes("targetResource")),
        read_only("additionalDetails", Complexes("keyValue")),
    ],
    incompatible: &[],
    incompatible_code: "Request_BadRequest",
    alternate_keys: &[],
    access: READ,
    beta_only: false,
};

const LISTING: Listing = Listing {
    table: AUDITS,
    filterable: &[
        Filterable { path: "activityDateTime", key: SearchKey::Time },
        Filterable { path: "id", key: SearchKey::Id },
        Filterable { path: "result", key: SearchKey::Outcome },
        Filterable { path: "initiatedBy/app/servicePrincipalId", key: SearchKey::About },
        Filterable { path: "initiatedBy/user/id", key: SearchKey::About },
        Filterable { path: "initiatedBy/app/appId", key: SearchKey::None },
        Filterable { path: "initiatedBy/app/agentType", key: SearchKey::None },
        Filterable { path: "initiatedBy/app/blueprintId", key: SearchKey::None },
        Filterable { path: "initiatedBy/user/agentType", key: SearchKey::None },
        Filterable { path: "activityDisplayName", key: SearchKey::None },
        Filterable { path: "category", key: SearchKey::None },
        Filterable { path: "loggedByService", key: SearchKey::None },
        Filterable { path: "correlationId", key: SearchKey::None },
    ],
    view,
};

/// What was done to the directory.
#[derive(Debug, Clone)]
pub struct DirectoryAudits {
    record: Record,
    copier: AuditCopier,
}

impl DirectoryAudits {
    /// What `copier` carries to `record`.
    pub fn new(record: Record, copier: AuditCopier) -> Self {
        Self { record, copier }
    }
}

#[async_trait]
impl Entity for DirectoryAudits {
    fn declaration(&self) -> &'static EntityType {
        &DIRECTORY_AUDIT
    }

    fn view(&self, _row: &Row) -> Result<JsonMap, Failure> {
        Err(Failure::bug("audit records are not kept in the store"))
    }

    async fn page(&self, call: &Call, request: &PageRequest) -> Option<Result<Page, Failure>> {
        if let Err(failure) = self.copier.caught_up().await {
            return Some(Err(failure));
        }
        Some(LISTING.page(&self.record, &call.store, request).await)
    }

    async fn item(&self, call: &Call, id: &str) -> Option<Result<JsonMap, Failure>> {
        if let Err(failure) = self.copier.caught_up().await {
            return Some(Err(failure));
        }
        Some(LISTING.item(&self.record, call.store.id(), id).await)
    }
}

/// A row of the table as a `directoryAudit`.
fn view(record: JsonMap) -> JsonMap {
    let same = |name: &str| column(&record, name);
    let list = |name: &str| record.get(name).cloned().unwrap_or_else(|| json!([]));
    let members = [
        ("id", same("Id")),
        ("activityDateTime", same("ActivityDateTime")),
        ("activityDisplayName", same("ActivityDisplayName")),
        ("category", same("Category")),
        ("correlationId", same("CorrelationId")),
        ("operationType", same("AADOperationType")),
        ("result", same("Result")),
        ("resultReason", same("ResultReason")),
        ("loggedByService", same("LoggedByService")),
        ("initiatedBy", initiated_by(&record)),
        ("performedBy", same("PerformedBy")),
        ("targetResources", list("TargetResources")),
        ("additionalDetails", list("AdditionalDetails")),
    ];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The API shows the absent side as null.
fn initiated_by(record: &JsonMap) -> Value {
    let side = |name: &str| record.get("InitiatedBy").and_then(|by| by.get(name)).cloned().unwrap_or_default();
    json!({ "app": side("app"), "user": side("user") })
}
