//! Databases that cannot be used, and what is said of them.

use crate::node::Node;
use crate::suite::Fixture;
use crate::suite::Opener as _;
use crate::{CLUSTER, Postgres};
use signet_kernel::{Revocation, TenantId};
use signet_store::{BackendError, CommitObserver, Head, PostgresBackend, PostgresOptions, Touched};
use signet_testkit_postgres::{USER, database_of};
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::error::SqlState;

struct Nobody;

impl CommitObserver for Nobody {
    fn committed(&self, _: TenantId, _: Head, _: &Touched) {}
}

async fn open(url: &str, migrate: bool) -> Result<PostgresBackend, BackendError> {
    let mut options = PostgresOptions::at(url).unwrap();
    options.migrate = migrate;
    PostgresBackend::open(&options, Fixture::new().context, Arc::new(Nobody)).await
}

async fn problem(url: &str, migrate: bool) -> BackendError {
    open(url, migrate).await.expect_err("it cannot be used")
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unreachable() {
    let nowhere = tempfile::tempdir().unwrap();
    let error = problem(&format!("postgresql:///signet?host={}&user=signet", nowhere.path().display()), true).await;
    assert!(matches!(error, BackendError::Unreachable(_)), "{error}");
}

#[tokio::test]
async fn a_database_that_is_not_there_or_not_ours_is_named() {
    let error = problem(&CLUSTER.url("absent", USER), true).await;
    assert!(matches!(&error, BackendError::Rights(text) if text.contains("absent")), "{error}");
    let url = CLUSTER.create_database();
    CLUSTER.execute(database_of(&url), "CREATE ROLE guest LOGIN");
    let error = problem(&CLUSTER.url(database_of(&url), "guest"), true).await;
    assert!(matches!(&error, BackendError::Rights(text) if text.contains("permission denied")), "{error}");
}

#[tokio::test]
async fn an_empty_database_is_refused_where_opening_may_not_make_the_schema() {
    let url = CLUSTER.create_database();
    let error = problem(&url, false).await;
    assert_eq!(error, BackendError::Schema { found: 0, supported: 3 });
    PostgresBackend::migrate(&PostgresOptions::at(&url).unwrap()).await.unwrap();
    open(&url, false).await.unwrap();
}

#[tokio::test]
async fn a_newer_schema_is_refused_unless_it_says_that_this_program_may_use_it() {
    let url = CLUSTER.create_database();
    open(&url, true).await.unwrap();
    CLUSTER.execute(database_of(&url), "UPDATE schema_version SET version = 7, usable_from = 6");
    for migrate in [true, false] {
        assert_eq!(problem(&url, migrate).await, BackendError::Schema { found: 7, supported: 3 });
    }
    CLUSTER.execute(database_of(&url), "UPDATE schema_version SET usable_from = 1");
    for migrate in [true, false] {
        open(&url, migrate).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_start_together_make_one_schema_and_it_is_the_same_every_time() {
    let (one, two) = (CLUSTER.create_database(), CLUSTER.create_database());
    let (a, b, c) = tokio::join!(open(&one, true), open(&one, true), open(&one, true));
    a.and(b).and(c).unwrap();
    open(&two, true).await.unwrap();
    open(&two, true).await.unwrap();
    let dump = |url: &str| CLUSTER.dump_schema(database_of(url));
    assert!(dump(&one).contains("CREATE TABLE public.changes"));
    assert_eq!(dump(&one), dump(&two));
}

/// That the documented rights suffice is what the whole suite shows.
#[tokio::test]
async fn the_documented_rights_let_a_node_change_no_schema_and_go_back_in_nothing() {
    let client = Postgres::fresh().node().await.connect().await.unwrap();
    for statement in [
        "CREATE TABLE of_mine ()",
        "CREATE TEMPORARY TABLE revocations ()",
        "CREATE SCHEMA of_mine",
        "ALTER TABLE objects ADD COLUMN x int",
        "DROP TABLE objects",
        "TRUNCATE changes",
        "UPDATE schema_version SET version = version",
        "DELETE FROM heads",
        "DELETE FROM revocations",
        "DELETE FROM deployment",
    ] {
        let refused = client.batch_execute(statement).await.expect_err(statement);
        assert_eq!(refused.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE), "{statement}: {refused}");
    }
}

#[tokio::test]
async fn a_backup_is_referred_to_the_servers_tools() {
    let url = CLUSTER.create_database();
    let backend = open(&url, true).await.unwrap();
    let error = signet_store::Backend::backup(&backend, std::path::Path::new("/nowhere")).await.unwrap_err();
    assert!(error.to_string().contains("pg_dump"), "{error}");
}

#[tokio::test]
async fn a_new_epoch_starts_above_every_position_and_counter_given() {
    let url = CLUSTER.create_database();
    let (options, fixture) = (PostgresOptions::at(&url).unwrap(), Fixture::new());
    let node = Node::start(&options, &fixture).await;
    crate::suite::note(&node.store.tenant(fixture.tenant), "a").await;
    let before = node.store.heads().await.unwrap().remove(0);
    let epoch = PostgresBackend::start_new_epoch(&options, fixture.context.now()).await.unwrap();
    assert_eq!(epoch, Revocation::epoch_after(1, fixture.context.now()));
    let after = node.store.heads().await.unwrap().remove(0);
    assert!(after.position > before.position && after.revocation > before.revocation);
    node.notes.reaches(after).await;
    assert!(node.notes.of(fixture.tenant).last().unwrap().1.everything);
    assert_eq!(fixture.counters.current(fixture.tenant), after.revocation);
}

#[tokio::test]
async fn a_new_epoch_waits_to_be_confirmed_on_every_node() {
    let url = CLUSTER.create_database();
    let (options, fixture) = (PostgresOptions::at(&url).unwrap(), Fixture::new());
    let before = Node::start(&options, &fixture).await;
    crate::suite::note(&before.store.tenant(fixture.tenant), "a").await;
    assert!(!before.store.awaits_confirmation());
    PostgresBackend::start_new_epoch(&options, fixture.context.now()).await.unwrap();
    before.notes.reaches(before.store.heads().await.unwrap().remove(0)).await;
    let after = Node::start(&options, &fixture).await;
    assert!(before.store.awaits_confirmation() && after.store.awaits_confirmation());
    assert!(PostgresBackend::confirm(&options).await.unwrap());
    assert!(!PostgresBackend::confirm(&options).await.unwrap(), "there is nothing left to confirm");
    until(|| !before.store.awaits_confirmation() && !after.store.awaits_confirmation()).await;
}

/// A database that was put back to an earlier moment under a node, which a restore does more thoroughly.
#[tokio::test]
async fn a_database_that_holds_less_than_was_seen_is_not_taken_for_current_until_a_new_epoch() {
    let url = CLUSTER.create_database();
    let (mut options, fixture) = (PostgresOptions::at(&url).unwrap(), Fixture::new());
    options.poll_interval = Duration::from_millis(5);
    let node = Node::start(&options, &fixture).await;
    crate::suite::note(&node.store.tenant(fixture.tenant), "a").await;
    CLUSTER.execute(database_of(&url), "UPDATE heads SET position = position - 1");
    CLUSTER.execute(database_of(&url), "DELETE FROM changes c USING heads h WHERE c.position > h.position");
    let beside = Node::start(&options, &fixture).await;
    for round in 1..=5 {
        fixture.clock.advance(Duration::from_secs(10));
        until(|| beside.store.age_of_view() == Duration::ZERO).await;
        assert!(node.store.age_of_view() >= Duration::from_secs(10) * round, "whoever has seen more does not go on");
    }
    let written = crate::suite::create(&node.store.tenant(fixture.tenant), &crate::suite::Note::titled("b")).await;
    assert!(written.is_err(), "nor does it write");
    for name in ["c", "d", "e"] {
        crate::suite::note(&beside.store.tenant(fixture.tenant), name).await;
    }
    let seen = node.store.age_of_view();
    fixture.clock.advance(Duration::from_secs(10));
    until(|| beside.store.age_of_view() == Duration::ZERO).await;
    assert!(node.store.age_of_view() > seen, "not even when others have committed more than was lost");
    PostgresBackend::start_new_epoch(&options, fixture.context.now()).await.unwrap();
    until(|| node.store.age_of_view() == Duration::ZERO).await;
}

async fn until(held: impl Fn() -> bool) {
    let mut ticks = tokio::time::interval(Duration::from_millis(1));
    let waited = async {
        while !held() {
            ticks.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waited).await.expect("it comes about in time");
}
