//! Invariant 1: nothing decided before a right was taken away commits after that was acknowledged.

use crate::house::{House, Node, SIGN_INS, moment, tenant};
use signet_kernel::{Context, Revocation};
use signet_record::{AppendError, Entry, Guard, RecordBuilder, RowKeys};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tokio::task::JoinHandle;

pub(super) async fn invariant_1_a_decision_on_the_old_counter_is_refused_and_leaves_no_record(house: House) {
    let node = house.open().await;
    let old = node.guard(tenant(1));
    node.raise(tenant(1)).await;
    let refused = node.record.append(house.entry(tenant(1), SIGN_INS, 0), Some(old)).await;
    assert_eq!(refused, Err(AppendError::Moved));
    let fresh = node.guard(tenant(1));
    node.record.append(house.entry(tenant(1), SIGN_INS, 1), Some(fresh)).await.unwrap();
    let other = node.guard(tenant(2));
    node.record.append(house.entry(tenant(2), SIGN_INS, 2), Some(other)).await.unwrap();
    assert_eq!(house.count("SELECT sum(count) FROM frames").await, 2);
}

/// Those who decide and append without end, and what became of it.
#[derive(Default)]
struct Race {
    done: AtomicBool,
    written: AtomicU64,
    moved: AtomicU64,
}

impl Race {
    fn is_run(&self) -> bool {
        self.written.load(Ordering::SeqCst) > 100 && self.moved.load(Ordering::SeqCst) > 100
    }

    fn runner(self: &Arc<Self>, node: &Node, context: &Context) -> JoinHandle<()> {
        let (race, node, context) = (self.clone(), node.clone(), context.clone());
        tokio::spawn(async move {
            while !race.done.load(Ordering::SeqCst) {
                let guard = node.guard(tenant(1));
                let entry = seen_entry(&context, guard);
                // A decision takes its time, and the counter may move meanwhile.
                tokio::task::yield_now().await;
                match node.record.append(entry, Some(guard)).await {
                    Ok(_) => race.written.fetch_add(1, Ordering::SeqCst),
                    Err(AppendError::Moved) => race.moved.fetch_add(1, Ordering::SeqCst),
                    Err(other) => panic!("{other}"),
                };
            }
        })
    }
}

fn seen_entry(context: &Context, guard: Guard) -> Entry {
    let mut record = RecordBuilder::new(context, tenant(1), SIGN_INS);
    record.number("Seen", i64::try_from(guard.seen.as_u64()).unwrap());
    record.finish(RowKeys { at: moment(0), id: "any", about: None, outcome: None })
}

/// What was acknowledged: the last frame of each writer then, and the counter that all later ones must have seen.
type Acknowledged = (HashMap<String, i64>, Revocation);

async fn acknowledge(house: &House, node: &Node) -> Acknowledged {
    let to = node.raise(tenant(1)).await;
    let lasts = house.rows("SELECT hex(writer), max(id) FROM frames GROUP BY writer").await;
    (lasts.into_iter().map(|row| (row[0].clone(), row[1].parse().unwrap())).collect(), to)
}

pub(super) async fn invariant_1_no_old_decision_commits_after_the_acknowledgement_under_load(house: House) {
    let nodes = house.two().await;
    let race = Arc::new(Race::default());
    let runners: Vec<_> = (0..16).map(|number| race.runner(&nodes[number % 2], &house.context)).collect();
    let mut acknowledged = Vec::new();
    while acknowledged.len() < 100 || (!race.is_run() && acknowledged.len() < 5_000) {
        acknowledged.push(acknowledge(&house, &nodes[acknowledged.len() % 2]).await);
    }
    race.done.store(true, Ordering::SeqCst);
    for runner in runners {
        runner.await.unwrap();
    }
    assert!(race.is_run(), "nothing was refused, or nothing written: the race was not run");
    for node in &nodes {
        node.record.shutdown().await;
    }
    assert_eq!(house.verify().await.unwrap().records, race.written.load(Ordering::SeqCst));
    assert_eq!(house.deadlocks().await, 0);
    for frame in house.frames().await {
        let later = |lasts: &HashMap<String, i64>| lasts.get(&frame.writer).is_none_or(|last| *last < frame.id);
        let due = acknowledged.iter().rev().find(|(lasts, _)| later(lasts)).map_or(0, |(_, to)| to.as_u64());
        for record in frame.records() {
            assert!(record["Seen"].as_u64().unwrap() >= due, "frame {} holds {record}, {due} was due", frame.id);
        }
    }
}
