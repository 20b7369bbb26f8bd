//! Which record, or which part of the directory, each table shows.

use super::{Held, Made};
use crate::audit::AUDITS;
use crate::graph_activity::GRAPH_ACTIVITY;
use crate::log_read::LOG_READS;
use crate::sign_in::{GRANTED, SIGN_INS};
use serde_json::{Value, json};
use signet_graph::JsonMap;

pub(super) fn held(table: &str) -> Held {
    match table {
        AUDITS => Held::Record(AUDITS, audit),
        SIGN_INS => Held::Record(SIGN_INS, same),
        GRAPH_ACTIVITY => Held::Record(GRAPH_ACTIVITY, same),
        LOG_READS => Held::Record(LOG_READS, same),
        "MicrosoftGraphPolicyLogs" => Held::Record(GRAPH_ACTIVITY, policy),
        "AgentTokenLogs" => Held::Record(SIGN_INS, chain),
        "AgentCredentials"
        | "AgentsInfo"
        | "EntraAgentIdentities"
        | "EntraAgentIdentityBlueprints"
        | "EntraAgentIdentityBlueprintPrincipals"
        | "EntraAgentUsers"
        | "IdentityInfo" => Held::Directory,
        _ => Held::Nothing,
    }
}

fn same(_: &JsonMap) -> Made {
    Made::new()
}

/// `Identity` is who acted.
fn audit(record: &JsonMap) -> Made {
    let by = record.get("InitiatedBy");
    let name = |side: &str| by.and_then(|by| by.get(side)).and_then(|side| side.get("displayName"));
    let identity = name("user").or_else(|| name("app")).cloned().unwrap_or_default();
    vec![("Identity", identity)]
}

/// A call as the decision on it: whether what the caller may do covered what it did.
fn policy(record: &JsonMap) -> Made {
    let denied = record.get("ResponseStatusCode").and_then(Value::as_i64) == Some(403);
    let (decision, effects) = if denied { ("deny", json!(["deny"])) } else { ("compliant", json!([])) };
    let details = json!([{
        "assignmentUniqueName": "directoryPermissions",
        "assignedPolicyDisplayName": "Permissions and roles of the caller",
        "appliedPolicyEffects": effects,
        "evaluationError": null,
        "policyVersion": "1.0",
        "isCompliant": !denied,
        "isApplicable": true,
    }]);
    let (name, id) = target(record.get("RequestUri").and_then(Value::as_str).unwrap_or_default());
    let columns = [
        ("PolicyDecision", json!(decision)),
        ("PolicyDetails", details),
        ("PolicyDetailsCount", json!(1)),
        ("ApplicablePoliciesCount", json!(1)),
        ("DenyPoliciesCount", json!(i64::from(denied))),
        ("AuditPoliciesCount", json!(0)),
        ("ErrorPoliciesCount", json!(0)),
        ("TargetResourceName", name),
        ("TargetResourceId", id),
    ];
    columns.into()
}

/// What a path names: the set after the version, and the key after that.
fn target(uri: &str) -> (Value, Value) {
    let path = uri.split_once("://").map_or(uri, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
    let path = path.split('?').next().unwrap_or_default();
    let mut parts = path.split('/').filter(|part| !part.is_empty()).skip(1);
    let (set, key) = (parts.next(), parts.next());
    (set.map_or(Value::Null, Value::from), key.filter(|key| key.contains('-')).map_or(Value::Null, Value::from))
}

/// A sign-in as the chain that stood behind its token: who acted, stamped from what, answered for by whom, proven how.
fn chain(record: &JsonMap) -> Made {
    let agent = parsed(record, "Agent").unwrap_or_default();
    let sponsors = parsed(record, "Sponsors").unwrap_or_else(|| json!([]));
    let kind = agent.get("agentType").cloned().unwrap_or_else(|| json!("notAgentic"));
    let column = |name: &str| record.get(name).cloned().unwrap_or_default();
    let credential = [column("ServicePrincipalCredentialKeyId"), column("FederatedCredentialId")];
    let credential = credential.into_iter().find(|id| !id.is_null()).unwrap_or_default();
    let mut links = vec![json!({
        "agentType": kind,
        "servicePrincipalId": column("ServicePrincipalId"),
        "appId": column("AppId"),
        "displayName": column("ServicePrincipalName"),
    })];
    if record.contains_key("BlueprintId") {
        links.push(json!({
            "agentType": "agenticApp",
            "id": column("BlueprintId"),
            "appId": agent.get("parentAppId").cloned().unwrap_or_default(),
        }));
    }
    // A blueprint that speaks for an agent names it as what it asks for.
    let acts = kind == "agenticAppInstance";
    let about = if acts { column("ServicePrincipalId") } else { column("AgentId") };
    let columns = [
        ("ActorChain", json!(links)),
        ("AgentType", kind),
        ("AgentId", about),
        ("BlueprintAppId", agent.get("parentAppId").cloned().unwrap_or_default()),
        ("CredentialId", credential),
        ("CredentialThumbprint", column("ServicePrincipalCredentialThumbprint")),
        ("Sponsors", sponsors),
        ("RequestCount", record.get("RequestCount").cloned().unwrap_or_else(|| json!(1))),
        ("ResultType", record.get("ResultType").cloned().unwrap_or_else(|| json!(GRANTED))),
    ];
    columns.into()
}

/// A column that holds JSON in a string.
fn parsed(record: &JsonMap, name: &str) -> Option<Value> {
    serde_json::from_str(record.get(name)?.as_str()?).ok()
}
