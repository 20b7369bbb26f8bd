//! A COMMIT whose answer is lost: the change is made once, or its fate is said to be unknown.

use crate::CLUSTER;
use crate::node::Node;
use crate::proxy::Proxy;
use crate::suite::{Fixture, Note, create, note};
use signet_store::{BackendError, CommitError, Position, PostgresOptions};
use signet_testkit_postgres::database_of;

async fn behind_a_proxy() -> (Proxy, String, Node, Fixture) {
    let (url, fixture) = (CLUSTER.create_database(), Fixture::new());
    let proxy = Proxy::before(&url);
    let node = Node::start(&PostgresOptions::at(&proxy.through(&url)).unwrap(), &fixture).await;
    (proxy, url, node, fixture)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_took_effect_unheard_is_answered_as_done_and_not_repeated() {
    let (proxy, _, node, fixture) = behind_a_proxy().await;
    let store = node.store.tenant(fixture.tenant);
    note(&store, "before").await;
    proxy.lose_an_answer();
    let id = note(&store, "once").await;
    assert!(store.find(id).await.unwrap().is_some());
    let changes = store.changes(Position(0), 10).await.unwrap();
    assert_eq!(changes.len(), 2);
    note(&store, "after").await;
    node.notes.assert_gapless(fixture.tenant);
    assert_eq!(node.notes.of(fixture.tenant).len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_died_with_its_connection_is_made_again() {
    let (_proxy, url, node, fixture) = behind_a_proxy().await;
    let store = node.store.tenant(fixture.tenant);
    note(&store, "before").await;
    // Ends the server's process within COMMIT, once: a sequence counts what a rollback does not take back.
    CLUSTER.execute(
        database_of(&url),
        "CREATE SEQUENCE bomb;
         CREATE FUNCTION explode() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             IF nextval('bomb') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NULL;
         END $$;
         CREATE CONSTRAINT TRIGGER explode AFTER INSERT ON changes DEFERRABLE INITIALLY DEFERRED
             FOR EACH ROW EXECUTE FUNCTION explode();",
    );
    note(&store, "again").await;
    assert_eq!(CLUSTER.execute(database_of(&url), "SELECT last_value FROM bomb").trim(), "2", "it went off");
    assert_eq!(store.changes(Position(0), 10).await.unwrap().len(), 2);
    node.notes.assert_gapless(fixture.tenant);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_fate_cannot_be_learnt_is_said_to_be_unknown() {
    let (proxy, url, node, fixture) = behind_a_proxy().await;
    let store = node.store.tenant(fixture.tenant);
    note(&store, "before").await;
    proxy.lose_the_server();
    let unknown = create(&store, &Note::titled("perhaps")).await.unwrap_err();
    assert!(matches!(unknown, CommitError::Backend(BackendError::UnknownOutcome(_))), "{unknown:?}");
    assert_eq!(CLUSTER.execute(database_of(&url), "SELECT count(*) FROM changes").trim(), "2", "as it happens");
}
