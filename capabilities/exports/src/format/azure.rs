//! The envelope in which Azure Monitor streams logs of the directory to event hubs, and in which add-ons of other vendors
//! expect them.

use crate::event::Event;
use serde_json::{Map, Value, json};

pub(super) fn value(event: &Event) -> Value {
    let (columns, category) = (&event.columns, category(&event.table));
    let properties: Map<String, Value> = columns.iter().map(|(name, value)| (property(name), value.clone())).collect();
    let operation = event.text("OperationName").unwrap_or("Sign-in activity");
    let by = event.text_at("InitiatedBy", "/user/displayName").or(event.text_at("InitiatedBy", "/app/displayName"));
    let result = event.text("Result").or(event.text("ResultType")).or(event.text("ResponseStatusCode"));
    let address = ["/user/ipAddress", "/app/ipAddress"].iter().find_map(|at| event.text_at("InitiatedBy", at));
    json!({
        "time": event.at,
        "resourceId": format!("/tenants/{}/providers/Microsoft.aadiam", event.tenant),
        "operationName": operation,
        "operationVersion": "1.0",
        "category": category,
        "tenantId": event.tenant,
        "resultType": result,
        "resultDescription": event.text("ResultReason").or(event.text("ResultDescription")),
        "callerIpAddress": event.text("IPAddress").or(address),
        "correlationId": event.text("CorrelationId"),
        "identity": by.or(event.text("ServicePrincipalName")),
        "Level": 4,
        "properties": properties,
    })
}

/// The diagnostic category of a table.
fn category(table: &str) -> &str {
    match table {
        "SigninLogs" => "SignInLogs",
        table => table.strip_prefix("AAD").unwrap_or(table),
    }
}

/// A column as a property: `IPAddress` is `ipAddress`.
fn property(column: &str) -> String {
    let column = if column == "AADOperationType" { "OperationType" } else { column };
    let capitals = column.chars().take_while(char::is_ascii_uppercase).count();
    // The last of several capitals begins the next word.
    let lower = if capitals > 1 && capitals < column.len() { capitals - 1 } else { capitals };
    column
        .chars()
        .enumerate()
        .map(|(at, letter)| if at < lower { letter.to_ascii_lowercase() } else { letter })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_become_properties_as_the_service_names_them() {
        for (column, name) in [
            ("Id", "id"),
            ("IPAddress", "ipAddress"),
            ("AADOperationType", "operationType"),
            ("InitiatedBy", "initiatedBy"),
            ("ServicePrincipalId", "servicePrincipalId"),
        ] {
            assert_eq!(property(column), name);
        }
        assert_eq!(category("AADServicePrincipalSignInLogs"), "ServicePrincipalSignInLogs");
        assert_eq!(category("AuditLogs"), "AuditLogs");
    }
}
