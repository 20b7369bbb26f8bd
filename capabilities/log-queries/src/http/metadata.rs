//! What there is to ask about.

use serde_json::{Value, json};
use signet_kernel::TenantId;
use signet_logs::tables::{HIDDEN, Table, tables};

/// The tables of a workspace, with the columns that an answer shows by itself.
pub(super) fn of(tenant: TenantId) -> Value {
    let shown: Vec<Value> = tables().iter().map(table).collect();
    let names: Vec<&str> = tables().iter().map(|table| table.name).collect();
    json!({
        "tables": shown,
        "tableGroups": [],
        "functions": [],
        "workspaces": [{
            "id": tenant,
            "resourceId": format!("/tenants/{tenant}"),
            "name": tenant,
            "region": "",
            "related": { "tables": names },
        }],
    })
}

fn table(table: &Table) -> Value {
    let columns: Vec<Value> = table
        .columns
        .iter()
        .filter(|column| !HIDDEN.contains(&column.name.as_str()))
        .map(|column| json!({ "name": column.name, "type": column.ty.name() }))
        .collect();
    json!({
        "id": format!("t/{}", table.name),
        "name": table.name,
        "timespanColumn": "TimeGenerated",
        "columns": columns,
    })
}
