//! Connections that break at a COMMIT.

use super::{append, database, open_with, sql};
use crate::house::{CLUSTER, House, Node, options_at, tenant};
use crate::proxy::Proxy;
use signet_record::AppendError;

async fn behind_a_proxy(house: &House) -> (Proxy, Node) {
    let url = &database(house).url;
    let proxy = Proxy::before(url);
    let node = open_with(house, &options_at(&proxy.through(url))).await;
    (proxy, node)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_whose_commit_died_is_refused_and_leaves_no_gap_in_its_chain() {
    let house = House::postgres().await;
    let node = house.open().await;
    assert_eq!(append(&house, &node, tenant(1), 0).await.unwrap().seq, 0);
    // Ends the server's process within COMMIT, once: a sequence counts what a rollback does not take back.
    sql(
        &house,
        "CREATE SEQUENCE bomb; GRANT USAGE ON SEQUENCE bomb TO PUBLIC;
         CREATE FUNCTION explode() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             IF nextval('bomb') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NULL;
         END $$;
         CREATE CONSTRAINT TRIGGER explode AFTER INSERT ON record_frames DEFERRABLE INITIALLY DEFERRED
             FOR EACH ROW EXECUTE FUNCTION explode();",
    );
    assert_eq!(append(&house, &node, tenant(1), 1).await, Err(AppendError::Unwritable));
    assert_eq!(sql(&house, "SELECT last_value FROM bomb"), "1", "it went off");
    let next = append(&house, &node, tenant(1), 2).await.unwrap();
    assert_eq!(next.seq, 1);
    assert_eq!(sql(&house, "SELECT count(*) FROM record_frames"), "2");
    assert!(node.record.healthy());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_broke_between_batches_is_made_again() {
    let house = House::postgres().await;
    let node = house.open().await;
    for number in 0..5 {
        while append(&house, &node, tenant(1), number).await.is_err() {
            tokio::task::yield_now().await;
        }
        CLUSTER.cut_connections(signet_testkit_postgres::database_of(&database(&house).url));
    }
    assert_eq!(sql(&house, "SELECT count(*) FROM record_frames"), "5");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_was_committed_unheard_is_answered_as_durable_and_stands_once() {
    let house = House::postgres().await;
    let (proxy, node) = behind_a_proxy(&house).await;
    append(&house, &node, tenant(1), 0).await.unwrap();
    proxy.lose_an_answer();
    assert_eq!(append(&house, &node, tenant(1), 1).await.unwrap().seq, 1);
    assert_eq!(append(&house, &node, tenant(1), 2).await.unwrap().seq, 2);
    assert_eq!(house.verify().await.unwrap().records, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_whose_fate_cannot_be_learnt_lets_nothing_out() {
    let house = House::postgres().await;
    let (proxy, node) = behind_a_proxy(&house).await;
    append(&house, &node, tenant(1), 0).await.unwrap();
    proxy.lose_the_server();
    assert_eq!(append(&house, &node, tenant(1), 1).await, Err(AppendError::Unwritable));
    assert!(!node.record.healthy());
    assert_eq!(house.verify().await.unwrap().records, 2, "as it happens");
}

/// What a restore to an earlier moment does to a node that was left running.
fn put_back(house: &House, frames: i64) {
    sql(
        house,
        &format!(
            "DELETE FROM record_frames WHERE seq >= {frames}; DELETE FROM record_rows; DELETE FROM record_checkpoints"
        ),
    );
    sql(
        house,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_was_put_back_is_gone_on_with_in_a_new_chain() {
    for frames in [1, 0] {
        let house = House::postgres().await;
        let node = house.open().await;
        let mut old = append(&house, &node, tenant(1), 0).await.unwrap();
        for number in 1..3 {
            old = append(&house, &node, tenant(1), number).await.unwrap();
        }
        put_back(&house, frames);
        if frames == 0 {
            sql(
                &house,
                "DELETE FROM record_writers; DELETE FROM record_writer_blocks; UPDATE record_blocks SET next = 1",
            );
        }
        let other = house.open().await;
        append(&house, &other, tenant(1), 10).await.unwrap();
        let new = append(&house, &node, tenant(1), 3).await.unwrap();
        assert!(new.writer != old.writer && new.seq == 0);
        node.record.checkpoint().await.unwrap();
        assert_eq!(house.verify().await.unwrap().records, u64::try_from(frames).unwrap() + 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_was_lost_is_stated_as_being_there() {
    let house = House::postgres().await;
    let node = house.open().await;
    for number in 0..3 {
        append(&house, &node, tenant(1), number).await.unwrap();
    }
    put_back(&house, 1);
    // The connection is found dead first; what then lies behind the new one is looked at.
    while node.record.checkpoint().await.is_err() {}
    assert_eq!(house.verify().await.unwrap().records, 1);
    append(&house, &node, tenant(1), 3).await.unwrap();
    node.record.checkpoint().await.unwrap();
    assert_eq!(house.verify().await.unwrap().records, 2);
}
