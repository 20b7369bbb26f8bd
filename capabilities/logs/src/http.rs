//! `/auditLogs`: how records look in the directory API, how they are filtered and paged.

mod audits;
mod filter;
mod listing;
mod record_id;
mod sign_ins;

pub use audits::{DIRECTORY_AUDIT, directory_audits};
pub use listing::RecordList;
pub use sign_ins::{SIGN_IN, sign_ins};

use serde_json::Value;
use signet_graph::{Access, JsonMap, Property, PropertyType};

/// What it takes to read the logs. Nothing else can be done with them here.
const READ: Access = Access { read: &["AuditLog.Read.All"], create: &[], update: &[], delete: &[] };

const fn read_only(name: &'static str, kind: PropertyType) -> Property {
    Property::new(name, kind).read_only()
}

/// A column; null where the record has none.
fn column(record: &JsonMap, name: &str) -> Value {
    record.get(name).cloned().unwrap_or_default()
}
