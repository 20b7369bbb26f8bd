//! Who acted: `InitiatedBy` and `PerformedBy`.

use super::AgentType;
use serde_json::{Value, json};
use signet_kernel::Caller;
use std::collections::BTreeMap;

/// The person or application that acted, and the application it was done with. A person's names and everyone's
/// address go to `personal`.
pub(super) fn initiator(caller: &Caller, personal: &mut BTreeMap<String, String>) -> (Value, Value) {
    let agent = AgentType::of_kind(caller.kind);
    let is_user = matches!(caller.kind, "user" | "agentUser");
    let side = if is_user { "user" } else { "app" };
    if let Some(address) = caller.origin.address {
        personal.insert(format!("/InitiatedBy/{side}/ipAddress"), address.to_string());
    }
    let performer = json!({
        "appId": caller.app,
        "agentType": if is_user { AgentType::NotAgentic } else { agent }.name(),
        "blueprintId": caller.parent,
    });
    if !is_user {
        let app = json!({
            "appId": caller.app,
            "displayName": caller.display_name,
            "servicePrincipalId": caller.object,
            "servicePrincipalName": null,
            "ipAddress": null,
            "agentType": agent.name(),
            "blueprintId": caller.parent,
        });
        return (json!({ "app": app }), performer);
    }
    personal.insert("/InitiatedBy/user/displayName".to_owned(), caller.display_name.clone());
    let user = json!({
        "id": caller.object,
        "displayName": null,
        "userPrincipalName": null,
        "ipAddress": null,
        "roles": [],
        "agentType": agent.name(),
        "blueprintId": caller.parent,
    });
    (json!({ "user": user }), performer)
}
