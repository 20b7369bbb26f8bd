//! A write to the directory: who may do what (3005), accounts and their credentials (3001), groups (3006), anything else
//! that is managed (3004).

use super::{Class, IDENTITY, INFORMATIONAL, Made, OTHER, endpoint, sparse, user};
use crate::event::Event;
use serde_json::{Value, json};

const ACCOUNT: Class = Class { uid: 3001, name: "Account Change", category: IDENTITY };
const ENTITY: Class = Class { uid: 3004, name: "Entity Management", category: IDENTITY };
const ACCESS: Class = Class { uid: 3005, name: "User Access Management", category: IDENTITY };
const GROUP: Class = Class { uid: 3006, name: "Group Management", category: IDENTITY };

/// Whatever changes who may do what.
const GRANTS: &[&str] =
    &["app role assignment", "permission grant", "permissiongrant", "member to role", "member from role", "consent to"];

pub(super) fn value(event: &Event) -> Value {
    let operation = event.text("OperationName").unwrap_or_default().to_lowercase();
    let target = event.text_at("TargetResources", "/0/type");
    if GRANTS.iter().any(|grant| operation.contains(grant)) {
        access(event)
    } else if target == Some("User") {
        account(event, &operation)
    } else if operation.contains("credential") || operation.contains("certificates and secrets") {
        account(event, "")
    } else if target == Some("Group") {
        group(event)
    } else {
        entity(event, &operation)
    }
}

fn made<'e>(event: &'e Event, class: Class, activity: (u32, &str)) -> Made<'e> {
    let sides = ["user", "app"].map(|side| event.text_at("InitiatedBy", &format!("/{side}/ipAddress")));
    Made::new(event, class, activity, INFORMATIONAL)
        .outcome(event.text("Result") != Some("failure"), event.text("Result"), event.text("ResultReason"))
        .with("message", event.text("OperationName").map(str::trim))
        .with("actor", actor(event))
        .with("src_endpoint", endpoint(sides.into_iter().flatten().next()))
}

fn actor(event: &Event) -> Value {
    let by = |pointer: &str| event.text_at("InitiatedBy", pointer);
    let person = user(by("/user/id"), by("/user/userPrincipalName").or(by("/user/displayName")), true);
    let program = user(by("/app/servicePrincipalId"), by("/app/displayName"), false);
    let app = by("/app/appId").or(event.text_at("PerformedBy", "/appId"));
    sparse([
        ("user", if person.is_null() { program } else { person }),
        ("app_uid", app.into()),
        ("app_name", by("/app/displayName").into()),
    ])
}

fn target(event: &Event, at: usize) -> (Option<&str>, Option<&str>) {
    let text = |field: &str| event.text_at("TargetResources", &format!("/{at}/{field}"));
    (text("id"), text("userPrincipalName").or(text("displayName")))
}

/// Who may do what. In a grant the first target is the resource and the second who may use it.
fn access(event: &Event) -> Value {
    let takes = matches!(event.text("AADOperationType"), Some("Unassign" | "Delete"));
    let activity = if takes { (2, "Revoke Privileges") } else { (1, "Assign Privileges") };
    let second = target(event, 1);
    let (grantee, resource) =
        if second.0.is_some() { (second, Some(target(event, 0))) } else { (target(event, 0), None) };
    let name = grantee.1.map(str::to_owned).or(property(event, "ServicePrincipal.DisplayName", takes));
    let (id, fallback) = (grantee.0, name.as_deref().or(Some("unknown")));
    let resource = resource.map(|(id, name)| sparse([("uid", id.into()), ("name", name.into())]));
    made(event, ACCESS, activity)
        .with("user", user(id, if id.is_some() { name.as_deref() } else { fallback }, false))
        .with("privileges", privileges(event, takes))
        .with("resource", resource.unwrap_or_default())
        .done(&["InitiatedBy", "Result", "ResultReason", "OperationName"])
}

fn privileges(event: &Event, takes: bool) -> Value {
    let role = ["AppRole.Value", "Role.DisplayName", "RoleDefinition.DisplayName", "AppRole.Id"];
    let role = role.iter().find_map(|name| property(event, name, takes)).filter(|role| !role.is_empty());
    if let Some(role) = role {
        return json!([role]);
    }
    let scope = property(event, "DelegatedPermissionGrant.Scope", takes).unwrap_or_default();
    let scopes: Vec<&str> = scope.split_whitespace().collect();
    if scopes.is_empty() { json!([event.text("OperationName").unwrap_or("unknown")]) } else { json!(scopes) }
}

/// A modified property of any target: what it became, or what it was if it is gone. The values are JSON in a string.
fn property(event: &Event, name: &str, old: bool) -> Option<String> {
    let targets = event.column("TargetResources").as_array()?;
    let properties = targets.iter().filter_map(|target| target.get("modifiedProperties")?.as_array()).flatten();
    let mut named = properties.filter(|property| property.get("displayName").and_then(Value::as_str) == Some(name));
    let sides = if old { ["oldValue", "newValue"] } else { ["newValue", "oldValue"] };
    let property = named.next()?;
    sides.iter().find_map(|side| {
        let text = property.get(side)?.as_str()?;
        let value: Value = serde_json::from_str(text).unwrap_or_else(|_| text.into());
        value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
    })
}

fn account(event: &Event, operation: &str) -> Value {
    let activity = match operation.split_whitespace().next() {
        Some("add") if operation == "add user" => (1, "Create"),
        Some("enable") => (2, "Enable"),
        Some("disable" | "block") => (5, "Disable"),
        Some("delete" | "hard") => (6, "Delete"),
        _ => (OTHER, event.text("OperationName").map_or("Other", str::trim)),
    };
    let ((id, name), kind) = (target(event, 0), event.text_at("TargetResources", "/0/type"));
    let about = user(id, name, kind == Some("User"));
    let about = if about.is_null() { user(None, Some("unknown"), false) } else { about };
    made(event, ACCOUNT, activity).with("user", about).done(&["InitiatedBy", "Result", "ResultReason"])
}

fn group(event: &Event) -> Value {
    let activity = match event.text("AADOperationType") {
        Some("Add") => (6, "Create"),
        Some("Delete") => (5, "Delete"),
        _ => (OTHER, event.text("OperationName").map_or("Other", str::trim)),
    };
    let (id, name) = target(event, 0);
    let about = sparse([("uid", id.into()), ("name", name.into())]);
    let about = if about.is_null() { json!({"name": "unknown"}) } else { about };
    made(event, GROUP, activity).with("group", about).done(&["InitiatedBy", "Result", "ResultReason"])
}

fn entity(event: &Event, operation: &str) -> Value {
    let activity = match (operation.split_whitespace().next(), event.text("AADOperationType")) {
        (Some("disable"), _) => (9, "Disable"),
        (Some("enable"), _) => (8, "Enable"),
        (Some("block" | "quarantine"), _) => (12, "Suspend"),
        (Some("unblock"), _) => (13, "Resume"),
        (_, Some("Add")) => (1, "Create"),
        (_, Some("Update" | "Assign" | "Unassign")) => (3, "Update"),
        (_, Some("Delete")) => (4, "Delete"),
        _ => (OTHER, event.text("OperationName").map_or("Other", str::trim)),
    };
    let (id, name) = target(event, 0);
    let kind = match event.text_at("TargetResources", "/0/agentType") {
        Some("agenticApp") => "Agent Identity Blueprint",
        Some("agenticAppInstance") => "Agent Identity",
        Some("agentIdentityBlueprintPrincipal") => "Agent Identity Blueprint Principal",
        _ => event.text_at("TargetResources", "/0/type").unwrap_or("Other"),
    };
    let name = name.or(id).or(Some("unknown"));
    // The schema has no number for applications and agents.
    let about = sparse([("uid", id.into()), ("name", name.into()), ("type", kind.into()), ("type_id", OTHER.into())]);
    made(event, ENTITY, activity).with("entity", about).done(&["InitiatedBy", "Result", "ResultReason"])
}
