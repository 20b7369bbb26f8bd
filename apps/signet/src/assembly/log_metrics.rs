//! What the logs of the record and the questions about them do, for `/metrics`.

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType::{Counter, Gauge};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use signet_log_queries::Asked;
use signet_log_storage::LogStorage;
use signet_transparency_log::TransparencyLogs;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// From what is in memory to what is stopped after minutes.
const SECONDS: [f64; 10] = [0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0];

/// Reads the logs' figures at each scrape.
pub(super) fn register(registry: &mut Registry, logs: TransparencyLogs) {
    registry.register_collector(Box::new(Logs(logs)));
}

/// Reads how much this node holds of the record by columns at each scrape.
pub(super) fn register_storage(registry: &mut Registry, storage: LogStorage) {
    registry.register_collector(Box::new(Columns(storage)));
}

/// Counts questions by how they ended.
pub(super) fn queries(registry: &mut Registry) -> Arc<dyn Fn(&Asked) + Send + Sync> {
    type Outcomes = Family<[(&'static str, &'static str); 1], Histogram>;
    let seconds = Outcomes::new_with_constructor(|| Histogram::new(SECONDS));
    let help = "Questions about the logs, by how they ended";
    registry.register_with_unit("signet_log_query_duration", help, Unit::Seconds, seconds.clone());
    // All of them are there from the start, so that the first failure is seen as a rise.
    for outcome in ["answered", "refused", "limited", "failed"] {
        drop(seconds.get_or_create(&[("outcome", outcome)]));
    }
    Arc::new(move |asked: &Asked| {
        seconds.get_or_create(&[("outcome", outcome(asked.status))]).observe(asked.duration.as_secs_f64());
    })
}

fn outcome(status: u16) -> &'static str {
    match status {
        200..=299 => "answered",
        // What is asked for needs more time or memory than a question may have, or too many are asked at once.
        429 | 504 => "limited",
        400..=499 => "refused",
        _ => "failed",
    }
}

#[derive(Debug)]
struct Logs(TransparencyLogs);

/// A name with its explanation.
type Described = (&'static str, &'static str);

impl Collector for Logs {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let (to, now) = (&mut encoder, self.0.figures());
        gauge(to, ("signet_logs", "Transparency logs that something is in"), now.logs)?;
        gauge(to, ("signet_log_records", "Records in the transparency logs of all tenants"), now.records)?;
        gauge(
            to,
            ("signet_logs_stopped", "Transparency logs that sign nothing until somebody has looked"),
            now.stopped,
        )?;
        let help = "How long ago everything that was durable was in its log; on the node that gathers";
        age(to, ("signet_log_lag", help), now.lag)?;
        let help = "How long ago this node signed a checkpoint";
        age(to, ("signet_log_checkpoint_age", help), now.signed)?;
        let help = "How long ago the witness had cosigned every log; on the node that gathers";
        ages(to, ("signet_log_witness_age", help), "witness", &now.witnesses)?;
        counter(to, ("signet_log_witness_failures", "Times that a witness did not cosign"), now.unwitnessed)?;
        let help =
            "How long ago every log was known to have an anchor of its day in the sink; on the node that gathers";
        ages(to, ("signet_log_anchor_age", help), "sink", &now.anchors)?;
        counter(to, ("signet_log_anchor_failures", "Anchors that could not be put"), now.unanchored)
    }
}

struct Columns(LogStorage);

impl fmt::Debug for Columns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Columns").finish_non_exhaustive()
    }
}

impl Collector for Columns {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let to = &mut encoder;
        let now = match self.0.figures() {
            Ok(now) => now,
            Err(error) => {
                tracing::warn!(%error, "the segments could not be counted");
                return Ok(());
            }
        };
        gauge(to, ("signet_log_segments", "Segments of the record by columns on this node"), now.segments)?;
        gauge(to, ("signet_log_segment_bytes", "Bytes of the segments on this node"), now.bytes)?;
        gauge(to, ("signet_log_segment_rows", "Rows of the segments on this node"), now.rows)?;
        let help = "Records that are in no segment yet, held in memory by this node";
        gauge(to, ("signet_log_tail_records", help), now.tail)
    }
}

fn gauge(to: &mut DescriptorEncoder<'_>, (name, help): Described, value: u64) -> fmt::Result {
    let gauge = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
    gauge.encode(to.encode_descriptor(name, help, None, Gauge)?)
}

fn counter(to: &mut DescriptorEncoder<'_>, (name, help): Described, value: u64) -> fmt::Result {
    ConstCounter::new(value).encode(to.encode_descriptor(name, help, None, Counter)?)
}

/// Nothing where it is not known.
fn age(to: &mut DescriptorEncoder<'_>, (name, help): Described, age: Option<Duration>) -> fmt::Result {
    let Some(age) = age else { return Ok(()) };
    ConstGauge::new(age.as_secs_f64()).encode(to.encode_descriptor(name, help, Some(&Unit::Seconds), Gauge)?)
}

fn ages(
    to: &mut DescriptorEncoder<'_>,
    (name, help): Described,
    label: &'static str,
    ages: &[(String, Duration)],
) -> fmt::Result {
    let mut family = to.encode_descriptor(name, help, Some(&Unit::Seconds), Gauge)?;
    for (named, age) in ages {
        ConstGauge::new(age.as_secs_f64()).encode(family.encode_family(&[(label, named.as_str())])?)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_counted_by_how_they_ended() {
        let mut registry = Registry::default();
        let told = queries(&mut registry);
        for status in [200, 400, 403, 429, 500, 503, 504] {
            told(&Asked { status, duration: Duration::from_millis(20), rows: 1 });
        }
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
        for (outcome, count) in [("answered", 1), ("refused", 2), ("limited", 2), ("failed", 2)] {
            let line = format!("signet_log_query_duration_seconds_count{{outcome=\"{outcome}\"}} {count}");
            assert!(text.contains(&line), "{line} in {text}");
        }
    }
}
