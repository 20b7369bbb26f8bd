//! Scheduled rules, asked of a period.

use crate::hits::{Group, groups};
use crate::rule::{AlertRule, Evaluation};
use signet_kernel::{Failure, Fault, ObjectId, Timestamp};
use signet_log_queries::{LogQueries, QueryRefused, Question};
use signet_store::{Object, TenantStore};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long a rule may take.
const WAIT: Duration = Duration::from_mins(1);

/// Whether it is a rule's time.
pub(crate) fn is_due(rule: &Object<AlertRule>, asked: &BTreeMap<ObjectId, Timestamp>, now: Timestamp) -> bool {
    let every = Duration::from_secs(60) * rule.body.frequency_in_minutes;
    let scheduled = rule.body.is_enabled && rule.body.evaluation == Evaluation::Scheduled;
    scheduled && asked.get(&rule.id.object()).is_none_or(|last| last.plus(every) <= now)
}

/// What a rule finds in the last so many minutes.
pub(crate) async fn ask(
    queries: &LogQueries,
    store: &TenantStore,
    rule: &AlertRule,
    minutes: u32,
) -> Result<Vec<Group>, Failure> {
    let asked = Question { text: rule.query.clone(), timespan: Some(format!("PT{minutes}M")), wait: Some(WAIT) };
    let answer = queries.look(store, asked).await.map_err(failure)?;
    let columns: Vec<&str> = answer.columns.iter().map(|column| column.name.as_str()).collect();
    Ok(groups(rule, &columns, answer.rows))
}

fn failure(refused: QueryRefused) -> Failure {
    match refused {
        QueryRefused::Failed(failure) => failure,
        QueryRefused::AtOnce(_) => Failure::busy(refused),
        refused => Failure::new(Fault::Input, "Request_BadRequest", refused.to_string()).with_target("query"),
    }
}
