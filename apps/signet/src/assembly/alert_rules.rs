//! Alert rules: asked by one node at a time, counted on `/metrics`.

use super::directory;
use super::log_columns::LogColumns;
use crate::command_error::CommandError;
use crate::node::Node;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType::{Counter, Gauge};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::{Registry, Unit};
use signet_alert_rules::{Watch, WatchCounts};
use signet_jobs::Worker;
use signet_log_queries::{LogQueries, QueryLimits};
use std::fmt;
use std::time::Duration;

/// How long a node that watches may stand still before another goes on.
const PATIENCE: Duration = Duration::from_secs(15);
/// Bytes that a rule's query may hold at once, about: nobody waits for it, and nobody chose the moment.
const MEMORY: usize = 64 << 20;
const ROWS: usize = 10_000;

fn limits() -> QueryLimits {
    QueryLimits { rows: ROWS, memory: MEMORY, at_once: 2, ..QueryLimits::default() }
}

/// What looks at the queries of rules, and answers them row by row.
pub(super) fn queries(node: &Node) -> LogQueries {
    let logs = (node.record.clone(), node.audit.clone());
    LogQueries::new(directory::authenticate(node), node.context.clone(), logs, limits())
}

/// What asks the rules, with its counts registered.
pub(super) fn open(node: &Node, columns: &LogColumns, registry: &mut Registry) -> Result<Watch, CommandError> {
    let worker = Worker::new(node.store.clone(), PATIENCE);
    let queries = columns.answer(queries(node), limits())?;
    let watch = Watch::new(node.store.clone(), (node.record.clone(), node.audit.clone()), queries, worker);
    registry.register_collector(Box::new(Metrics(Box::new(watch.counts()))));
    Ok(watch)
}

struct Metrics(Box<dyn Fn() -> WatchCounts + Send + Sync>);

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Metrics").field(&(self.0)()).finish()
    }
}

impl Collector for Metrics {
    fn encode(&self, mut to: DescriptorEncoder<'_>) -> fmt::Result {
        let counts = (self.0)();
        let help = "Whether this node asks the alert rules";
        let watching = ConstGauge::new(i64::from(counts.watching));
        watching.encode(to.encode_descriptor("signet_alert_rules_watching", help, None, Gauge)?)?;
        let help = "How long the last records waited until streaming rules were asked of them";
        let lag = ConstGauge::new(counts.lag.as_secs_f64());
        lag.encode(to.encode_descriptor("signet_alert_rules_lag", help, Some(&Unit::Seconds), Gauge)?)?;
        for (name, help, count) in [
            ("signet_alert_rules_records", "Records that streaming rules were asked of", counts.records),
            ("signet_alert_rules_scheduled", "Times that a scheduled rule was asked", counts.scheduled),
            ("signet_alert_rules_failures", "Times that a rule could not be asked", counts.failures),
        ] {
            ConstCounter::new(count).encode(to.encode_descriptor(name, help, None, Counter)?)?;
        }
        Ok(())
    }
}
