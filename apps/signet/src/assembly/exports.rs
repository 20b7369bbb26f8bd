//! Sinks: started with the server, counted on `/metrics`.

use crate::command_error::CommandError;
use crate::node::Node;
use crate::outbound;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType::{Counter, Gauge};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::{Registry, Unit};
use signet_exports::{Exports, Meter, Reading};
use signet_jobs::Worker;
use signet_kernel::Context;
use signet_web::Stop;
use std::fmt;
use std::time::Duration;
use tokio::task::JoinSet;

/// How long a node that sends may stand still before another goes on: well below the lag that is promised.
const PATIENCE: Duration = Duration::from_secs(15);

/// The sinks that the configuration names, with their counts registered.
pub(super) fn open(node: &Node, registry: &mut Registry) -> Result<Exports, CommandError> {
    let config = &node.config;
    for (name, sink) in &config.exports {
        sink.check_secrets().map_err(|error| CommandError::usage(format!("exports.{name}: {error}")))?;
    }
    let outside = outbound::outside(&config.fetch, node.context.clone(), &config.public_url)?;
    let worker = Worker::new(node.store.clone(), PATIENCE);
    let exports = Exports::new(&config.exports, &outside, (&node.store, &node.record, &worker));
    registry.register_collector(Box::new(Metrics { meters: exports.meters(), context: node.context.clone() }));
    Ok(exports)
}

/// Sends until the server stops.
pub(super) fn start(exports: Exports, stop: Stop, tasks: &mut JoinSet<()>) {
    tasks.spawn(exports.run(stop));
}

#[derive(Debug)]
struct Metrics {
    meters: Vec<Meter>,
    context: Context,
}

impl Collector for Metrics {
    fn encode(&self, mut to: DescriptorEncoder<'_>) -> fmt::Result {
        let readings: Vec<Reading> = self.meters.iter().map(|meter| meter.read(self.context.now())).collect();
        let to = &mut to;
        let help = "How long the oldest record waits that the sink's receiver has not taken; on the node that sends";
        let mut family = to.encode_descriptor("signet_export_lag", help, Some(&Unit::Seconds), Gauge)?;
        for reading in readings.iter().filter(|reading| reading.sending) {
            ConstGauge::new(reading.lag.as_secs_f64()).encode(family.encode_family(&[("sink", &*reading.sink)])?)?;
        }
        let help = "Records that wait for a receiver which takes nothing, as counted at the last attempt; on the node that sends";
        let mut family = to.encode_descriptor("signet_export_depth_records", help, None, Gauge)?;
        for reading in readings.iter().filter(|reading| reading.sending) {
            let depth = i64::try_from(reading.depth).unwrap_or(i64::MAX);
            ConstGauge::new(depth).encode(family.encode_family(&[("sink", &*reading.sink)])?)?;
        }
        let mut family = to.encode_descriptor("signet_export_sending", "Whether this node sends", None, Gauge)?;
        for reading in &readings {
            ConstGauge::new(i64::from(reading.sending)).encode(family.encode_family(&[("sink", &*reading.sink)])?)?;
        }
        counters(to, ("signet_export_events", "Events that a receiver took"), &readings, |reading| reading.delivered)?;
        let help = "Events that a receiver refused for what they are";
        counters(to, ("signet_export_dead_letters", help), &readings, |reading| reading.dead)?;
        counters(to, ("signet_export_failures", "Attempts that failed"), &readings, |reading| reading.failures)
    }
}

fn counters(
    to: &mut DescriptorEncoder<'_>,
    (name, help): (&str, &str),
    readings: &[Reading],
    count: impl Fn(&Reading) -> u64,
) -> fmt::Result {
    let mut family = to.encode_descriptor(name, help, None, Counter)?;
    for reading in readings {
        ConstCounter::new(count(reading)).encode(family.encode_family(&[("sink", &*reading.sink)])?)?;
    }
    Ok(())
}
