//! An alert: Detection Finding (2004).

use super::{Class, FINDINGS, Made, millis, sparse};
use crate::event::Event;
use serde_json::{Value, json};

const CLASS: Class = Class { uid: 2004, name: "Detection Finding", category: FINDINGS };

pub(super) fn value(event: &Event) -> Value {
    let severity = match event.detail("AlertSeverity") {
        Some("high") => (4, "High"),
        Some("medium") => (3, "Medium"),
        Some("low") => (2, "Low"),
        _ => (1, "Informational"),
    };
    let about = sparse([
        ("uid", event.text_at("TargetResources", "/0/id").into()),
        ("name", event.text_at("TargetResources", "/0/displayName").into()),
        ("type", event.text_at("TargetResources", "/0/type").into()),
    ]);
    let about = if about.is_null() { Vec::new() } else { vec![about] };
    Made::new(event, CLASS, (1, "Create"), severity)
        .with("status_id", 1)
        .with("status", "New")
        .with("is_alert", true)
        .with("message", event.detail("Alert"))
        .with("finding_info", info(event))
        .with("resources", about)
        .done(&["TargetResources"])
}

fn info(event: &Event) -> Value {
    let category: Vec<&str> = event.detail("AlertCategory").into_iter().collect();
    sparse([
        ("uid", event.detail("AlertId").unwrap_or(&event.id).into()),
        ("title", event.detail("AlertTitle").or(event.detail("Alert")).into()),
        ("desc", event.detail("Alert").into()),
        ("types", json!(category)),
        ("created_time", millis(event.at).into()),
        ("product", json!({"name": "Signet", "vendor_name": "Signet"})),
    ])
}
