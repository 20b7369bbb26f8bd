//! The audit trail: one record for every write, committed with it.
//!
//! An operation says what it did with an [`Activity`] and its [`Target`]s and hands the entry to its unit of work.
//! Start with [`success`].

mod activity;
mod delegated;
mod grant;
mod initiator;
mod line;
mod modified;
mod target;

pub use activity::{Activity, OperationType, activities};
pub use delegated::{DelegatedGrant, delegated_grant_changed};
pub use grant::{AppRoleGrant, app_role_assigned, app_role_unassigned};
pub use modified::{KeyDescription, KeyType, Modified, key_descriptions, modified};
pub use target::{AgentType, Target, TargetType};

pub(crate) use line::Line;

use serde_json::{Value, json};
use signet_graph::JsonMap;
use signet_kernel::{Caller, Context, Failure, Timestamp};
use signet_record::Entry;
use signet_store::AuditEntry;
use std::collections::BTreeMap;
use uuid::Uuid;

/// The table that audit records lie in.
pub const AUDITS: &str = "AuditLogs";

/// One write: who did what to what.
#[derive(Debug, Clone)]
pub struct Act<'a> {
    /// Who acts.
    pub caller: &'a Caller,
    /// When.
    pub at: Timestamp,
    /// The record's own id.
    pub id: Uuid,
    /// What.
    pub activity: &'a Activity,
    /// To what. Public queries look at positions: keep the order that the activity is known for.
    pub targets: Vec<Target>,
    /// Anything else worth knowing; keys may repeat.
    pub details: &'a [(&'a str, &'a str)],
}

impl Act<'_> {
    /// It was done: the entry to commit with it.
    pub fn success(&self) -> AuditEntry {
        self.line("success", None).to_outbox()
    }

    /// It was refused: the record to append, since nothing is committed.
    pub fn refused(&self, context: &Context, failure: &Failure) -> Entry {
        self.line("failure", Some(&failure.message)).to_entry(context, self.caller.tenant)
    }

    fn line(&self, result: &'static str, reason: Option<&str>) -> Line {
        let mut personal = BTreeMap::new();
        let Activity { name, category, operation, service } = *self.activity;
        let id = format!("Directory_{}", self.id);
        let (initiated_by, performed_by) = initiator::initiator(self.caller, &mut personal);
        let targets: Vec<Value> =
            self.targets.iter().enumerate().map(|(at, target)| target.to_json(at, &mut personal)).collect();
        let columns = [
            ("Id", json!(id)),
            ("TimeGenerated", json!(self.at)),
            ("ActivityDateTime", json!(self.at)),
            ("OperationName", json!(name)),
            ("ActivityDisplayName", json!(name)),
            ("Category", json!(category)),
            ("AADOperationType", json!(operation)),
            ("LoggedByService", json!(service)),
            ("Result", json!(result)),
            ("ResultReason", json!(reason.unwrap_or_default())),
            ("InitiatedBy", initiated_by),
            ("PerformedBy", performed_by),
            ("TargetResources", json!(targets)),
            ("AdditionalDetails", self.details(&mut personal)),
            ("CorrelationId", json!(self.caller.origin.correlation_id)),
            ("AADTenantId", json!(self.caller.tenant)),
        ];
        let body: JsonMap = columns.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let about = Some(self.caller.object.to_string());
        Line { at: self.at, id, about, outcome: result.to_owned(), body, personal }
    }

    /// The browser or program of the caller comes first, and goes to `personal`.
    fn details(&self, personal: &mut BTreeMap<String, String>) -> Value {
        let agent = self.caller.origin.user_agent.as_ref().map(|agent| {
            personal.insert("/AdditionalDetails/0/value".to_owned(), agent.clone());
            json!({ "key": "User-Agent", "value": null })
        });
        let pairs = self.details.iter().map(|(key, value)| json!({ "key": key, "value": value }));
        agent.into_iter().chain(pairs).collect()
    }
}

/// The entry for a write that `caller` made: hand it to the unit of work that makes it.
pub fn success(
    caller: &Caller,
    at: Timestamp,
    id: Uuid,
    activity: &Activity,
    targets: Vec<Target>,
    details: &[(&str, &str)],
) -> AuditEntry {
    Act { caller, at, id, activity, targets, details }.success()
}
