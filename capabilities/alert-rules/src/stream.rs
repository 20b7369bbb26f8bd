//! Streaming rules, asked of records as they are followed.

use crate::compiled::{Compiled, Streams};
use crate::hits::{Group, groups};
use crate::rule::{AlertRule, Evaluation};
use serde_json::Value;
use signet_kernel::{TenantId, Timestamp};
use signet_kql::Row;
use signet_logs::AUDITS;
use signet_logs::tables::{Received, table, ticks};
use signet_record::Followed;
use signet_store::Object;
use std::collections::HashMap;
use std::sync::Arc;

/// What rules have found.
pub(crate) type Found = Vec<(Arc<Object<AlertRule>>, Vec<Group>)>;

/// Rows that a rule may make of one batch of records.
const MOST: usize = 10_000;

/// A rule that can be asked of records.
#[derive(Debug, Clone)]
pub(crate) struct Streaming {
    pub(crate) rule: Arc<Object<AlertRule>>,
    compiled: Arc<Compiled>,
    streams: Streams,
}

impl Streaming {
    /// The rule, if it streams and is enabled. One that was right once and is not any more is told of.
    pub(crate) fn of(rule: &Arc<Object<AlertRule>>) -> Option<Self> {
        if !rule.body.is_enabled || rule.body.evaluation != Evaluation::Streaming {
            return None;
        }
        let compiled = Compiled::of(&rule.body.query);
        match compiled.and_then(|compiled| Ok((compiled.streams()?, compiled))) {
            Ok((streams, compiled)) => Some(Self { rule: rule.clone(), compiled: Arc::new(compiled), streams }),
            Err(failure) => {
                tracing::error!(rule = rule.body.display_name, %failure, "a rule cannot be asked any more");
                None
            }
        }
    }

    /// The table of the record that it is asked of.
    pub(crate) fn stored(&self) -> &'static str {
        self.streams.stored
    }
}

/// What each rule finds in these records; with how many failed.
pub(crate) fn ask(rules: &[Streaming], tenant: TenantId, records: &[Followed], now: Timestamp) -> (Found, usize) {
    let mut rows: HashMap<&str, Vec<Row>> = HashMap::new();
    let (mut found, mut failed) = (Vec::new(), 0);
    for Streaming { rule, compiled, streams } in rules {
        let rows = rows.entry(streams.table).or_insert_with(|| rows_of(*streams, tenant, records));
        if rows.is_empty() {
            continue;
        }
        match compiled.run(streams.table, rows.clone(), ticks(now), MOST) {
            Ok(hits) => {
                let groups = groups(&rule.body, &compiled.columns(), hits);
                if !groups.is_empty() {
                    found.push((rule.clone(), groups));
                }
            }
            Err(error) => {
                failed += 1;
                tracing::warn!(rule = rule.body.display_name, %error, "a rule could not be asked of some records");
            }
        }
    }
    (found, failed)
}

fn rows_of(streams: Streams, tenant: TenantId, records: &[Followed]) -> Vec<Row> {
    let Some(table) = table(streams.table) else { return Vec::new() };
    let of_table = records.iter().filter(|record| record.table == streams.stored && !is_of_an_alert(record));
    of_table.map(|record| table.row(record.columns.clone(), Received { tenant, at: record.committed })).collect()
}

/// INVARIANT: no rule feeds itself.
fn is_of_an_alert(record: &Followed) -> bool {
    record.table == AUDITS && record.columns.get("Category").and_then(Value::as_str) == Some(signet_alerts::CATEGORY)
}
