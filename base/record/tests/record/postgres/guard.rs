//! Invariant 1, across nodes: the database is the barrier, not the process.

use super::{append, database, open_with, sql};
use crate::house::{House, SIGN_INS, start, tenant};
use signet_kernel::{Revocation, Timestamp};
use signet_record::{AppendError, Guard};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_the_directory_does_not_know_lets_nothing_out() {
    let house = House::postgres().await;
    let node = house.open().await;
    let guard = Guard { tenant: tenant(9), seen: Revocation::default() };
    assert_eq!(node.record.append(house.entry(tenant(9), SIGN_INS, 0), Some(guard)).await, Err(AppendError::Moved));
    assert_eq!(sql(&house, "SELECT count(*) FROM record_frames"), "0");
    node.record.append(house.entry(tenant(9), SIGN_INS, 0), None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_1_a_raise_waits_for_the_batch_that_was_checked_before_it() {
    let house = House::postgres().await;
    let [node, other] = house.two().await;
    let (hold, guard) = (house.hold().await, node.guard(tenant(1)));
    let mut in_flight = pin!(node.record.append(house.entry(tenant(1), SIGN_INS, 0), Some(guard)));
    assert!(start(in_flight.as_mut()).await.is_pending());
    // In this database: other tests wait for locks in theirs.
    let waiting =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while sql(&house, waiting) == "0" {
        tokio::task::yield_now().await;
    }
    let mut raise = pin!(other.raise(tenant(1)));
    assert!(start(raise.as_mut()).await.is_pending());
    hold.release().await;
    raise.await;
    assert_eq!(
        sql(&house, "SELECT count(*) FROM record_frames WHERE seq = 0"),
        "1",
        "acknowledged before it was written"
    );
    in_flight.await.unwrap();
    let late = node.record.append(house.entry(tenant(1), SIGN_INS, 2), Some(guard)).await;
    assert_eq!(late, Err(AppendError::Moved));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn records_that_overlap_without_end_do_not_keep_a_raise_waiting() {
    let house = Arc::new(House::postgres().await);
    let raiser = house.open().await;
    raiser.raise(tenant(1)).await;
    // Each batch holds the counter for a while: of four writers, one or another always does.
    sql(
        &house,
        "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN PERFORM pg_sleep(0.05); RETURN NULL; END $$;
         CREATE TRIGGER dawdle AFTER INSERT ON record_frames FOR EACH STATEMENT EXECUTE FUNCTION dawdle();",
    );
    let done = Arc::new(AtomicBool::new(false));
    let written = Arc::new(AtomicU64::new(0));
    let mut appenders = Vec::new();
    for _ in 0..4 {
        let node = house.open().await;
        for _ in 0..3 {
            let (house, node, done, written) = (house.clone(), node.clone(), done.clone(), written.clone());
            appenders.push(tokio::spawn(async move {
                while !done.load(Ordering::SeqCst) {
                    if append(&house, &node, tenant(1), 0).await.is_ok() {
                        written.fetch_add(1, Ordering::SeqCst);
                    }
                }
            }));
        }
    }
    // A raise that waits for longer is given up by the server, and then this fails.
    let mut options = database(&house).options();
    options.statement_timeout = Duration::from_secs(3);
    let hurried = open_with(&house, &options).await;
    while hurried.counters.current(tenant(1)) < raiser.counters.current(tenant(1)) {
        tokio::task::yield_now().await;
    }
    for _ in 0..10 {
        let before = written.load(Ordering::SeqCst);
        while written.load(Ordering::SeqCst) < before + 4 {
            tokio::task::yield_now().await;
        }
        hurried.raise(tenant(1)).await;
    }
    done.store(true, Ordering::SeqCst);
    for appender in appenders {
        appender.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_made_by_a_program_without_gates_gets_one_with_its_first_raise() {
    let house = House::postgres().await;
    let node = house.open().await;
    node.raise(tenant(1)).await;
    sql(&house, "DELETE FROM gates");
    append(&house, &node, tenant(1), 0).await.unwrap();
    node.raise(tenant(1)).await;
    assert_eq!(sql(&house, "SELECT count(*) FROM gates"), "1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_new_epoch_refuses_what_was_decided_in_the_old_one_on_every_node() {
    let house = Arc::new(House::postgres().await);
    let (options, nodes) = (database(&house).options(), house.two().await);
    for number in 1..6 {
        nodes[0].raise(tenant(number)).await;
    }
    sql(&house, "DELETE FROM gates");
    let done = Arc::new(AtomicBool::new(false));
    let busy: Vec<_> = (0..4_u128)
        .map(|number| {
            let (house, node, done) =
                (house.clone(), nodes[usize::try_from(number % 2).unwrap()].clone(), done.clone());
            tokio::spawn(async move {
                while !done.load(Ordering::SeqCst) {
                    node.raise(tenant(number + 1)).await;
                    let _ = append(&house, &node, tenant(number + 1), 0).await;
                }
            })
        })
        .collect();
    let old = nodes[1].guard(tenant(5));
    for _ in 0..20 {
        signet_store::PostgresBackend::start_new_epoch(&options, Timestamp::from_seconds(0)).await.unwrap();
    }
    done.store(true, Ordering::SeqCst);
    for task in busy {
        task.await.unwrap();
    }
    let refused = nodes[1].record.append(house.entry(tenant(5), SIGN_INS, 0), Some(old)).await;
    assert_eq!(refused, Err(AppendError::Moved));
    assert_eq!(sql(&house, "SELECT count(*) FROM gates"), "5");
    assert_eq!(house.deadlocks().await, 0);
}
