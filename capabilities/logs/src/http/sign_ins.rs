//! `/auditLogs/signIns`.

use super::filter::{Filterable, SearchKey};
use super::listing::{Listing, RecordList};
use super::{READ, column, read_only};
use crate::sign_in::{GRANTED, SIGN_INS};
use serde_json::{Value, json};
use signet_graph::PropertyType::{Boolean, Complex, Complexes, DateTime, Guid, Guids, Int32, String, Strings};
use signet_graph::{EntityType, JsonMap};
use signet_record::Record;

/// The type `signIn`.
pub const SIGN_IN: EntityType = EntityType {
    name: "signIn",
    base: None,
    set: "auditLogs/signIns",
    kind: None,
    properties: &[
        read_only("createdDateTime", DateTime),
        read_only("appId", Guid),
        read_only("appDisplayName", String(256)),
        read_only("servicePrincipalId", Guid),
        read_only("servicePrincipalName", String(256)),
        read_only("resourceId", String(256)),
        read_only("resourceDisplayName", String(256)),
        read_only("resourceServicePrincipalId", Guid),
        read_only("resourceTenantId", Guid),
        read_only("homeTenantId", Guid),
        read_only("userId", String(36)),
        read_only("ipAddress", String(45)),
        read_only("userAgent", String(512)),
        read_only("correlationId", Guid),
        read_only("conditionalAccessStatus", String(32)),
        read_only("appliedConditionalAccessPolicies", Complexes("appliedConditionalAccessPolicy")),
        read_only("status", Complex("signInStatus")),
        read_only("isInteractive", Boolean),
        read_only("signInEventTypes", Strings),
        read_only("servicePrincipalCredentialKeyId", Guid),
        read_only("servicePrincipalCredentialThumbprint", String(128)),
        read_only("clientCredentialType", String(64)),
        read_only("federatedCredentialId", Guid),
        read_only("uniqueTokenIdentifier", String(64)),
        read_only("processingTimeInMilliseconds", Int32),
        read_only("requestCount", Int32),
        read_only("agent", Complex("agentSignIn")),
        read_only("agentId", Guid),
        read_only("blueprintId", Guid),
        read_only("sponsors", Guids),
    ],
    incompatible: &[],
    incompatible_code: "Request_BadRequest",
    alternate_keys: &[],
    access: READ,
    beta_only: false,
};

const LISTING: Listing = Listing {
    declaration: &SIGN_IN,
    table: SIGN_INS,
    filterable: &[
        Filterable { path: "createdDateTime", key: SearchKey::Time },
        Filterable { path: "id", key: SearchKey::Id },
        Filterable { path: "servicePrincipalId", key: SearchKey::About },
        Filterable { path: "status/errorCode", key: SearchKey::OutcomeNumber },
        Filterable { path: "appId", key: SearchKey::None },
        Filterable { path: "servicePrincipalName", key: SearchKey::None },
        Filterable { path: "resourceId", key: SearchKey::None },
        Filterable { path: "correlationId", key: SearchKey::None },
        Filterable { path: "appDisplayName", key: SearchKey::None },
        Filterable { path: "resourceDisplayName", key: SearchKey::None },
        Filterable { path: "resourceServicePrincipalId", key: SearchKey::None },
        Filterable { path: "ipAddress", key: SearchKey::None },
        Filterable { path: "userAgent", key: SearchKey::None },
        Filterable { path: "conditionalAccessStatus", key: SearchKey::None },
        Filterable { path: "servicePrincipalCredentialKeyId", key: SearchKey::None },
        Filterable { path: "servicePrincipalCredentialThumbprint", key: SearchKey::None },
        Filterable { path: "federatedCredentialId", key: SearchKey::None },
        Filterable { path: "signInEventTypes[]", key: SearchKey::None },
        Filterable { path: "sponsors[]", key: SearchKey::None },
        Filterable { path: "uniqueTokenIdentifier", key: SearchKey::None },
        Filterable { path: "clientCredentialType", key: SearchKey::None },
        Filterable { path: "blueprintId", key: SearchKey::None },
        Filterable { path: "agentId", key: SearchKey::None },
        Filterable { path: "agent/agentType", key: SearchKey::None },
        Filterable { path: "agent/parentAppId", key: SearchKey::None },
        Filterable { path: "agent/agentSubjectType", key: SearchKey::None },
        Filterable { path: "agent/agentSubjectParentId", key: SearchKey::None },
    ],
    view,
};

/// Requests for tokens: those in `record`.
pub fn sign_ins(record: Record) -> RecordList {
    RecordList { listing: &LISTING, record, copier: None }
}

/// A row of the table as a `signIn`.
fn view(record: JsonMap) -> JsonMap {
    let same = |name: &str| column(&record, name);
    // Two columns hold JSON in a string.
    let parsed = |name: &str| record.get(name).and_then(Value::as_str).and_then(|text| serde_json::from_str(text).ok());
    let members = [
        ("id", same("Id")),
        ("createdDateTime", same("CreatedDateTime")),
        ("appId", same("AppId")),
        ("appDisplayName", same("ServicePrincipalName")),
        ("servicePrincipalId", same("ServicePrincipalId")),
        ("servicePrincipalName", same("ServicePrincipalName")),
        ("resourceId", same("ResourceIdentity")),
        ("resourceDisplayName", same("ResourceDisplayName")),
        ("resourceServicePrincipalId", same("ResourceServicePrincipalId")),
        ("resourceTenantId", same("ResourceOwnerTenantId")),
        ("homeTenantId", same("AppOwnerTenantId")),
        // Not nullable in the published type.
        ("userId", json!("")),
        ("ipAddress", same("IPAddress")),
        ("userAgent", same("UserAgent")),
        ("correlationId", same("CorrelationId")),
        ("conditionalAccessStatus", same("ConditionalAccessStatus")),
        ("appliedConditionalAccessPolicies", json!([])),
        ("status", status(&record)),
        ("isInteractive", json!(false)),
        ("signInEventTypes", json!(["servicePrincipal"])),
        ("servicePrincipalCredentialKeyId", same("ServicePrincipalCredentialKeyId")),
        ("servicePrincipalCredentialThumbprint", same("ServicePrincipalCredentialThumbprint")),
        ("clientCredentialType", same("ClientCredentialType")),
        ("federatedCredentialId", same("FederatedCredentialId")),
        ("uniqueTokenIdentifier", same("UniqueTokenIdentifier")),
        ("processingTimeInMilliseconds", same("DurationMs")),
        // One, unless refusals came too fast to be recorded one by one.
        ("requestCount", record.get("RequestCount").cloned().unwrap_or_else(|| json!(1))),
        ("agent", parsed("Agent").unwrap_or_else(no_agent)),
        ("agentId", same("AgentId")),
        ("blueprintId", same("BlueprintId")),
        ("sponsors", parsed("Sponsors").unwrap_or_else(|| json!([]))),
    ];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Of a request whose client was not found, or was not looked for: no agent is known to have asked.
fn no_agent() -> Value {
    json!({
        "agentType": "notAgentic",
        "parentAppId": null,
        "agentSubjectType": "notAgentic",
        "agentSubjectParentId": null,
    })
}

fn status(record: &JsonMap) -> Value {
    let result = record.get("ResultType").and_then(Value::as_str).unwrap_or(GRANTED);
    json!({
        "errorCode": result.parse::<u32>().unwrap_or_default(),
        "failureReason": column(record, "ResultDescription"),
        "additionalDetails": null,
    })
}
