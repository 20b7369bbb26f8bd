//! `/auditLogs/directoryAudits`.

use super::filter::{Filterable, SearchKey};
use super::listing::{Listing, RecordList};
use super::{READ, column, read_only};
use crate::audit::AUDITS;
use crate::copier::AuditCopier;
use serde_json::{Value, json};
use signet_graph::PropertyType::{Complex, Complexes, DateTime, Guid, String};
use signet_graph::{EntityType, JsonMap};
use signet_record::Record;

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
    declaration: &DIRECTORY_AUDIT,
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
        Filterable { path: "operationType", key: SearchKey::None },
        Filterable { path: "initiatedBy/app/displayName", key: SearchKey::None },
        Filterable { path: "initiatedBy/user/blueprintId", key: SearchKey::None },
        Filterable { path: "initiatedBy/user/displayName", key: SearchKey::None },
        Filterable { path: "initiatedBy/user/userPrincipalName", key: SearchKey::None },
        Filterable { path: "performedBy/appId", key: SearchKey::None },
        Filterable { path: "performedBy/agentType", key: SearchKey::None },
        Filterable { path: "performedBy/blueprintId", key: SearchKey::None },
        Filterable { path: "targetResources[]/id", key: SearchKey::None },
        Filterable { path: "targetResources[]/displayName", key: SearchKey::None },
        Filterable { path: "targetResources[]/type", key: SearchKey::None },
        Filterable { path: "targetResources[]/userPrincipalName", key: SearchKey::None },
        Filterable { path: "targetResources[]/agentType", key: SearchKey::None },
        Filterable { path: "targetResources[]/blueprintId", key: SearchKey::None },
        Filterable { path: "additionalDetails[]/key", key: SearchKey::None },
        Filterable { path: "additionalDetails[]/value", key: SearchKey::None },
    ],
    view,
};

/// What was done to the directory: what `copier` carries to `record`.
pub fn directory_audits(record: Record, copier: AuditCopier) -> RecordList {
    RecordList { listing: &LISTING, record, copier: Some(copier) }
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
