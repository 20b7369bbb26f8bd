//! A lease in hand.

use crate::lease::Lease;
use crate::worker::Counts;
use signet_store::{BackendError, CommitError, Conflict, Id, Object, Precondition, TenantStore, UnitOfWork};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// A lease that this worker took. Another may have taken it since: only a commit tells.
#[derive(Debug)]
pub struct Held {
    store: TenantStore,
    lease: Arc<Object<Lease>>,
    patience: Duration,
    /// When it was taken or renewed, by the monotonic clock.
    since: Duration,
    /// Says as long as it lives that it is in hand.
    _in_hand: InHand,
}

#[derive(Debug)]
struct InHand(Arc<Counts>);

impl Drop for InHand {
    fn drop(&mut self) {
        self.0.in_hand.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Held {
    pub(crate) fn new(store: TenantStore, lease: Arc<Object<Lease>>, patience: Duration, counts: Arc<Counts>) -> Self {
        let since = store.context().monotonic();
        counts.taken.fetch_add(1, Ordering::Relaxed);
        counts.in_hand.fetch_add(1, Ordering::Relaxed);
        Self { store, lease, patience, since, _in_hand: InHand(counts) }
    }

    /// The fencing number.
    pub fn number(&self) -> u64 {
        self.lease.version
    }

    /// Lets `unit` commit only while this lease is held. A unit that is refused for it ends in
    /// [`Conflict::Version`]; see [`is_lost_by`](Self::is_lost_by).
    pub fn fence(&self, unit: &mut UnitOfWork) {
        unit.expect(Precondition::Version(self.lease.id.object(), self.lease.version));
    }

    /// Whether a unit was refused because another has taken this lease.
    pub fn is_lost_by(&self, conflict: &Conflict) -> bool {
        *conflict == Conflict::Version(self.lease.id.object())
    }

    /// As [`fence`](Self::fence), and gives the lease back in the same commit: for the last unit of a work.
    pub fn end_with(self, unit: &mut UnitOfWork) {
        unit.update(&self.lease, &Lease { holder: None, ..self.lease.body.clone() });
    }

    /// Renews the lease once a third of the patience has gone by: to be called between the pieces of a long work.
    /// Whether it is still held.
    pub async fn keep(&mut self) -> Result<bool, BackendError> {
        let now = self.store.context().monotonic();
        if now.saturating_sub(self.since) < self.patience / 3 {
            return Ok(true);
        }
        let mut unit = self.store.unit();
        unit.update(&self.lease, &self.lease.body);
        if !committed(&self.store, unit).await? {
            return Ok(false);
        }
        let found = self.store.find(Id::<Lease>::of(self.lease.id.object())).await?;
        let Some(renewed) = found.filter(|lease| lease.body.holder == self.lease.body.holder) else { return Ok(false) };
        (self.lease, self.since) = (renewed, now);
        Ok(true)
    }

    /// Renews the lease again and again; returns once it is lost. Beside the work that it is held for, a piece of which may
    /// then take longer than others have patience.
    pub async fn until_lost(&mut self) -> Result<(), BackendError> {
        while self.keep().await? {
            tokio::time::sleep(self.patience / 6).await;
        }
        Ok(())
    }

    /// Gives the lease back, so that another need not wait. If another has taken it, nothing is left to give.
    pub async fn give_back(self) -> Result<(), BackendError> {
        let (store, mut unit) = (self.store.clone(), self.store.unit());
        self.end_with(&mut unit);
        committed(&store, unit).await.map(drop)
    }
}

async fn committed(store: &TenantStore, unit: UnitOfWork) -> Result<bool, BackendError> {
    match store.commit(unit).await {
        Ok(_) => Ok(true),
        Err(CommitError::Conflict(_)) => Ok(false),
        Err(CommitError::Backend(error)) => Err(error),
    }
}
