//! What a purge says of itself, in an audit record that is a leaf like any other: which leaves it removed, and a hash that
//! binds their entries. Whoever verifies finds every removed leaf stated, or finds who removed what nobody may.

use crate::bury::Tombstone;
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::Value;
use signet_record::FoundFrame;

/// The operation that its audit record names.
pub const PURGE: &str = "Purge log records";
/// The table that states purges.
pub(crate) const AUDITS: &str = "AuditLogs";
const RANGES: &str = "LeafRanges";
const HASH: &str = "EntriesHash";
const TABLE: &str = "Table";
const REASON: &str = "Reason";

/// What is stated of a purge besides when and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PurgeStatement {
    /// The table that records were removed from.
    pub table: String,
    /// Why.
    pub reason: String,
    /// The first leaf of each range, and leaves in it.
    pub ranges: Vec<(u64, u64)>,
    /// SHA-256 over the SHA-256 of each range's entries, in base64.
    pub entries_hash: String,
}

impl PurgeStatement {
    /// Of what was buried.
    pub fn of(table: &str, reason: &str, tombstones: &[Tombstone]) -> Self {
        let ranges = tombstones.iter().map(|one| (one.first_leaf, one.count)).collect();
        let hashes = tombstones.iter().flat_map(|one| STANDARD.decode(&one.entries_hash).unwrap_or_default());
        let entries_hash = combined(&hashes.collect::<Vec<u8>>());
        Self { table: table.to_owned(), reason: reason.to_owned(), ranges, entries_hash }
    }

    /// Leaves that were removed.
    pub fn count(&self) -> u64 {
        self.ranges.iter().map(|(_, count)| count).sum()
    }

    /// As the audit record's details.
    pub fn details(&self) -> [(&'static str, String); 4] {
        let ranges: Vec<String> = self.ranges.iter().map(|(first, count)| format!("[{first},{count}]")).collect();
        [
            (TABLE, self.table.clone()),
            (REASON, self.reason.clone()),
            (RANGES, format!("[{}]", ranges.join(","))),
            (HASH, self.entries_hash.clone()),
        ]
    }
}

/// A purge as the record states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatedPurge {
    /// What.
    pub statement: PurgeStatement,
    /// When.
    pub at: String,
    /// The audit record's id.
    pub record: String,
}

/// Whether a frame states a purge: it stays, whatever its age.
pub fn states_purge(frame: &FoundFrame) -> bool {
    stated(frame).next().is_some()
}

/// The purges that a frame states.
pub(crate) fn stated(frame: &FoundFrame) -> impl Iterator<Item = StatedPurge> {
    let audits = frame.table == AUDITS;
    frame.lines().filter(move |(_, body)| audits && contains(body, PURGE.as_bytes())).filter_map(|(_, body)| read(body))
}

fn contains(text: &[u8], wanted: &[u8]) -> bool {
    text.windows(wanted.len()).any(|window| window == wanted)
}

fn read(body: &[u8]) -> Option<StatedPurge> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Body {
        id: String,
        operation_name: String,
        time_generated: String,
        additional_details: Vec<Value>,
    }
    let body: Body = serde_json::from_slice(body).ok().filter(|body: &Body| body.operation_name == PURGE)?;
    let detail = |key: &str| {
        let found = body.additional_details.iter().find(|pair| pair.get("key").and_then(Value::as_str) == Some(key));
        found.and_then(|pair| pair.get("value")).and_then(Value::as_str)
    };
    let statement = PurgeStatement {
        table: detail(TABLE)?.to_owned(),
        reason: detail(REASON)?.to_owned(),
        ranges: serde_json::from_str(detail(RANGES)?).ok()?,
        entries_hash: detail(HASH)?.to_owned(),
    };
    Some(StatedPurge { statement, at: body.time_generated, record: body.id })
}

/// The hash over the hashes of ranges.
pub(crate) fn combined(hashes: &[u8]) -> String {
    STANDARD.encode(digest(&SHA256, hashes))
}
