//! A process that takes leases.

use crate::held::Held;
use crate::lease::Lease;
use parking_lot::Mutex;
use signet_kernel::TenantId;
use signet_store::{BackendError, CommitError, Id, Object, Store, TenantStore};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use uuid::Uuid;

/// Leases of others: the version last seen, and when it was first seen, by the monotonic clock.
type Watched = HashMap<(TenantId, String), (u64, Duration)>;

/// One process, as others know it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Worker {
    pub(crate) store: Store,
    id: Uuid,
    patience: Duration,
    watched: Arc<Mutex<Watched>>,
    counts: Arc<Counts>,
}

/// Leases of a worker.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) taken: AtomicU64,
    pub(crate) in_hand: AtomicU64,
}

impl Worker {
    /// A worker over `store`. What another holds and does not renew for `patience` is taken from it.
    pub fn new(store: Store, patience: Duration) -> Self {
        let id = store.context().new_uuid();
        Self { store, id, patience, watched: Arc::default(), counts: Arc::default() }
    }

    /// How many leases this worker and its clones have taken, and how many of them are in hand now.
    pub fn leases(&self) -> (u64, u64) {
        (self.counts.taken.load(Ordering::Relaxed), self.counts.in_hand.load(Ordering::Relaxed))
    }

    /// The lease of `work` in `tenant`, taken; `None` if another worker holds it, or takes it just now.
    ///
    /// A lease that this worker holds is taken anew, which fences off what it held before.
    pub async fn take(&self, tenant: TenantId, work: &str) -> Result<Option<Held>, BackendError> {
        let store = self.store.tenant(tenant);
        let mut unit = store.unit();
        match self.find(&store, work).await? {
            None => {
                let lease = Lease { work: work.to_owned(), holder: Some(self.id), other: serde_json::Map::new() };
                unit.create(Id::of(store.context().new_object_id()), &lease);
            }
            Some(found) => {
                if self.is_held_by_another(&found, work) {
                    return Ok(None);
                }
                unit.update(&found, &Lease { holder: Some(self.id), ..found.body.clone() });
            }
        }
        match store.commit(unit).await {
            Ok(_) => {}
            Err(CommitError::Conflict(_)) => return Ok(None),
            Err(CommitError::Backend(error)) => return Err(error),
        }
        let own = self.find(&store, work).await?.filter(|lease| lease.body.holder == Some(self.id));
        Ok(own.map(|lease| Held::new(store, lease, self.patience, self.counts.clone())))
    }

    /// The lease of a work that is no tenant's own. It lies in the first of the tenants; without any there is no work.
    ///
    /// While a tenant is added that comes before all others, two workers may hold it for a moment: what is done under it
    /// must do no harm when it is done twice.
    pub async fn take_for_all(&self, work: &str) -> Result<Option<Held>, BackendError> {
        match self.store.heads().await?.iter().map(|head| head.tenant).min() {
            Some(first) => self.take(first, work).await,
            None => Ok(None),
        }
    }

    async fn find(&self, store: &TenantStore, work: &str) -> Result<Option<Arc<Object<Lease>>>, BackendError> {
        match store.find_key(Lease::BY_WORK, &Lease::key(work)).await? {
            Some(id) => store.find(Id::<Lease>::of(id)).await,
            None => Ok(None),
        }
    }

    fn is_held_by_another(&self, lease: &Object<Lease>, work: &str) -> bool {
        let place = (lease.tenant, work.to_owned());
        let mut watched = self.watched.lock();
        if lease.body.holder.is_none_or(|holder| holder == self.id) {
            watched.remove(&place);
            return false;
        }
        let now = self.store.context().monotonic();
        let (version, since) = *watched.entry(place.clone()).or_insert((lease.version, now));
        if version != lease.version {
            watched.insert(place, (lease.version, now));
            return true;
        }
        now.saturating_sub(since) < self.patience
    }
}
