//! What an event looks like to its receiver.

mod azure;
mod cef;
mod cloud_event;
mod ecs;
mod ocsf;

use crate::event::Event;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What an event looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// The columns, as queries see them.
    Record,
    /// The envelope in which Azure Monitor streams logs.
    Azure,
    /// Open Cybersecurity Schema Framework.
    Ocsf,
    /// Elastic Common Schema.
    Ecs,
    /// CloudEvents, with the columns as data.
    CloudEvents,
    /// ArcSight's Common Event Format: a line, for syslog.
    Cef,
}

impl Format {
    pub(crate) fn record() -> Self {
        Self::Record
    }

    pub(crate) fn azure() -> Self {
        Self::Azure
    }

    pub(crate) fn cloud_events() -> Self {
        Self::CloudEvents
    }

    /// Its name in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Azure => "azure",
            Self::Ocsf => "ocsf",
            Self::Ecs => "ecs",
            Self::CloudEvents => "cloudevents",
            Self::Cef => "cef",
        }
    }

    /// An event as JSON. `source` says who sends.
    pub fn value(self, event: &Event, source: &str) -> Value {
        match self {
            Self::Record => record(event),
            Self::Azure => azure::value(event),
            Self::Ocsf => ocsf::value(event),
            Self::Ecs => ecs::value(event),
            Self::CloudEvents => cloud_event::value(event, source),
            Self::Cef => Value::String(cef::line(event)),
        }
    }

    /// An event as one line.
    pub fn line(self, event: &Event, source: &str) -> String {
        match self {
            Self::Cef => cef::line(event),
            format => format.value(event, source).to_string(),
        }
    }

    /// Events as a JSON array; in the envelope of Azure Monitor, its `records`.
    pub fn array(self, events: &[Event], source: &str) -> String {
        let items: Vec<String> = events.iter().map(|event| self.value(event, source).to_string()).collect();
        let array = format!("[{}]", items.join(","));
        if self == Self::Azure { format!("{{\"records\":{array}}}") } else { array }
    }

    /// The media type of [`array`](Self::array).
    pub fn content_type(self) -> &'static str {
        match self {
            // SPEC: CloudEvents HTTP binding 1.0 3.3: several events in one request.
            Self::CloudEvents => "application/cloudevents-batch+json",
            _ => "application/json",
        }
    }
}

/// Sets a member of an object.
pub(crate) fn put(object: &mut Value, name: &str, value: Value) {
    if let Value::Object(members) = object {
        members.insert(name.to_owned(), value);
    }
}

fn record(event: &Event) -> Value {
    let mut columns = event.columns.clone();
    columns.insert("TenantId".to_owned(), event.tenant.to_string().into());
    columns.insert("Type".to_owned(), event.table.clone().into());
    Value::Object(columns)
}
