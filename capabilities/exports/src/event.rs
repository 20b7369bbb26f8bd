//! One record on its way.

use serde_json::Value;
use signet_graph::JsonMap;
use signet_kernel::{TenantId, Timestamp};
use signet_logs::put_in_place;
use signet_record::Followed;

/// One record on its way.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Whose it is.
    pub tenant: TenantId,
    /// Its table.
    pub table: String,
    /// Its id: what a receiver tells repetitions by.
    pub id: String,
    /// When it happened.
    pub at: Timestamp,
    /// When it was durable.
    pub committed: Timestamp,
    /// Its columns.
    pub columns: JsonMap,
}

impl Event {
    /// What was followed.
    pub fn of(tenant: TenantId, record: Followed) -> Self {
        let Followed { table, id, committed, mut columns } = record;
        put_in_place(&mut columns);
        let at = columns.get("TimeGenerated").and_then(Value::as_str).and_then(|text| text.parse().ok());
        Self { tenant, table, id, at: at.unwrap_or(committed), committed, columns }
    }

    /// A column.
    pub fn column(&self, name: &str) -> &Value {
        self.columns.get(name).unwrap_or(&Value::Null)
    }

    /// A column's text; none if it is empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.column(name).as_str().filter(|text| !text.is_empty())
    }

    /// A text inside a column, by JSON pointer; none if it is empty.
    pub fn text_at(&self, column: &str, pointer: &str) -> Option<&str> {
        self.column(column).pointer(pointer)?.as_str().filter(|text| !text.is_empty())
    }

    /// The value of a key of `AdditionalDetails`.
    pub fn detail(&self, key: &str) -> Option<&str> {
        let pairs = self.column("AdditionalDetails").as_array()?;
        let pair = pairs.iter().find(|pair| pair.get("key").and_then(Value::as_str) == Some(key))?;
        pair.get("value")?.as_str()
    }

    /// Whether it is the raising of an alert.
    pub fn is_alert(&self) -> bool {
        self.table == signet_logs::AUDITS
            && self.text("Category") == Some(signet_alerts::CATEGORY)
            && self.text("OperationName") == Some(signet_alerts::RAISED)
    }

    /// Whether it tells of a sign-in.
    pub fn is_sign_in(&self) -> bool {
        self.table.ends_with("SignInLogs") || self.table == "SigninLogs"
    }
}
