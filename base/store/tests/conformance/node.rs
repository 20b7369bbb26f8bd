//! A node over a shared database, and what its observer was told.

use crate::suite::Fixture;
use parking_lot::Mutex;
use signet_kernel::TenantId;
use signet_store::{CommitObserver, Head, PostgresBackend, PostgresOptions, Store, Touched};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// What an observer was told, in order.
pub struct Notes {
    inner: Arc<dyn CommitObserver>,
    told: Mutex<HashMap<TenantId, Vec<(Head, Touched)>>>,
    count: watch::Sender<usize>,
}

impl CommitObserver for Notes {
    fn committed(&self, tenant: TenantId, head: Head, touched: &Touched) {
        self.inner.committed(tenant, head, touched);
        self.told.lock().entry(tenant).or_default().push((head, touched.clone()));
        self.count.send_modify(|count| *count += 1);
    }
}

impl Notes {
    pub fn over(inner: Arc<dyn CommitObserver>) -> Arc<Self> {
        Arc::new(Self { inner, told: Mutex::default(), count: watch::Sender::new(0) })
    }

    pub fn of(&self, tenant: TenantId) -> Vec<(Head, Touched)> {
        self.told.lock().get(&tenant).cloned().unwrap_or_default()
    }

    /// Waits until the tenant was told up to `head`.
    pub async fn reaches(&self, head: Head) {
        let mut count = self.count.subscribe();
        let told = |_: &usize| self.of(head.tenant).last().is_some_and(|(last, _)| last.position >= head.position);
        let waited = tokio::time::timeout(Duration::from_secs(60), count.wait_for(told)).await;
        waited.expect("the commit is told in time").unwrap();
    }

    /// The positions told of a tenant follow each other without a gap, and nothing was told as unknown.
    pub fn assert_gapless(&self, tenant: TenantId) {
        let told = self.of(tenant);
        assert!(told.windows(2).all(|pair| pair[1].0.position.0 == pair[0].0.position.0 + 1), "{told:?}");
        assert!(told.iter().all(|(_, touched)| !touched.everything), "{told:?}");
    }
}

/// A store over the shared database.
pub struct Node {
    pub store: Store,
    pub notes: Arc<Notes>,
}

impl Node {
    pub async fn start(options: &PostgresOptions, fixture: &Fixture) -> Self {
        let mut notes = None;
        let context = fixture.context.clone();
        let store = fixture.connect(|observer| {
            let observer = notes.insert(Notes::over(observer)).clone();
            PostgresBackend::open(options, context, observer)
        });
        let store = store.await;
        Self { store, notes: notes.unwrap() }
    }
}
