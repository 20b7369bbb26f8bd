//! What the record did, which alerts were raised, and how old the view of other nodes' changes is, for `/metrics`.

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::{Registry, Unit};
use signet_alerts::raised_so_far;
use signet_record::Record;
use signet_store::Store;
use std::fmt;

#[derive(Debug)]
struct Metrics {
    record: Record,
    store: Store,
}

/// Reads the record's counters and the view's age at each scrape.
pub(super) fn register(registry: &mut Registry, record: Record, store: Store) {
    registry.register_collector(Box::new(Metrics { record, store }));
}

impl Collector for Metrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let metrics = self.record.metrics();
        let age = ConstGauge::new(self.store.age_of_view().as_secs_f64());
        let help = "How long ago every commit of every node was known to be seen here";
        age.encode(encoder.encode_descriptor("signet_view_age", help, Some(&Unit::Seconds), age.metric_type())?)?;
        let seconds = std::time::Duration::from_micros(metrics.commit_micros).as_secs_f64();
        alerts(&mut encoder)?;
        counter(&mut encoder, "signet_records", "Records made durable", metrics.records)?;
        counter(&mut encoder, "signet_record_bytes", "Bytes of records as stored", metrics.bytes)?;
        counter(&mut encoder, "signet_record_frames", "Frames made durable", metrics.frames)?;
        counter(&mut encoder, "signet_record_commits", "Commits of the record", metrics.batches)?;
        let busy = ConstCounter::new(seconds);
        let help = "Time spent committing the record";
        busy.encode(encoder.encode_descriptor(
            "signet_record_commit",
            help,
            Some(&Unit::Seconds),
            busy.metric_type(),
        )?)?;
        gauge(&mut encoder, "signet_record_queue_depth", "Records that wait for the disk", metrics.queue_depth)?;
        gauge(&mut encoder, "signet_record_last_commit_records", "Records in the last commit", metrics.last_batch)
    }
}

/// What somebody should look at, by how much it matters; what they are is at `/security/alerts`.
fn alerts(encoder: &mut DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
    let help = "Alerts raised by this process";
    let mut family = encoder.encode_descriptor("signet_alerts", help, None, MetricType::Counter)?;
    for (severity, count) in raised_so_far() {
        let labels = [("severity", severity.name())];
        ConstCounter::new(count).encode(family.encode_family(&labels)?)?;
    }
    Ok(())
}

fn counter(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: u64) -> Result<(), fmt::Error> {
    let counter = ConstCounter::new(value);
    counter.encode(encoder.encode_descriptor(name, help, None, counter.metric_type())?)
}

fn gauge(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: u64) -> Result<(), fmt::Error> {
    let gauge = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
    gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)
}
