//! A query of the logs as one row of `LAQueryLogs`: who reads the logs is in the logs.

use signet_kernel::{Caller, Context, Timestamp};
use signet_record::{Entry, RecordBuilder, RowKeys};
use std::time::Duration;

/// The table that queries of the logs lie in.
pub const LOG_READS: &str = "LAQueryLogs";

/// One query that was answered or refused.
#[derive(Debug, Clone, Copy)]
pub struct LogRead<'a> {
    /// Who asked.
    pub caller: &'a Caller,
    /// When it was answered.
    pub at: Timestamp,
    /// How long that took.
    pub duration: Duration,
    /// What was asked.
    pub query: &'a str,
    /// The stretch of time that was asked for beside the query.
    pub range: (Option<Timestamp>, Option<Timestamp>),
    /// The answer's status.
    pub status: u16,
    /// How many rows the answer has.
    pub rows: usize,
}

impl LogRead<'_> {
    /// The record of it.
    pub fn to_entry(&self, context: &Context) -> Entry {
        let caller = self.caller;
        let id = context.new_uuid().to_string();
        let object = caller.object.to_string();
        let mut record = RecordBuilder::new(context, caller.tenant, LOG_READS);
        record.text("Id", &id).time("TimeGenerated", self.at);
        record.text("CorrelationId", &caller.origin.correlation_id.to_string());
        record.text("AADTenantId", &caller.tenant.to_string()).text("AADClientId", &caller.app.to_string());
        record.text("AADObjectId", &object);
        record.personal("RequestClientApp", caller.origin.user_agent.as_deref().unwrap_or_default());
        // Who asks for a person names them.
        record.text("RequestTarget", &format!("/workspaces/{}", caller.tenant)).personal("QueryText", self.query);
        if let Some(from) = self.range.0 {
            record.time("QueryTimeRangeStart", from);
        }
        if let Some(to) = self.range.1 {
            record.time("QueryTimeRangeEnd", to);
        }
        record.number("ResponseCode", i64::from(self.status));
        record.number("ResponseDurationMs", i64::try_from(self.duration.as_millis()).unwrap_or(i64::MAX));
        record.number("ResponseRowCount", i64::try_from(self.rows).unwrap_or(i64::MAX));
        record.number("StatsWorkspaceCount", 1).boolean("IsBillableQuery", false);
        let outcome = self.status.to_string();
        record.finish(RowKeys { at: self.at, id: &id, about: Some(&object), outcome: Some(&outcome) })
    }
}
