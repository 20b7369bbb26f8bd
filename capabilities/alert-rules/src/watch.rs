//! What asks the rules of all tenants, on one node at a time.

mod tenant;
#[cfg(test)]
mod tests;

use parking_lot::Mutex;
use signet_jobs::{Held, Worker};
use signet_kernel::{Failure, TenantId};
use signet_log_queries::LogQueries;
use signet_logs::AuditCopier;
use signet_record::{News, Record};
use signet_store::Store;
use signet_web::Stop;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tenant::Known;
pub(crate) use tenant::MOST_RULES;
#[cfg(test)]
pub(crate) use tenant::rules;

/// The work whose lease the node holds that watches.
const WORK: &str = "alert rules";
const TAKE_EVERY: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How often scheduled rules are looked through.
const SCHEDULE_EVERY: Duration = Duration::from_secs(10);
/// How long a tenant is left alone after something failed.
const PAUSE: Duration = Duration::from_secs(10);

/// Asks the rules of all tenants.
pub struct Watch {
    pub(crate) store: Store,
    pub(crate) record: Record,
    pub(crate) audit: AuditCopier,
    pub(crate) queries: LogQueries,
    worker: Worker,
    counts: Arc<Mutex<WatchCounts>>,
}

/// What a watch did since the process began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WatchCounts {
    /// Whether this node watches now.
    pub watching: bool,
    /// Records that streaming rules were asked of.
    pub records: u64,
    /// Times that a scheduled rule was asked.
    pub scheduled: u64,
    /// Times that a rule could not be asked.
    pub failures: u64,
    /// How long the oldest record waits that was followed and not asked of yet.
    pub lag: Duration,
}

/// What whoever watches keeps in mind.
#[derive(Default)]
pub(crate) struct Mind {
    mark: i64,
    due: BTreeSet<TenantId>,
    known: BTreeMap<TenantId, Known>,
    paused: BTreeMap<TenantId, Duration>,
    next_schedule: Duration,
}

impl Watch {
    /// Over a deployment; `worker` takes the lease. `audit` carries what alerts leave to the record.
    pub fn new(store: Store, (record, audit): (Record, AuditCopier), queries: LogQueries, worker: Worker) -> Self {
        Self { store, record, audit, queries, worker, counts: Arc::default() }
    }

    /// The counts, as they are whenever they are asked for.
    pub fn counts(&self) -> impl Fn() -> WatchCounts + Send + Sync + 'static {
        let counts = self.counts.clone();
        move || *counts.lock()
    }

    /// Watches until `stop`.
    pub async fn run(self, mut stop: Stop) {
        loop {
            match self.worker.take_for_all(WORK).await {
                Ok(Some(held)) => self.lead(held, stop.clone()).await,
                Ok(None) => {}
                Err(error) => tracing::warn!(%error, "the lease of alert rules could not be taken"),
            }
            tokio::select! {
                () = stop.requested() => return,
                () = tokio::time::sleep(TAKE_EVERY) => {}
            }
        }
    }

    async fn lead(&self, mut held: Held, mut stop: Stop) {
        self.count(|counts| counts.watching = true);
        tokio::select! {
            () = self.watch(&mut held) => {}
            () = stop.requested() => {}
        }
        self.count(|counts| counts.watching = false);
        if let Err(error) = held.give_back().await {
            tracing::warn!(%error, "the lease of alert rules could not be given back; others wait for it to end");
        }
    }

    /// Watches while the lease is held, which is renewed also while a rule takes its time.
    async fn watch(&self, held: &mut Held) {
        tokio::select! {
            lost = held.until_lost() => if let Err(error) = lost {
                tracing::warn!(%error, "the lease of alert rules could not be renewed");
            },
            never = self.rounds() => match never {},
        }
    }

    async fn rounds(&self) -> Infallible {
        let mut mind = Mind::default();
        loop {
            if let Err(failure) = self.round(&mut mind).await {
                tracing::warn!(%failure, "what there is for alert rules could not be learnt; trying again");
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    pub(crate) async fn round(&self, mind: &mut Mind) -> Result<(), Failure> {
        let now = self.store.context().monotonic();
        let is_scheduled = now >= mind.next_schedule;
        let news = self.record.news(&mut mind.mark).await?;
        let tenants = match news {
            News::Of(tenants) if !is_scheduled => tenants,
            _ => self.store.heads().await?.iter().map(|head| head.tenant).collect(),
        };
        mind.due.extend(tenants);
        if is_scheduled {
            mind.next_schedule = now + SCHEDULE_EVERY;
        }
        for tenant in mind.due.clone() {
            if mind.paused.get(&tenant).is_some_and(|until| *until > now) {
                continue;
            }
            match self.of_tenant(mind, tenant, is_scheduled).await {
                Ok(()) => {
                    mind.due.remove(&tenant);
                    mind.paused.remove(&tenant);
                }
                Err(failure) => {
                    tracing::warn!(%tenant, %failure, "alert rules could not be asked; trying again");
                    self.count(|counts| counts.failures += 1);
                    // Another node may have gone on from there.
                    mind.known.remove(&tenant);
                    mind.paused.insert(tenant, now + PAUSE);
                }
            }
        }
        Ok(())
    }

    async fn of_tenant(&self, mind: &mut Mind, tenant: TenantId, is_scheduled: bool) -> Result<(), Failure> {
        let known = match mind.known.entry(tenant) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(Known::begin(self, tenant).await?),
        };
        known.follow(self).await?;
        if is_scheduled { known.ask_scheduled(self).await } else { Ok(()) }
    }

    pub(crate) fn count(&self, change: impl FnOnce(&mut WatchCounts)) {
        change(&mut self.counts.lock());
    }
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").field("counts", &*self.counts.lock()).finish_non_exhaustive()
    }
}
