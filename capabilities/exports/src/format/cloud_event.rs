//! CloudEvents 1.0, in JSON.

use super::{put, record};
use crate::event::Event;
use serde_json::{Value, json};

/// SPEC: CloudEvents 1.0: `source` and `id` together name the event, also when it is sent again.
pub(super) fn value(event: &Event, source: &str) -> Value {
    let kind = if event.is_alert() { "signet.alert".to_owned() } else { format!("signet.record.{}", event.table) };
    let mut value = json!({
        "specversion": "1.0",
        "id": event.id,
        "source": format!("{}/{}", source.trim_end_matches('/'), event.tenant),
        "type": kind,
        "time": event.at,
        "datacontenttype": "application/json",
    });
    if event.is_alert() {
        put(&mut value, "subject", event.detail("AlertId").into());
        put(
            &mut value,
            "data",
            json!({
                "id": event.detail("AlertId"),
                "title": event.detail("AlertTitle"),
                "description": event.detail("Alert"),
                "category": event.detail("AlertCategory"),
                "severity": event.detail("AlertSeverity"),
                "tenantId": event.tenant,
                "raisedDateTime": event.at,
                "record": record(event),
            }),
        );
    } else {
        put(&mut value, "data", record(event));
    }
    value
}
