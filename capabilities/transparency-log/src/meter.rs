//! What the logs do here, for whoever watches. Times are those of this process.

use crate::logs::TransparencyLogs;
use parking_lot::Mutex;
use signet_kernel::{Failure, TenantId};
use signet_record::Scope;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// What the logs do here. Of all tenants together: there may be many.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogFigures {
    /// Logs that something is in.
    pub logs: u64,
    /// Records in them.
    pub records: u64,
    /// Logs that are stopped until somebody has looked.
    pub stopped: u64,
    /// How long ago everything that was durable was in its log; of a node that gathers.
    pub lag: Option<Duration>,
    /// How long ago a tree was signed; none before the first.
    pub signed: Option<Duration>,
    /// Of each witness, how long ago it had cosigned the newest tree of every log.
    pub witnesses: Vec<(String, Duration)>,
    /// Times that a witness did not cosign as it should.
    pub unwitnessed: u64,
    /// Of each sink, how long ago every log was known to have an anchor of its day there.
    pub anchors: Vec<(String, Duration)>,
    /// Anchors that could not be put.
    pub unanchored: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Meter(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    sizes: BTreeMap<TenantId, u64>,
    stopped: BTreeSet<TenantId>,
    caught_up: BTreeMap<Option<TenantId>, Duration>,
    signed: Option<Duration>,
    witnesses: Moments,
    unwitnessed: u64,
    anchors: Moments,
    unanchored: u64,
}

/// When something was last as it should be, of each log.
#[derive(Debug, Default)]
struct Moments(BTreeMap<String, BTreeMap<TenantId, Duration>>);

impl Moments {
    /// What is not as it should be from the first look on counts from there.
    fn note(&mut self, with: &str, tenant: TenantId, now: Duration, good: bool) {
        let moment = self.0.entry(with.to_owned()).or_default().entry(tenant).or_insert(now);
        if good {
            *moment = now;
        }
    }

    fn ages(&self, now: Duration) -> Vec<(String, Duration)> {
        let oldest = |(with, of): (&String, &BTreeMap<TenantId, Duration>)| {
            of.values().min().map(|at| (with.clone(), now.saturating_sub(*at)))
        };
        self.0.iter().filter_map(oldest).collect()
    }

    fn keep(&mut self, tenants: &BTreeSet<TenantId>) {
        self.0.values_mut().for_each(|of| of.retain(|tenant, _| tenants.contains(tenant)));
    }
}

impl Meter {
    pub(crate) fn size(&self, tenant: TenantId, size: u64) {
        self.0.lock().sizes.insert(tenant, size);
    }

    pub(crate) fn signed(&self, tenant: TenantId, size: u64, now: Duration) {
        let mut counts = self.0.lock();
        counts.sizes.insert(tenant, size);
        counts.signed = Some(now);
    }

    pub(crate) fn stopped(&self, tenant: TenantId, stopped: bool) {
        let mut counts = self.0.lock();
        let _ = if stopped { counts.stopped.insert(tenant) } else { counts.stopped.remove(&tenant) };
    }

    pub(crate) fn witnessed(&self, witness: &str, tenant: TenantId, now: Duration, good: bool) {
        let mut counts = self.0.lock();
        counts.witnesses.note(witness, tenant, now, good);
        counts.unwitnessed += u64::from(!good);
    }

    pub(crate) fn anchored(&self, sink: &str, tenant: TenantId, now: Duration, good: bool) {
        let mut counts = self.0.lock();
        counts.anchors.note(sink, tenant, now, good);
        counts.unanchored += u64::from(!good);
    }

    /// Forgets what is known of tenants that are gone.
    pub(crate) fn keep(&self, tenants: &BTreeSet<TenantId>) {
        let mut counts = self.0.lock();
        counts.sizes.retain(|tenant, _| tenants.contains(tenant));
        counts.stopped.retain(|tenant| tenants.contains(tenant));
        counts.caught_up.retain(|tenant, _| tenant.is_none_or(|tenant| tenants.contains(&tenant)));
        counts.witnesses.keep(tenants);
        counts.anchors.keep(tenants);
    }

    fn read(&self, now: Duration) -> LogFigures {
        let counts = self.0.lock();
        LogFigures {
            logs: counts.sizes.values().filter(|size| **size > 0).count() as u64,
            records: counts.sizes.values().sum(),
            stopped: counts.stopped.len() as u64,
            lag: counts.caught_up.values().min().map(|at| now.saturating_sub(*at)),
            signed: counts.signed.map(|at| now.saturating_sub(at)),
            witnesses: counts.witnesses.ages(now),
            unwitnessed: counts.unwitnessed,
            anchors: counts.anchors.ages(now),
            unanchored: counts.unanchored,
        }
    }
}

impl TransparencyLogs {
    /// What the logs do here.
    pub fn figures(&self) -> LogFigures {
        self.inner.meter.read(self.inner.context.monotonic())
    }

    /// Says that everything in `scope` that was durable at `since`, by the monotonic clock, is in its log.
    pub fn caught_up(&self, scope: Scope, since: Duration) {
        let whose = match scope {
            Scope::All => None,
            Scope::Tenant(tenant) => Some(tenant),
        };
        self.inner.meter.0.lock().caught_up.insert(whose, since);
    }

    /// Says that another node gathers: how far it came, and whom it shows the logs, is not known here.
    pub fn rests(&self) {
        let mut counts = self.inner.meter.0.lock();
        counts.caught_up.clear();
        counts.witnesses = Moments::default();
        counts.anchors = Moments::default();
    }

    /// Looks how large the logs are and which are stopped, for who gathers now and then.
    pub async fn survey(&self) -> Result<(), Failure> {
        let stopped = self.inner.store.stopped().await?;
        for tenant in self.tenants() {
            let head = self.inner.store.head(tenant).await?;
            self.inner.meter.size(tenant, head.map_or(0, |head| head.size));
            self.inner.meter.stopped(tenant, stopped.contains_key(&tenant));
        }
        Ok(())
    }
}
