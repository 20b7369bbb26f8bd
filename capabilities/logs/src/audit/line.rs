//! An audit record between its commit and its copy into the record.

use super::AUDITS;
use serde::{Deserialize, Serialize};
use serde_json::json;
use signet_graph::JsonMap;
use signet_kernel::{Context, TenantId, Timestamp};
use signet_record::{Entry, RecordBuilder, RowKeys};
use signet_store::{AuditEntry, OutboxEntry};
use std::collections::BTreeMap;

/// What waits in the outbox: columns, and the personal values that belong in them by JSON pointer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) at: Timestamp,
    pub(crate) id: String,
    pub(crate) about: Option<String>,
    pub(crate) outcome: String,
    pub(crate) body: JsonMap,
    pub(crate) personal: BTreeMap<String, String>,
}

impl Line {
    #[expect(clippy::expect_used, reason = "strings and JSON values always serialize into memory")]
    pub(super) fn to_outbox(&self) -> AuditEntry {
        AuditEntry { body: serde_json::to_vec(self).expect("a line serializes") }
    }

    /// What a commit left. What cannot be read is a line that says so and holds what was found: an entry is never
    /// lost, nor does it stop those behind it.
    pub(crate) fn from_outbox(entry: &OutboxEntry) -> Self {
        serde_json::from_slice(&entry.body).unwrap_or_else(|error| {
            tracing::error!(%error, "an audit entry cannot be read; it is recorded as it is");
            Self::unreadable(entry)
        })
    }

    fn unreadable(entry: &OutboxEntry) -> Self {
        let OutboxEntry { tenant, position, ordinal, at, body } = entry;
        let id = format!("Directory_{tenant}_{}_{ordinal}", position.0);
        let columns = [
            ("Id", json!(id)),
            ("TimeGenerated", json!(at)),
            ("ActivityDateTime", json!(at)),
            ("OperationName", json!("Unreadable audit entry")),
            ("ActivityDisplayName", json!("Unreadable audit entry")),
            ("Result", json!("failure")),
            ("ResultReason", json!(String::from_utf8_lossy(body))),
        ];
        let body = columns.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { at: *at, id, about: None, outcome: "failure".to_owned(), body, personal: BTreeMap::new() }
    }

    /// The record: personal values only as digests.
    #[expect(clippy::expect_used, reason = "JSON values always serialize into memory")]
    pub(crate) fn to_entry(&self, context: &Context, tenant: TenantId) -> Entry {
        let mut record = RecordBuilder::new(context, tenant, AUDITS);
        for (name, value) in &self.body {
            record.json(name, value).expect("a JSON value serializes");
        }
        for (pointer, value) in &self.personal {
            record.personal(pointer, value);
        }
        let about = self.about.as_deref();
        record.finish(RowKeys { at: self.at, id: &self.id, about, outcome: Some(&self.outcome) })
    }
}
