//! Invariant 1, across nodes: the database is the barrier, not the process.

use crate::nodes::{CLUSTER, Node, moment, options, sql, tenant};
use signet_kernel::Revocation;
use signet_record::{AppendError, Guard, Once};
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

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_may_be_recorded_once_is_recorded_by_one_node() {
    let url = CLUSTER.create_database();
    let options = options(&url);
    let nodes = [Arc::new(Node::start(&options).await), Arc::new(Node::start(&options).await)];
    nodes[0].raise(tenant(1)).await;
    let attempts = (0..200_usize).flat_map(|name| [(name, 0_usize), (name, 1), (name, 1)]);
    let attempts: Vec<_> = attempts
        .map(|(name, node)| {
            let node = nodes[node].clone();
            tokio::spawn(async move {
                let once = Once::of("test", &[&name.to_string()], moment(60));
                let entry = node.entry(tenant(1), i64::try_from(name).unwrap()).once(once);
                let guard = (name % 2 == 0).then(|| node.guard(tenant(1)));
                (name, node.record.append(entry, guard).await)
            })
        })
        .collect();
    let mut written = vec![0; 200];
    for attempt in attempts {
        match attempt.await.unwrap() {
            (name, Ok(_)) => written[name] += 1,
            (_, Err(error)) => assert!(matches!(error, AppendError::Repeated | AppendError::Moved), "{error}"),
        }
    }
    // The second node may not have seen the counter yet: then the first one wrote.
    assert!(written.iter().all(|count| *count == 1), "{written:?}");
    assert_eq!(sql(&url, "SELECT sum(count) FROM record_frames"), "200");
}
