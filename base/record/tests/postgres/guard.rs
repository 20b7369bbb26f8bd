//! Invariant 1, across nodes: the database is the barrier, not the process.

use crate::nodes::{CLUSTER, Node, options, sql, tenant};
use signet_kernel::{Revocation, Timestamp};
use signet_record::{AppendError, Guard};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_the_directory_does_not_know_lets_nothing_out() {
    let url = CLUSTER.create_database();
    let node = Node::start(&options(&url)).await;
    let guard = Guard { tenant: tenant(9), seen: Revocation::default() };
    assert_eq!(node.record.append(node.entry(tenant(9), 0), Some(guard)).await, Err(AppendError::Moved));
    assert_eq!(sql(&url, "SELECT count(*) FROM record_frames"), "0");
    node.record.append(node.entry(tenant(9), 0), None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn invariant_1_no_node_commits_an_old_decision_after_the_acknowledgement() {
    let url = CLUSTER.create_database();
    let options = options(&url);
    let nodes = [Arc::new(Node::start(&options).await), Arc::new(Node::start(&options).await)];
    nodes[0].raise(tenant(1)).await;
    let done = Arc::new(AtomicBool::new(false));
    let (written, moved) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let appenders: Vec<_> = (0..8)
        .map(|number: usize| {
            let (node, done) = (nodes[number % 2].clone(), done.clone());
            let (written, moved) = (written.clone(), moved.clone());
            tokio::spawn(async move {
                while !done.load(Ordering::SeqCst) {
                    let guard = node.guard(tenant(1));
                    let entry = node.entry(tenant(1), i64::try_from(guard.seen.as_u64()).unwrap() & 0xffff);
                    // A decision takes its time, and the counter may move meanwhile.
                    tokio::task::yield_now().await;
                    match node.record.append(entry, Some(guard)).await {
                        Ok(_) => written.fetch_add(1, Ordering::SeqCst),
                        Err(AppendError::Moved) => moved.fetch_add(1, Ordering::SeqCst),
                        Err(other) => panic!("{other}"),
                    };
                }
            })
        })
        .collect();

    // After each acknowledgement: the last frame of each writer then, and the counter that later ones must have seen.
    let mut acknowledged = Vec::new();
    let raced = || written.load(Ordering::SeqCst) > 100 && moved.load(Ordering::SeqCst) > 100;
    while acknowledged.len() < 60 || (!raced() && acknowledged.len() < 2_000) {
        let to = nodes[acknowledged.len() % 2].raise(tenant(1)).await.as_u64() & 0xffff;
        let lasts = sql(&url, "SELECT writer, max(id) FROM record_frames GROUP BY writer");
        let lasts: HashMap<String, i64> = lasts.lines().map(pair).collect();
        acknowledged.push((lasts, to));
    }
    done.store(true, Ordering::SeqCst);
    for appender in appenders {
        appender.await.unwrap();
    }
    assert!(raced(), "nothing was refused, or nothing written: the race was not run");
    let seen = "SELECT f.writer, f.id, min(r.at) FROM record_frames f JOIN record_rows r \
        ON r.tenant = f.tenant AND r.position >> 12 = f.id GROUP BY f.writer, f.id";
    let seen = sql(&url, seen);
    assert!(seen.lines().count() > 50);
    for line in seen.lines() {
        let (place, at) = line.rsplit_once('|').unwrap();
        let (writer, id) = pair(place);
        let seen = (at.parse::<i64>().unwrap() - crate::nodes::moment(0).micros()) / 1_000_000;
        let later = |lasts: &HashMap<String, i64>| lasts.get(&writer).is_none_or(|last| *last < id);
        let required = acknowledged.iter().rev().find(|(lasts, _)| later(lasts)).map_or(0, |(_, to)| *to);
        assert!(seen >= i64::try_from(required).unwrap(), "{line}: {required} was due");
    }
    assert_eq!(crate::nodes::verify(&url).await.unwrap().records, written.load(Ordering::SeqCst));
    assert_eq!(sql(&url, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"), "0");
}

fn pair(line: &str) -> (String, i64) {
    let (writer, id) = line.split_once('|').unwrap();
    (writer.to_owned(), id.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn records_that_overlap_without_end_do_not_keep_a_raise_waiting() {
    let url = CLUSTER.create_database();
    let mut options = options(&url);
    let raiser = Node::start(&options).await;
    raiser.raise(tenant(1)).await;
    // Each batch holds the counter for a while: of four writers, one or another always does.
    sql(
        &url,
        "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN PERFORM pg_sleep(0.05); RETURN NULL; END $$;
         CREATE TRIGGER dawdle AFTER INSERT ON record_frames FOR EACH STATEMENT EXECUTE FUNCTION dawdle();",
    );
    let done = Arc::new(AtomicBool::new(false));
    let written = Arc::new(AtomicU64::new(0));
    let mut appenders = Vec::new();
    for _ in 0..4 {
        let node = Arc::new(Node::start(&options).await);
        for _ in 0..3 {
            let (node, done, written) = (node.clone(), done.clone(), written.clone());
            appenders.push(tokio::spawn(async move {
                while !done.load(Ordering::SeqCst) {
                    if node.append(tenant(1), 0).await.is_ok() {
                        written.fetch_add(1, Ordering::SeqCst);
                    }
                }
            }));
        }
    }
    // A raise that waits for longer is given up by the server, and then this fails.
    options.statement_timeout = Duration::from_secs(3);
    let hurried = Node::start(&options).await;
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
    let url = CLUSTER.create_database();
    let node = Node::start(&options(&url)).await;
    node.raise(tenant(1)).await;
    sql(&url, "DELETE FROM gates");
    node.append(tenant(1), 0).await.unwrap();
    node.raise(tenant(1)).await;
    assert_eq!(sql(&url, "SELECT count(*) FROM gates"), "1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_new_epoch_refuses_what_was_decided_in_the_old_one_on_every_node() {
    let url = CLUSTER.create_database();
    let options = options(&url);
    let nodes = [Arc::new(Node::start(&options).await), Arc::new(Node::start(&options).await)];
    for number in 1..6 {
        nodes[0].raise(tenant(number)).await;
    }
    sql(&url, "DELETE FROM gates");
    let done = Arc::new(AtomicBool::new(false));
    let busy: Vec<_> = (0..4_u128)
        .map(|number| {
            let (node, done) = (nodes[usize::try_from(number % 2).unwrap()].clone(), done.clone());
            tokio::spawn(async move {
                while !done.load(Ordering::SeqCst) {
                    node.raise(tenant(number + 1)).await;
                    let _ = node.append(tenant(number + 1), 0).await;
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
    assert_eq!(nodes[1].record.append(nodes[1].entry(tenant(5), 0), Some(old)).await, Err(AppendError::Moved));
    assert_eq!(sql(&url, "SELECT count(*) FROM gates"), "5");
    assert_eq!(sql(&url, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"), "0");
}
