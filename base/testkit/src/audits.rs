//! Audit entries as tests read them.

use serde_json::Value;
use signet_store::OutboxEntry;

/// An audit entry that waits in the store.
#[derive(Debug, Clone, PartialEq)]
pub struct Audit {
    /// As it waits: columns under `body`.
    pub json: Value,
}

impl Audit {
    pub(crate) fn of(entry: &OutboxEntry) -> Self {
        Self { json: serde_json::from_slice(&entry.body).expect("an audit entry is JSON") }
    }

    /// The name of what was done.
    pub fn activity(&self) -> &str {
        self.text("/body/OperationName")
    }

    /// The text at a JSON pointer, empty if there is none.
    pub fn text(&self, pointer: &str) -> &str {
        self.json.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    /// What was changed, as listed.
    pub fn targets(&self) -> &[Value] {
        let targets = self.json.pointer("/body/TargetResources").and_then(Value::as_array);
        targets.map(Vec::as_slice).unwrap_or_default()
    }
}
