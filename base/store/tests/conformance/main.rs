//! What every backend must do, written against the front alone. A new backend is one more line at the end.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking, and nobody links it"
)]

#[macro_use]
mod suite;
mod alike;
mod lost_answers;
mod node;
mod nodes;
mod proxy;
mod refusals;
mod tls;

use signet_kernel::Revocation;
use signet_store::{PostgresBackend, PostgresOptions, SqliteBackend, SqliteOptions};
use signet_testkit_postgres::Cluster;
use std::sync::LazyLock;
use suite::{Fixture, Opener};

struct Sqlite(tempfile::TempDir);

impl Opener for Sqlite {
    fn fresh() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    async fn open(&self, fixture: &Fixture) -> signet_store::Store {
        let options = SqliteOptions::at(self.0.path().join("directory.db"));
        fixture.open(|observer| SqliteBackend::open(&options, observer)).await
    }
}

/// One server for the process, a database for each test.
static CLUSTER: LazyLock<Cluster> = LazyLock::new(Cluster::start);

/// A database whose owner makes the schema, and whose nodes have the rights that are documented and no more.
struct Postgres {
    owner: String,
}

impl Postgres {
    async fn node(&self) -> PostgresOptions {
        PostgresBackend::migrate(&PostgresOptions::at(&self.owner).unwrap()).await.unwrap();
        let mut options = PostgresOptions::at(&CLUSTER.grant_to_node(&self.owner)).unwrap();
        options.migrate = false;
        options
    }
}

impl Opener for Postgres {
    fn fresh() -> Self {
        Self { owner: CLUSTER.create_owned_database() }
    }

    async fn open(&self, fixture: &Fixture) -> signet_store::Store {
        let (options, context) = (self.node().await, fixture.context.clone());
        fixture.connect(|observer| PostgresBackend::open(&options, context, observer)).await
    }
}

conformance!(sqlite, Sqlite);
conformance!(postgres, Postgres);

#[tokio::test]
async fn a_new_epoch_starts_above_every_position_and_counter_given() {
    let opener = Sqlite::fresh();
    let fixture = Fixture::new();
    let path = opener.0.path().join("directory.db");
    {
        let store = opener.open(&fixture).await;
        suite::note(&store.tenant(fixture.tenant), "a").await;
    }
    let before = { opener.open(&fixture).await.heads().await.unwrap().remove(0) };
    let epoch = SqliteBackend::start_new_epoch(&path, fixture.context.now()).unwrap();
    assert_eq!(epoch, Revocation::epoch_after(1, fixture.context.now()));
    let after = opener.open(&fixture).await.heads().await.unwrap().remove(0);
    assert!(after.position > before.position && after.revocation > before.revocation);
}

#[tokio::test]
async fn a_backup_holds_what_was_committed_before_it() {
    let opener = Sqlite::fresh();
    let fixture = Fixture::new();
    let store = opener.open(&fixture).await;
    let id = suite::note(&store.tenant(fixture.tenant), "a").await;
    let copy = Sqlite::fresh();
    store.backup(&copy.0.path().join("directory.db")).await.unwrap();
    let restored = copy.open(&fixture).await;
    assert_eq!(restored.tenant(fixture.tenant).find(id).await.unwrap().unwrap().body.title, "a");
}

#[tokio::test]
async fn a_sweep_finds_numbers_of_objects_that_are_not_so() {
    let opener = Sqlite::fresh();
    let fixture = Fixture::new();
    let store = opener.open(&fixture).await.tenant(fixture.tenant);
    suite::note(&store, "a").await;
    assert_eq!(store.contradictions(&[]).await.unwrap(), Vec::<String>::new());
    let database = rusqlite::Connection::open(opener.0.path().join("directory.db")).unwrap();
    database.execute("UPDATE counts SET deleted = deleted + 2", []).unwrap();
    let said = store.contradictions(&[]).await.unwrap();
    assert_eq!(said, ["there are 1 of kind note and 0 deleted ones, and 1 and 2 are counted"]);
}
