//! Elastic Common Schema, with the `azure.*` fields of Filebeat, which prebuilt rules for the directory look at.

use super::put;
use crate::event::Event;
use serde_json::{Map, Value, json};

const VERSION: &str = "8.17.0";

pub(super) fn value(event: &Event) -> Value {
    let (dataset, azure) = azure(event);
    let user = user(event);
    let mut value = json!({
        "@timestamp": event.at,
        "ecs": {"version": VERSION},
        "event": what(event, dataset),
        "user": user,
        "message": event.detail("Alert").or(event.text("OperationName")).unwrap_or("Sign-in activity"),
        "cloud": {"provider": "signet", "account": {"id": event.tenant}},
        "observer": {"vendor": "Signet", "product": "Signet", "version": env!("CARGO_PKG_VERSION")},
        "azure": azure,
    });
    let address = ["/user/ipAddress", "/app/ipAddress"].iter().find_map(|at| event.text_at("InitiatedBy", at));
    if let Some(address) = event.text("IPAddress").or(address) {
        put(&mut value, "source", json!({"ip": address, "address": address}));
        put(&mut value, "related", json!({"ip": [address]}));
    }
    if let Some(agent) = event.text("UserAgent").or(event.detail("User-Agent")) {
        put(&mut value, "user_agent", json!({"original": agent}));
    }
    if let Some(resource) = event.text("ResourceIdentity") {
        put(&mut value, "service", json!({"id": resource, "name": event.text("ResourceDisplayName")}));
    }
    if let Some(uri) = event.text("RequestUri") {
        put(&mut value, "url", json!({"original": uri}));
        let status = event.column("ResponseStatusCode");
        put(
            &mut value,
            "http",
            json!({"request": {"method": event.text("RequestMethod")}, "response": {"status_code": status}}),
        );
    }
    value
}

/// `event.*`. Categories and types are those that ECS lists.
fn what(event: &Event, dataset: &str) -> Value {
    let (category, kinds): (&str, Vec<&str>) = match () {
        () if event.is_alert() => ("threat", vec!["indicator"]),
        () if event.is_sign_in() => ("authentication", vec!["start"]),
        () if event.table == signet_logs::AUDITS => ("iam", iam(event)),
        () => ("web", vec!["access"]),
    };
    let failed = event.text("Result") == Some("failure")
        || event.text("ResultType").is_some_and(|result| result != "0")
        || event.column("ResponseStatusCode").as_u64().is_some_and(|status| status >= 400);
    json!({
        "id": event.id,
        "kind": if event.is_alert() { "alert" } else { "event" },
        "category": [category],
        "type": kinds,
        "action": event.text("OperationName").unwrap_or("Sign-in activity"),
        "outcome": if failed { "failure" } else { "success" },
        "reason": event.text("ResultReason").or(event.text("ResultDescription")),
        "provider": event.text("LoggedByService").unwrap_or("Signet"),
        "module": "azure",
        "dataset": dataset,
        "created": event.committed,
    })
}

fn iam(event: &Event) -> Vec<&'static str> {
    let about = match event.text_at("TargetResources", "/0/type") {
        Some("Group") => "group",
        Some("User" | "ServicePrincipal") => "user",
        _ => "admin",
    };
    let change = match event.text("AADOperationType") {
        Some("Add") => "creation",
        Some("Delete") => "deletion",
        _ => "change",
    };
    vec![about, change]
}

fn user(event: &Event) -> Value {
    let by = |field: &str| {
        let sides = ["user", "app"].map(|side| event.text_at("InitiatedBy", &format!("/{side}/{field}")));
        sides.into_iter().flatten().next()
    };
    let id = event.text("ServicePrincipalId").or(event.text("UserId")).or(by("servicePrincipalId")).or(by("id"));
    let name = event.text("ServicePrincipalName").or(event.text("UserPrincipalName")).or(by("displayName"));
    let target = |field: &str| event.text_at("TargetResources", &format!("/0/{field}"));
    let mut user = json!({"id": id.or(event.text("AppId")), "name": name});
    if target("id").is_some() {
        put(&mut user, "target", json!({"id": target("id"), "name": target("displayName")}));
    }
    user
}

/// The data set and the vendor's own fields, by their names in Filebeat.
fn azure(event: &Event) -> (&'static str, Value) {
    let (dataset, field) = match event.table.as_str() {
        "AuditLogs" => ("azure.auditlogs", "auditlogs"),
        "MicrosoftGraphActivityLogs" => ("azure.graphactivitylogs", "graphactivitylogs"),
        _ if event.is_sign_in() => ("azure.signinlogs", "signinlogs"),
        _ => ("signet.record", "platformlogs"),
    };
    let properties = snake(&Value::Object(event.columns.clone()));
    let mut fields = json!({
        "operation_name": event.text("OperationName").unwrap_or("Sign-in activity"),
        "category": event.text("Category").unwrap_or(&event.table),
        "tenant_id": event.tenant,
        "properties": properties,
    });
    if let Some(result) = event.text("ResultType") {
        put(&mut fields, "result_type", result.into());
    }
    let mut azure =
        Map::from_iter([(field.to_owned(), fields), ("tenant_id".to_owned(), event.tenant.to_string().into())]);
    if let Some(correlation) = event.text("CorrelationId") {
        azure.insert("correlation_id".to_owned(), correlation.into());
    }
    (dataset, Value::Object(azure))
}

/// Names in snake case; the members of an array under their numbers, as Filebeat has them; nothing that is empty.
fn snake(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(name, value)| (snake_name(name), snake(value))).collect())
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            let numbered = items.iter().enumerate().map(|(at, item)| (at.to_string(), snake(item)));
            Value::Object(numbered.collect())
        }
        value => value.clone(),
    }
}

fn snake_name(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 8);
    let letters: Vec<char> = name.chars().filter(|letter| *letter != '/').collect();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        let begins = letter.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase()
                    || before.is_numeric()
                    || letters.get(at + 1).is_some_and(|next| next.is_lowercase())
            });
        if begins {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_filebeat() {
        for (name, expected) in [
            ("TargetResources", "target_resources"),
            ("IPAddress", "ip_address"),
            ("displayName", "display_name"),
            ("ServicePrincipalId", "service_principal_id"),
            ("Id", "id"),
        ] {
            assert_eq!(snake_name(name), expected);
        }
        let value = snake(&json!({"TargetResources": [{"displayName": "a", "gone": null}], "roles": ["x"]}));
        assert_eq!(value, json!({"target_resources": {"0": {"display_name": "a"}}, "roles": ["x"]}));
    }
}
