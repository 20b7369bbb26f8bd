//! Two nodes over one PostgreSQL database look after the same keys.

use crate::world::{FixedPairs, audit};
use signet_jose::{Algorithm, KeyError, SigningKey as Pair};
use signet_kernel::{Context, Failure, MockClock, RevocationCounters, SystemRandomness, TenantId, Timestamp};
use signet_signing_keys::{KeyPairs, KeySettings, MasterKey, SigningKeys};
use signet_store::{PostgresBackend, PostgresOptions, Store, StoreOptions};
use signet_testkit_postgres::Cluster;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

const PERIOD: Duration = Duration::from_hours(90 * 24);
/// How long a node may stand still before another goes on.
const PATIENCE: Duration = Duration::from_mins(1);

/// Makes keys on P-256 when it is let: a node that asks stands between what it read and what it will commit.
struct Gated {
    pairs: Arc<FixedPairs>,
    asked: Semaphore,
    leave: Semaphore,
}

impl KeyPairs for Gated {
    fn take(&self, algorithm: Algorithm) -> Result<Pair, KeyError> {
        if algorithm == Algorithm::Es256 {
            self.asked.add_permits(1);
            if let Ok(permit) = Handle::current().block_on(self.leave.acquire()) {
                permit.forget();
            }
        }
        self.pairs.take(algorithm)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.gate.leave.close();
    }
}

struct Node {
    store: Store,
    keys: SigningKeys,
    gate: Arc<Gated>,
}

impl Node {
    async fn start(url: &str, master: &Path, context: &Context, pairs: Arc<FixedPairs>) -> Self {
        let (options, backend) = (PostgresOptions::at(url).unwrap(), context.clone());
        // No cache: what the other node commits is seen at once, so that a test need not wait for the feed.
        let caches = StoreOptions { cached_reads: 0 };
        let open = |observer| PostgresBackend::open(&options, backend, observer);
        let counters = Arc::new(RevocationCounters::new());
        let store = Store::connect(caches, context.clone(), counters, Arc::new(()), open).await.unwrap();
        let gate = Arc::new(Gated { pairs, asked: Semaphore::new(0), leave: Semaphore::new(0) });
        let master = MasterKey::load_or_create(master, context).unwrap();
        let keys = SigningKeys::new(store.clone(), master, gate.clone(), KeySettings { rotation: PERIOD });
        Self { store, keys, gate }
    }

    async fn add_tenant(&self, tenant: TenantId) {
        let store = self.store.tenant(tenant);
        let mut unit = store.unit();
        self.let_go();
        self.keys.prepare(tenant, &mut unit).await.unwrap();
        self.asked().await;
        store.commit(unit).await.unwrap();
    }

    fn maintain(&self) -> JoinHandle<Result<(), Failure>> {
        let keys = self.keys.clone();
        tokio::spawn(async move { keys.maintain(|_, _| audit("rotated")).await })
    }

    async fn asked(&self) {
        self.gate.asked.acquire().await.unwrap().forget();
    }

    fn let_go(&self) {
        self.gate.leave.add_permits(1);
    }

    async fn count(&self, tenant: TenantId) -> usize {
        self.keys.list(tenant).await.unwrap().len()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_paused_before_its_commit_is_fenced_off_once_another_node_has_taken_over() {
    let (cluster, folder) = (Cluster::start(), tempfile::tempdir().unwrap());
    let (url, master) = (cluster.create_database(), folder.path().join("master.key"));
    let clock = Arc::new(MockClock::at(Timestamp::from_seconds(1_795_255_200)));
    let context = Context::new(clock.clone(), Arc::new(SystemRandomness));
    let (tenant, pairs) = (context.new_tenant_id(), FixedPairs::new());
    let one = Node::start(&url, &master, &context, pairs.clone()).await;
    let other = Node::start(&url, &master, &context, pairs).await;
    one.add_tenant(tenant).await;
    clock.advance(PERIOD);

    let paused = one.maintain();
    one.asked().await;
    other.maintain().await.unwrap().unwrap();
    assert_eq!(other.count(tenant).await, 2, "the lease is held");
    clock.advance(PATIENCE);
    let second = other.maintain();
    other.asked().await;
    one.let_go();
    paused.await.unwrap().unwrap();
    assert_eq!(other.count(tenant).await, 2, "who was paused acted late");
    other.let_go();
    second.await.unwrap().unwrap();
    assert_eq!(one.count(tenant).await, 4);
    assert_eq!(one.store.outbox(10).await.unwrap().len(), 1, "done once, recorded once");
    one.maintain().await.unwrap().unwrap();
    assert_eq!(other.count(tenant).await, 4);
}
