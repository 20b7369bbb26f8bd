//! Two workers over one directory.

use serde::{Deserialize, Serialize};
use signet_jobs::{Held, Worker};
use signet_kernel::{Context, MockClock, RevocationCounters, SystemRandomness, TenantId, Timestamp};
use signet_store::{
    CommitError, Id, IndexEntries, IndexKey, Kind, PostgresBackend, PostgresOptions, SqliteBackend, SqliteOptions,
    Store, StoreOptions, UniqueKeys,
};
use signet_testkit_postgres::Cluster;
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tempfile::TempDir;
use uuid::Uuid;

static CLUSTER: LazyLock<Cluster> = LazyLock::new(Cluster::start);

pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// What the work makes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Piece {
    name: String,
}

impl Piece {
    pub(crate) fn named(name: &str) -> Self {
        Self { name: name.to_owned() }
    }

    pub(crate) fn id(store: &Store) -> Id<Self> {
        Id::of(store.context().new_object_id())
    }
}

impl Kind for Piece {
    const NAME: &'static str = "piece";

    fn index(&self, index: &mut IndexEntries) {
        index.add("all", IndexKey::bool(true));
    }

    fn unique(&self, keys: &mut UniqueKeys) {
        keys.in_tenant("piece", IndexKey::exact(&self.name));
    }
}

pub(crate) struct House {
    pub(crate) stores: [Store; 2],
    pub(crate) workers: [Worker; 2],
    pub(crate) clock: Arc<MockClock>,
    pub(crate) tenant: TenantId,
    pub(crate) neighbour: TenantId,
    _directory: TempDir,
}

impl House {
    pub(crate) async fn embedded() -> Self {
        let (clock, directory) = (clock(), tempfile::tempdir().unwrap());
        let options = SqliteOptions::at(directory.path().join("directory.db"));
        let open = |observer| SqliteBackend::open(&options, observer);
        let caches = StoreOptions { cached_reads: 100 };
        let store = Store::open(caches, context(&clock), Arc::new(RevocationCounters::new()), Arc::new(()), open);
        let store = store.await.unwrap();
        Self::over([store.clone(), store], clock, directory)
    }

    pub(crate) async fn postgres() -> Self {
        let (clock, url) = (clock(), CLUSTER.create_database());
        let stores = [node(&url, &clock).await, node(&url, &clock).await];
        Self::over(stores, clock, tempfile::tempdir().unwrap())
    }

    fn over(stores: [Store; 2], clock: Arc<MockClock>, directory: TempDir) -> Self {
        let workers = stores.clone().map(|store| Worker::new(store, PATIENCE));
        let [tenant, neighbour] = [1, 2].map(|number| TenantId::from_uuid(Uuid::from_u128(number)));
        Self { stores, workers, clock, tenant, neighbour, _directory: directory }
    }
}

fn clock() -> Arc<MockClock> {
    Arc::new(MockClock::at(Timestamp::from_seconds(1_795_255_200)))
}

fn context(clock: &Arc<MockClock>) -> Context {
    Context::new(clock.clone(), Arc::new(SystemRandomness))
}

async fn node(url: &str, clock: &Arc<MockClock>) -> Store {
    let (options, context) = (PostgresOptions::at(url).unwrap(), context(clock));
    let backend = context.clone();
    // No cache: another node's taking is seen at once, so that a test need not wait for the feed.
    let open = |observer| PostgresBackend::open(&options, backend, observer);
    let caches = StoreOptions { cached_reads: 0 };
    Store::connect(caches, context, Arc::new(RevocationCounters::new()), Arc::new(()), open).await.unwrap()
}

/// Writes a piece under a lease.
pub(crate) async fn write(store: &Store, tenant: TenantId, name: &str, held: &Held) -> Result<(), CommitError> {
    let store_of = store.tenant(tenant);
    let mut unit = store_of.unit();
    unit.create(Piece::id(store), &Piece::named(name));
    held.fence(&mut unit);
    store_of.commit(unit).await.map(drop)
}

pub(crate) async fn pieces(house: &House) -> Vec<String> {
    let store = house.stores[1].tenant(house.tenant);
    let all = store.all_by_index::<Piece>("all", &IndexKey::bool(true)).await.unwrap();
    let mut names: Vec<String> = all.iter().map(|piece| piece.body.name.clone()).collect();
    names.sort();
    names
}
