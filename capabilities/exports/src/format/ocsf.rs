//! Open Cybersecurity Schema Framework, version 1.8.0. An acceptance test validates every event against the published
//! schema.
//!
//! `agent` in OCSF means a program that watches a device. An AI agent is a user of the type Service; what marks it stands,
//! like every column that the schema has no place for, in `unmapped`.

mod api;
mod audit;
mod authentication;
mod finding;

use crate::event::Event;
use serde_json::{Map, Value, json};

const VERSION: &str = "1.8.0";

/// SPEC: OCSF 1.8.0, an event as the class that its table and operation call for.
pub(super) fn value(event: &Event) -> Value {
    match event.table.as_str() {
        _ if event.is_alert() => finding::value(event),
        _ if event.is_sign_in() => authentication::value(event),
        signet_logs::AUDITS => audit::value(event),
        "MicrosoftGraphActivityLogs" => api::value(event),
        _ => base(event),
    }
}

/// A class of events.
#[derive(Clone, Copy)]
struct Class {
    uid: u32,
    name: &'static str,
    category: (u32, &'static str),
}

const SYSTEM: (u32, &str) = (0, "Uncategorized");
const FINDINGS: (u32, &str) = (2, "Findings");
const IDENTITY: (u32, &str) = (3, "Identity & Access Management");
const APPLICATION: (u32, &str) = (6, "Application Activity");

/// What is done, within a class. 99 is anything that the class has no number for.
type Activity<'a> = (u32, &'a str);

const OTHER: u32 = 99;

const INFORMATIONAL: (u32, &str) = (1, "Informational");

/// What no class is made for.
fn base(event: &Event) -> Value {
    let class = Class { uid: 0, name: "Base Event", category: SYSTEM };
    Made::new(event, class, (OTHER, &event.table), INFORMATIONAL).done(&[])
}

/// An event that is being made.
struct Made<'e> {
    event: &'e Event,
    members: Map<String, Value>,
}

impl<'e> Made<'e> {
    fn new(event: &'e Event, class: Class, activity: Activity<'_>, severity: (u32, &str)) -> Self {
        let (activity_id, activity_name) = activity;
        let members = object([
            ("activity_id", activity_id.into()),
            ("activity_name", activity_name.into()),
            ("category_uid", class.category.0.into()),
            ("category_name", class.category.1.into()),
            ("class_uid", class.uid.into()),
            ("class_name", class.name.into()),
            ("type_uid", (u64::from(class.uid) * 100 + u64::from(activity_id)).into()),
            ("type_name", format!("{}: {activity_name}", class.name).into()),
            ("severity_id", severity.0.into()),
            ("severity", severity.1.into()),
            ("time", millis(event.at).into()),
            ("metadata", metadata(event)),
        ]);
        Self { event, members }
    }

    /// With a member, unless it is empty.
    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        let value = value.into();
        if !is_empty(&value) {
            self.members.insert(name.to_owned(), value);
        }
        self
    }

    fn outcome(self, success: bool, code: Option<&str>, detail: Option<&str>) -> Self {
        let (id, name) = if success { (1, "Success") } else { (2, "Failure") };
        self.with("status_id", id).with("status", name).with("status_code", code).with("status_detail", detail)
    }

    /// The event, with the columns that are not in `mapped` as `unmapped`.
    fn done(self, mapped: &[&str]) -> Value {
        let always = ["Id", "TimeGenerated", "CorrelationId", "AADTenantId"];
        let rest = self.event.columns.iter().filter(|(name, value)| {
            !value.is_null() && !mapped.contains(&name.as_str()) && !always.contains(&name.as_str())
        });
        let rest: Map<String, Value> = rest.map(|(name, value)| (name.clone(), value.clone())).collect();
        Value::Object(self.with("unmapped", rest).members)
    }
}

fn metadata(event: &Event) -> Value {
    let product = json!({"name": "Signet", "vendor_name": "Signet", "version": env!("CARGO_PKG_VERSION")});
    sparse([
        ("version", VERSION.into()),
        ("product", product),
        ("uid", event.id.clone().into()),
        ("log_name", event.table.clone().into()),
        ("tenant_uid", event.tenant.to_string().into()),
        ("correlation_uid", event.text("CorrelationId").into()),
        ("event_code", event.text("OperationName").map(str::trim).into()),
        ("original_time", event.at.to_string().into()),
        ("logged_time", millis(event.committed).into()),
    ])
}

fn millis(at: signet_kernel::Timestamp) -> i64 {
    at.micros().div_euclid(1_000)
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// An object of the members that are not empty; null if none is.
fn sparse<const N: usize>(members: [(&str, Value); N]) -> Value {
    let members: Map<String, Value> = object(members).into_iter().filter(|(_, value)| !is_empty(value)).collect();
    if members.is_empty() { Value::Null } else { Value::Object(members) }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(members) => members.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// A user: whoever acts or is acted on. Programs, agents among them, are of the type Service.
fn user(id: Option<&str>, name: Option<&str>, is_person: bool) -> Value {
    if id.is_none() && name.is_none() {
        return Value::Null;
    }
    let (type_id, kind) = if is_person { (1, "User") } else { (4, "Service") };
    sparse([("uid", id.into()), ("name", name.into()), ("type_id", type_id.into()), ("type", kind.into())])
}

fn endpoint(address: Option<&str>) -> Value {
    sparse([("ip", address.into())])
}
