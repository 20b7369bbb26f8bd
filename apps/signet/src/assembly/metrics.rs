//! What the record did, for `/metrics`.

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::{Registry, Unit};
use signet_record::Record;
use std::fmt;

#[derive(Debug)]
struct RecordMetrics(Record);

/// Reads the record's counters at each scrape.
pub(super) fn register(registry: &mut Registry, record: Record) {
    registry.register_collector(Box::new(RecordMetrics(record)));
}

impl Collector for RecordMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let metrics = self.0.metrics();
        let seconds = std::time::Duration::from_micros(metrics.commit_micros).as_secs_f64();
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

fn counter(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: u64) -> Result<(), fmt::Error> {
    let counter = ConstCounter::new(value);
    counter.encode(encoder.encode_descriptor(name, help, None, counter.metric_type())?)
}

fn gauge(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: u64) -> Result<(), fmt::Error> {
    let gauge = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
    gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)
}
