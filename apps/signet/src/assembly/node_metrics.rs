//! What this node is doing, for `/metrics`: its requests' outcomes, readiness, leases, connections, memory.

use super::readiness::CHECKS;
use crate::node::Node;
use crate::storage::Storage;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType::{Counter, Gauge};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::{Registry, Unit};
use signet_jobs::Worker;
use signet_signing_keys::SigningKeys;
use signet_store::PostgresOptions;
use signet_tokens::AuthorizationServer;
use signet_web::management::Health;
use std::fmt;

#[derive(Debug)]
struct Metrics {
    server: AuthorizationServer,
    signing_keys: SigningKeys,
    worker: Worker,
    database: Option<Box<PostgresOptions>>,
    health: Health,
}

/// Reads everything at each scrape.
pub(super) fn register(registry: &mut Registry, node: &Node, health: &Health) {
    let database = match &node.storage {
        Storage::Embedded => None,
        Storage::Postgres(options) => Some(options.clone()),
    };
    registry.register_collector(Box::new(Metrics {
        server: node.server.clone(),
        signing_keys: node.signing_keys.clone(),
        worker: node.worker.clone(),
        database,
        health: health.clone(),
    }));
}

/// A name with its explanation.
type Described = (&'static str, &'static str);

impl Collector for Metrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let to = &mut encoder;
        let version = env!("CARGO_PKG_VERSION").to_owned();
        gauges(to, ("signet_build_info", "The program's version"), "version", [(version, 1)])?;
        self.readiness(to)?;
        self.outcomes(to)?;
        self.leases(to)?;
        self.database(to)?;
        process(to)
    }
}

impl Metrics {
    fn readiness(&self, to: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let missing = self.health.not_ready();
        let holds = |check: &str| u64::from(missing.iter().all(|missing| missing.name != check));
        let checks = CHECKS.map(|check| (check.to_owned(), holds(check)));
        gauges(to, ("signet_ready", "Whether a check of readiness holds"), "check", checks)
    }

    fn outcomes(&self, to: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let (issued, refused) = self.server.outcomes();
        counter(to, ("signet_tokens_issued", "Tokens issued"), issued)?;
        let refused = refused.into_iter().map(|(number, count)| (format!("AADSTS{number}"), count));
        counters(to, ("signet_token_refusals", "Token requests refused"), "error", refused)
    }

    fn leases(&self, to: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let works =
            [("signing keys".to_owned(), self.signing_keys.leases()), ("purge".to_owned(), self.worker.leases())];
        let taken = works.clone().map(|(work, (taken, _))| (work, taken));
        counters(to, ("signet_leases_taken", "Leases of background work that this node took"), "work", taken)?;
        let in_hand = works.map(|(work, (_, in_hand))| (work, in_hand));
        gauges(to, ("signet_leases_in_hand", "Leases of background work that this node holds"), "work", in_hand)
    }

    fn database(&self, to: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let Some(activity) = self.database.as_ref().map(|options| options.activity()) else { return Ok(()) };
        counter(
            to,
            ("signet_database_connections", "Connections made, again after each that broke"),
            activity.connections,
        )?;
        let repeated = "Reads and commits made again: a broken connection, a failover, another transaction";
        counter(to, ("signet_database_repeats", repeated), activity.repeated)?;
        let refused = "Reads refused because no connection was free or the database took too long";
        counter(to, ("signet_database_refused_reads", refused), activity.refused_reads)?;
        let lost = "Commits whose answer was lost and whose fate was looked up";
        counter(to, ("signet_database_lost_answers", lost), activity.lost_answers)?;
        let busy = activity.readers.saturating_sub(activity.idle_readers);
        let readers = [("busy".to_owned(), busy), ("idle".to_owned(), activity.idle_readers)];
        gauges(to, ("signet_database_readers", "Connections that read, open now"), "state", readers)?;
        let waiting = [("read".to_owned(), activity.waiting_reads)];
        gauges(to, ("signet_database_waiting", "Who waits for a connection now"), "what", waiting)
    }
}

/// What the kernel says of this process; nothing where it does not say it.
fn process(to: &mut DescriptorEncoder<'_>) -> fmt::Result {
    if let Some(bytes) = resident_bytes() {
        let gauge = ConstGauge::new(i64::try_from(bytes).unwrap_or(i64::MAX));
        gauge.encode(to.encode_descriptor("process_resident_memory", "Memory in use", Some(&Unit::Bytes), Gauge)?)?;
    }
    if let Some(seconds) = cpu_seconds() {
        let help = "CPU time, user and system";
        ConstCounter::new(seconds).encode(to.encode_descriptor(
            "process_cpu",
            help,
            Some(&Unit::Seconds),
            Counter,
        )?)?;
    }
    if let Ok(open) = std::fs::read_dir("/proc/self/fd") {
        let gauge = ConstGauge::new(i64::try_from(open.count()).unwrap_or(i64::MAX));
        gauge.encode(to.encode_descriptor("process_open_fds", "Open file descriptors", None, Gauge)?)?;
    }
    Ok(())
}

fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok()?.checked_mul(1024)
}

/// Linux tells processor time to programs in this unit, whatever its own.
const TICKS_PER_SECOND: f64 = 100.0;

fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is the program's name in brackets and may hold anything; the times are the 14th and 15th.
    let mut times = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let ticks = times.next()?.parse::<u32>().ok()?.checked_add(times.next()?.parse().ok()?)?;
    Some(f64::from(ticks) / TICKS_PER_SECOND)
}

fn counter(to: &mut DescriptorEncoder<'_>, (name, help): Described, value: u64) -> fmt::Result {
    ConstCounter::new(value).encode(to.encode_descriptor(name, help, None, Counter)?)
}

fn counters(
    to: &mut DescriptorEncoder<'_>,
    (name, help): Described,
    label: &'static str,
    values: impl IntoIterator<Item = (String, u64)>,
) -> fmt::Result {
    let mut family = to.encode_descriptor(name, help, None, Counter)?;
    for (named, value) in values {
        ConstCounter::new(value).encode(family.encode_family(&[(label, named.as_str())])?)?;
    }
    Ok(())
}

fn gauges(
    to: &mut DescriptorEncoder<'_>,
    (name, help): Described,
    label: &'static str,
    values: impl IntoIterator<Item = (String, u64)>,
) -> fmt::Result {
    let mut family = to.encode_descriptor(name, help, None, Gauge)?;
    for (named, value) in values {
        let gauge = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
        gauge.encode(family.encode_family(&[(label, named.as_str())])?)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_tells_of_this_process() {
        assert!(resident_bytes().unwrap() > 1 << 20);
        assert!(cpu_seconds().unwrap() >= 0.0);
    }
}
