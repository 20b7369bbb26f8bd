//! Raises an alert with the change that it is about.

use crate::{Alert, Severity, Status};
use signet_graph::Call;
use signet_kernel::{Caller, Context, ObjectId};
use signet_logs::audit::{self, Activity, OperationType, Target};
use signet_store::{Id, UnitOfWork};
use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};

/// The audit category of alerts: theirs alone.
pub const CATEGORY: &str = "SecurityAlert";

/// The activity of raising one.
pub const RAISED: &str = "Raise alert";

pub(crate) const RAISE: Activity =
    Activity { name: RAISED, category: CATEGORY, operation: OperationType::Add, service: "Agent Identity" };

/// An alert that is not raised yet.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAlert {
    /// What happened, in a few words.
    pub title: Cow<'static, str>,
    /// What happened, by whom, to what.
    pub description: String,
    /// What kind of thing happened: stable.
    pub category: Cow<'static, str>,
    /// How much it matters.
    pub severity: Severity,
    /// The object that it is about.
    pub subject: ObjectId,
    /// The same, as the audit trail names it.
    pub target: Target,
}

/// An alert that is raised once its unit of work is committed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "once the unit of work is committed, the log is told"]
pub struct Raised {
    id: ObjectId,
    category: Cow<'static, str>,
    severity: Severity,
    description: String,
}

/// How many were told since the process began, by severity.
static TOLD: [AtomicU64; Severity::ALL.len()] = [const { AtomicU64::new(0) }; Severity::ALL.len()];

/// How many alerts this process has raised, by severity.
pub fn raised_so_far() -> impl Iterator<Item = (Severity, u64)> {
    Severity::ALL.into_iter().zip(TOLD.iter().map(|count| count.load(Ordering::Relaxed)))
}

impl Raised {
    /// Says so in the log, and counts it.
    pub fn tell(self) {
        if let Some(count) = TOLD.get(self.severity as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        tracing::warn!(alert = %self.id, category = %self.category, "{}", self.description);
    }
}

/// Adds an alert to `unit`, with its audit entry: about what the caller does.
pub fn raise(call: &Call, unit: &mut UnitOfWork, new: NewAlert) -> Raised {
    raise_by(call.store.context(), &call.caller, unit, new)
}

/// The same, where nobody called: about what `by` found.
pub fn raise_by(context: &Context, by: &Caller, unit: &mut UnitOfWork, new: NewAlert) -> Raised {
    let id = context.new_object_id();
    let alert = Alert {
        title: new.title.to_string(),
        description: new.description.clone(),
        category: new.category.to_string(),
        severity: new.severity,
        status: Status::NewAlert,
        subject: new.subject,
        actor: by.object,
        other: serde_json::Map::new(),
    };
    unit.create(Id::of(id), &alert);
    let alert_id = id.to_string();
    let details = [
        ("AlertId", alert_id.as_str()),
        ("AlertCategory", &new.category),
        ("Alert", new.description.as_str()),
        ("AlertTitle", &new.title),
        ("AlertSeverity", new.severity.name()),
    ];
    unit.audit(audit::success(by, context.now(), context.new_uuid(), &RAISE, vec![new.target], &details));
    Raised { id, category: new.category, severity: new.severity, description: new.description }
}
