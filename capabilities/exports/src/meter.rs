//! What a sink does, for whoever watches.

use parking_lot::Mutex;
use signet_kernel::{TenantId, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// Counts of one sink. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Meter(Arc<Counts>);

#[derive(Debug)]
struct Counts {
    sink: String,
    sending: AtomicBool,
    delivered: AtomicU64,
    dead: AtomicU64,
    failures: AtomicU64,
    /// When the oldest record was durable that is known and not yet taken.
    waiting: Mutex<BTreeMap<TenantId, Timestamp>>,
    /// Records that were not taken when they were counted last.
    depth: AtomicU64,
}

/// What a meter shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The sink's name.
    pub sink: String,
    /// Whether this node is the one that sends.
    pub sending: bool,
    /// Events that the receiver took.
    pub delivered: u64,
    /// Events that became dead letters.
    pub dead: u64,
    /// Attempts that failed.
    pub failures: u64,
    /// How long the oldest record waits that is not yet taken.
    pub lag: Duration,
    /// How many records wait, as they were counted when they were not taken; none once all are.
    pub depth: u64,
}

impl Meter {
    pub(crate) fn new(sink: &str) -> Self {
        let waiting = Mutex::new(BTreeMap::new());
        let (delivered, dead, failures) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
        let (sink, sending) = (sink.to_owned(), AtomicBool::new(false));
        Self(Arc::new(Counts { sink, sending, delivered, dead, failures, waiting, depth: AtomicU64::new(0) }))
    }

    /// What it shows now.
    pub fn read(&self, now: Timestamp) -> Reading {
        let count = |of: &AtomicU64| of.load(Ordering::Relaxed);
        let oldest = self.0.waiting.lock().values().min().copied();
        Reading {
            sink: self.0.sink.clone(),
            sending: self.0.sending.load(Ordering::Relaxed),
            delivered: count(&self.0.delivered),
            dead: count(&self.0.dead),
            failures: count(&self.0.failures),
            lag: oldest.map_or(Duration::ZERO, |oldest| now.since(oldest)),
            depth: count(&self.0.depth),
        }
    }

    pub(crate) fn sending(&self, sending: bool) {
        self.0.sending.store(sending, Ordering::Relaxed);
        if !sending {
            self.0.waiting.lock().clear();
            self.depth(0);
        }
    }

    pub(crate) fn waits(&self, tenant: TenantId, since: Option<Timestamp>) {
        let mut waiting = self.0.waiting.lock();
        match since {
            Some(since) => drop(waiting.insert(tenant, since)),
            None => drop(waiting.remove(&tenant)),
        }
    }

    pub(crate) fn delivered(&self, taken: usize, dead: usize) {
        self.0.delivered.fetch_add(taken as u64, Ordering::Relaxed);
        self.0.dead.fetch_add(dead as u64, Ordering::Relaxed);
    }

    pub(crate) fn depth(&self, records: u64) {
        self.0.depth.store(records, Ordering::Relaxed);
    }

    pub(crate) fn failed(&self) {
        self.0.failures.fetch_add(1, Ordering::Relaxed);
    }
}
