//! A tenant in a real store, at a time that stands still.

use crate::{Audit, Sweep, SweptAtEnd, TestCaller};
use signet_graph::Call;
use signet_kernel::{Context, MockClock, RevocationCounters, SeededRandomness, TenantId, Timestamp};
use signet_store::{Id, Kind, SqliteBackend, SqliteOptions, Store, StoreOptions, TenantStore};
use std::sync::Arc;

/// A tenant of its own deployment, in a database that goes when this does. At its end every tenant of it is swept: a
/// test after which one contradicts itself has failed.
#[derive(Debug)]
pub struct TestTenant {
    end: SweptAtEnd,
    /// The tenant's part of the store.
    pub store: TenantStore,
    /// The whole store.
    pub deployment: Store,
    /// The clock of everything: 2026-11-21T10:00:00Z until it is moved.
    pub clock: Arc<MockClock>,
    directory: tempfile::TempDir,
}

impl TestTenant {
    /// An empty deployment.
    pub async fn start() -> Self {
        let directory = tempfile::tempdir().expect("a directory for the test's database");
        let clock = Arc::new(MockClock::at(Timestamp::from_seconds(1_795_255_200)));
        let context = Context::new(clock.clone(), Arc::new(SeededRandomness::new(1)));
        let tenant = context.new_tenant_id();
        let options = SqliteOptions::at(directory.path().join("directory.db"));
        let counters = Arc::new(RevocationCounters::new());
        let open = |observer| SqliteBackend::open(&options, observer);
        let deployment = Store::open(StoreOptions { cached_reads: 1_000 }, context, counters, Arc::new(()), open);
        let deployment = deployment.await.expect("the store opens");
        let end = SweptAtEnd::new(deployment.clone());
        Self { end, store: deployment.tenant(tenant), deployment, clock, directory }
    }

    /// The same, asked this too at its end.
    #[must_use]
    pub fn swept_by(mut self, sweep: Sweep) -> Self {
        self.end = self.end.by(sweep);
        self
    }

    /// Ends the test now, and answers what contradicts itself: for tests that break something on purpose.
    pub fn end(self) -> Vec<String> {
        self.end.end()
    }

    /// The tenant's id.
    pub fn id(&self) -> TenantId {
        self.store.id()
    }

    /// The directory of the database.
    pub fn path(&self) -> &std::path::Path {
        self.directory.path()
    }

    /// A request of an application that holds these permissions.
    pub fn call(&self, roles: &[&str]) -> Call {
        self.call_by(TestCaller::application().with_roles(roles))
    }

    /// A request of this caller.
    pub fn call_by(&self, caller: TestCaller) -> Call {
        Call {
            caller: caller.of(self.id()),
            store: self.store.clone(),
            base_url: "https://id.example/v1.0".to_owned(),
            if_match: None,
        }
    }

    /// Puts an object into the store without any operation.
    pub async fn put<K: Kind>(&self, body: &K) -> Id<K> {
        self.put_as(Id::of(self.store.context().new_object_id()), body).await
    }

    /// Puts an object of this id into the store without any operation.
    pub async fn put_as<K: Kind>(&self, id: Id<K>, body: &K) -> Id<K> {
        let mut unit = self.store.unit();
        unit.create(id, body);
        self.store.commit(unit).await.expect("the object is created");
        id
    }

    /// The body of a living object.
    pub async fn body<K: Kind>(&self, id: Id<K>) -> K {
        let found = self.store.find(id).await.expect("the store answers");
        found.expect("the object exists").body.clone()
    }

    /// What waits to be copied to the audit trail, oldest first.
    pub async fn audits(&self) -> Vec<Audit> {
        let entries = self.deployment.outbox(10_000).await.expect("the store answers");
        entries.iter().map(Audit::of).collect()
    }
}
