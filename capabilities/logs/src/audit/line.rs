//! An audit record between its commit and its copy into the record.

use super::TABLE;
use serde::{Deserialize, Serialize};
use signet_graph::JsonMap;
use signet_kernel::{Context, TenantId, Timestamp};
use signet_record::{Entry, RecordBuilder, RowKeys};
use signet_store::AuditEntry;
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

    pub(crate) fn from_outbox(body: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(body)
    }

    /// The record: personal values only as digests.
    #[expect(clippy::expect_used, reason = "JSON values always serialize into memory")]
    pub(crate) fn to_entry(&self, context: &Context, tenant: TenantId) -> Entry {
        let mut record = RecordBuilder::new(context, tenant, TABLE);
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
