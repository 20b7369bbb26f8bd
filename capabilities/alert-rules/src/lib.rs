//! Rules in KQL that watch a tenant's record and directory, and raise alerts.
//!
//! Words: a *streaming* rule is asked of each record as it is followed, a *scheduled* one now and then of all that a
//! period holds. Each row of its answer is a *hit*; hits whose `groupBy` columns agree are one *group*, and a group raises
//! one alert and is then silent for `suppressForMinutes`. A *built-in* rule comes with the program; a tenant may change or
//! disable it.
//!
//! Invariants:
//! - how far a tenant's record was followed and the alerts that came of it are one commit: no record raises an alert
//!   twice, and none is passed over, whichever node follows;
//! - what a rule's alerts themselves leave in the record is asked of no streaming rule: no rule feeds itself;
//! - a rule sees its tenant alone; one that fails is told of in the log, and others go on.
//!
//! Start with [`AlertRule`], then [`Watch`]; [`AlertRules`] is the rule in the directory API, with `dryRun`. An alert goes
//! out as every record does, by a sink of `signet-exports`. Absent: playbooks, and anything that an alert would change.

mod built_in;
mod compiled;
mod group;
mod hits;
#[cfg(test)]
mod house;
mod http;
mod ops;
mod progress;
mod raise;
mod rule;
mod schedule;
mod stream;
mod watch;

pub use group::AlertGroup;
pub use http::{ALERT_RULE, AlertRules};
pub use progress::AlertProgress;
pub use rule::{AlertRule, Evaluation};
pub use watch::{Watch, WatchCounts};
