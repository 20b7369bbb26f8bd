//! What carries records to one sink, under its lease.

mod resend;
mod tenant;
#[cfg(test)]
mod tests;

use crate::config::Choice;
use crate::deliver::NotNow;
use crate::meter::Meter;
use crate::sink::Sink;
use parking_lot::Mutex;
use signet_jobs::{Held, Worker};
use signet_kernel::{Failure, TenantId};
use signet_record::{News, Record};
use signet_store::Store;
use signet_web::Stop;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::time::Duration;
use tenant::Progress;

/// How often a node that does not send looks whether it should.
const TAKE_EVERY: Duration = Duration::from_secs(5);
/// How often whoever sends looks for news.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How often it looks for dead letters that are to be sent again.
const RESEND_EVERY: Duration = Duration::from_secs(5);
/// How long to wait after the first failure; twice as long after each that follows.
const BACK_OFF: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_mins(5);
const FULL: &str = "a tenant has too many dead letters for a sink; see what is wrong, then resend or drop them";

/// One sink, and what it needs.
pub(crate) struct Pump {
    pub(crate) name: String,
    pub(crate) choice: Choice,
    pub(crate) sink: Box<dyn Sink>,
    pub(crate) store: Store,
    pub(crate) record: Record,
    pub(crate) worker: Worker,
    pub(crate) meter: Meter,
    /// Dead letters of a tenant, over all sinks, before none of its records is sent: a receiver that refuses everything is
    /// set up wrongly.
    pub(crate) most_dead: u64,
    /// The ids of events that were taken of batches that were not yet taken whole: the rest alone is handed over again.
    pub(crate) taken: Mutex<BTreeMap<TenantId, BTreeSet<String>>>,
}

/// Why a round ended early.
#[derive(Debug)]
enum Halt {
    /// The receiver takes nothing now.
    Receiver(NotNow),
    /// We could not read or write.
    Own(Failure),
    /// A tenant has as many dead letters as it may.
    Full,
}

impl<E: Into<Failure>> From<E> for Halt {
    fn from(error: E) -> Self {
        Self::Own(error.into())
    }
}

/// What whoever sends keeps in mind.
#[derive(Default)]
struct Mind {
    mark: i64,
    due: BTreeSet<TenantId>,
    /// Tenants with too many dead letters, and until when they are left alone.
    full: BTreeMap<TenantId, Duration>,
    /// Tenants of which there was news since dead letters were looked for.
    changed: BTreeSet<TenantId>,
    next_resend: Duration,
    progress: BTreeMap<TenantId, Progress>,
    failures: u32,
    not_before: Duration,
}

impl Pump {
    /// Runs until `stop`.
    pub(crate) async fn run(self, mut stop: Stop) {
        let work = format!("export {}", self.name);
        loop {
            match self.worker.take_for_all(&work).await {
                Ok(Some(held)) => self.lead(held, stop.clone()).await,
                Ok(None) => {}
                Err(error) => tracing::warn!(sink = self.name, %error, "the lease of a sink could not be taken"),
            }
            tokio::select! {
                () = stop.requested() => return,
                () = tokio::time::sleep(TAKE_EVERY) => {}
            }
        }
    }

    /// Sends until the lease is lost, or given back at `stop`.
    async fn lead(&self, mut held: Held, mut stop: Stop) {
        self.meter.sending(true);
        tokio::select! {
            () = self.send(&mut held) => {}
            () = stop.requested() => {}
        }
        self.meter.sending(false);
        if let Err(error) = held.give_back().await {
            tracing::warn!(sink = self.name, %error, "the lease of a sink could not be given back; others wait for it to end");
        }
    }

    /// Sends while the lease is held, which is renewed also while a receiver keeps us waiting.
    async fn send(&self, held: &mut Held) {
        tokio::select! {
            lost = held.until_lost() => if let Err(error) = lost {
                tracing::warn!(sink = self.name, %error, "the lease of a sink could not be renewed");
            },
            never = self.rounds() => match never {},
        }
    }

    async fn rounds(&self) -> Infallible {
        let mut mind = Mind::default();
        loop {
            if self.store.context().monotonic() >= mind.not_before {
                let round = self.round(&mut mind).await;
                self.measure(&mind, &round).await;
                self.learn(&mut mind, round);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Counts what waits, where something does: after a round that failed, and there are seconds between these.
    async fn measure(&self, mind: &Mind, round: &Result<(), Halt>) {
        let mut depth = 0;
        for (tenant, progress) in mind.progress.iter().filter(|_| round.is_err()) {
            depth += self.record.behind(*tenant, &self.choice.of_record(), progress.place()).await.unwrap_or(0);
        }
        self.meter.depth(depth);
    }

    fn learn(&self, mind: &mut Mind, round: Result<(), Halt>) {
        let (reason, after) = match round {
            Ok(()) => {
                if mind.failures > 0 {
                    tracing::info!(sink = self.name, failures = mind.failures, "a sink takes events again");
                }
                mind.failures = 0;
                return;
            }
            Err(Halt::Receiver(NotNow { reason, after })) => (reason, after),
            Err(Halt::Own(failure)) => (failure.to_string(), None),
            Err(Halt::Full) => (FULL.to_owned(), None),
        };
        let wait = after.unwrap_or_else(|| BACK_OFF * 2_u32.saturating_pow(mind.failures.min(16))).min(LONGEST);
        tracing::warn!(sink = self.name, reason, wait = ?wait, "a sink takes nothing; trying again");
        mind.failures += 1;
        // Wherever another node or an operator moved a cursor meanwhile is read again.
        mind.progress.clear();
        mind.not_before = self.store.context().monotonic() + wait;
        self.meter.failed();
    }

    /// Sends what there is, tenant by tenant, some of each in turn.
    async fn round(&self, mind: &mut Mind) -> Result<(), Halt> {
        self.look_for_news(mind).await?;
        while !mind.due.is_empty() {
            for tenant in mind.due.clone() {
                let progress = match mind.progress.entry(tenant) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(new) => new.insert(self.begin(tenant).await?),
                };
                match self.advance(tenant, progress).await {
                    Ok(false) => {}
                    Ok(true) => drop(mind.due.remove(&tenant)),
                    Err(Halt::Full) => self.leave_alone(mind, tenant),
                    Err(halt) => return Err(halt),
                }
            }
        }
        self.send_again(mind).await
    }

    /// One tenant's dead letters hold up nobody else.
    fn leave_alone(&self, mind: &mut Mind, tenant: TenantId) {
        tracing::warn!(sink = self.name, %tenant, wait = ?LONGEST, "{FULL}");
        mind.due.remove(&tenant);
        mind.progress.remove(&tenant);
        mind.full.insert(tenant, self.store.context().monotonic() + LONGEST);
        self.meter.failed();
    }

    async fn look_for_news(&self, mind: &mut Mind) -> Result<(), Halt> {
        let first = mind.mark == 0;
        let news = self.record.news(&mut mind.mark).await?;
        let wanted = |tenant: &TenantId| self.choice.tenants.is_empty() || self.choice.tenants.contains(tenant);
        match news {
            News::Of(tenants) if !first => mind.due.extend(tenants.into_iter().filter(wanted)),
            _ => mind.due.extend(self.store.heads().await?.iter().map(|head| head.tenant).filter(wanted)),
        }
        mind.changed.extend(&mind.due);
        let now = self.store.context().monotonic();
        let over: Vec<TenantId> =
            mind.full.iter().filter(|(_, until)| **until <= now).map(|(tenant, _)| *tenant).collect();
        for tenant in over {
            mind.full.remove(&tenant);
            mind.due.insert(tenant);
        }
        mind.due.retain(|tenant| !mind.full.contains_key(tenant));
        Ok(())
    }
}
