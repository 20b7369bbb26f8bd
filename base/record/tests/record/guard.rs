//! Invariant 1: nothing decided before a right was taken away commits after that was acknowledged.

use crate::house::{House, SIGN_INS, moment, start, taken, tenant};
use signet_kernel::{Issuance as _, Revocation};
use signet_record::{AppendError, Entry, Guard, RecordBuilder, RowKeys};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

#[tokio::test(flavor = "multi_thread")]
async fn invariant_1_a_decision_on_the_old_counter_is_refused_and_leaves_no_record() {
    let house = House::new();
    let record = house.open();
    let guard = Guard { tenant: tenant(1), seen: house.revocations.current(tenant(1)) };
    house.revocations.raise(tenant(1), guard.seen.next());
    let refused = record.append(house.entry(tenant(1), SIGN_INS, 0), Some(guard)).await;
    assert_eq!(refused, Err(AppendError::Moved));
    let fresh = Guard { seen: house.revocations.current(tenant(1)), ..guard };
    record.append(house.entry(tenant(1), SIGN_INS, 1), Some(fresh)).await.unwrap();
    let other = Guard { tenant: tenant(2), seen: Revocation::default() };
    record.append(house.entry(tenant(2), SIGN_INS, 2), Some(other)).await.unwrap();
    assert_eq!(house.count("SELECT sum(count) FROM frames"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_under_way_is_settled_at_once() {
    let house = House::new();
    let record = house.open();
    assert!(start(pin!(record.settled())).await.is_ready());
    record.append(house.entry(tenant(1), SIGN_INS, 0), None).await.unwrap();
    record.shutdown().await;
    assert!(start(pin!(record.settled())).await.is_ready());
}

#[tokio::test(flavor = "multi_thread")]
async fn settled_waits_for_the_batch_in_flight_also_when_the_queue_is_full() {
    let house = House::new();
    let record = house.open_with(|options| options.queue_capacity = 1);
    let outside = house.outside();
    outside.execute_batch("BEGIN IMMEDIATE").unwrap();
    let guard = Guard { tenant: tenant(1), seen: house.revocations.current(tenant(1)) };
    let mut in_flight = pin!(record.append(house.entry(tenant(1), SIGN_INS, 0), Some(guard)));
    assert!(start(in_flight.as_mut()).await.is_pending());
    taken(&record).await;
    let mut behind = pin!(record.append(house.entry(tenant(1), SIGN_INS, 1), Some(guard)));
    assert!(start(behind.as_mut()).await.is_pending());
    assert_eq!(record.append(house.entry(tenant(1), SIGN_INS, 2), None).await, Err(AppendError::Full));

    // In flight or not yet looked at: either way the barrier may not open before the first batch ended.
    house.revocations.raise(tenant(2), Revocation::default().next());
    let mut settled = record.settled();
    assert!(start(settled.as_mut()).await.is_pending());
    house.revocations.raise(tenant(1), guard.seen.next());
    outside.execute_batch("ROLLBACK").unwrap();
    settled.await;
    assert!(start(in_flight).await.is_ready(), "what was in flight has been answered");
    assert_eq!(behind.await, Err(AppendError::Moved));
}

fn seen_entry(house: &House, seen: Revocation) -> Entry {
    let mut record = RecordBuilder::new(&house.context, tenant(1), SIGN_INS);
    record.number("Seen", i64::try_from(seen.as_u64()).unwrap());
    record.finish(RowKeys { at: moment(0), id: "any", about: None, outcome: None })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn invariant_1_no_old_decision_commits_after_the_acknowledgement_under_load() {
    let house = Arc::new(House::new());
    let record = house.open_with(|options| options.max_batch = 8);
    let done = Arc::new(AtomicBool::new(false));
    let (written, moved) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let appenders: Vec<_> = (0..16)
        .map(|_| {
            let (house, record, done) = (house.clone(), record.clone(), done.clone());
            let (written, moved) = (written.clone(), moved.clone());
            tokio::spawn(async move {
                while !done.load(Ordering::SeqCst) {
                    let guard = Guard { tenant: tenant(1), seen: house.revocations.current(tenant(1)) };
                    let entry = seen_entry(&house, guard.seen);
                    // A decision takes its time, and the counter may move meanwhile.
                    tokio::task::yield_now().await;
                    match record.append(entry, Some(guard)).await {
                        Ok(_) => written.fetch_add(1, Ordering::SeqCst),
                        Err(AppendError::Moved) => moved.fetch_add(1, Ordering::SeqCst),
                        Err(other) => panic!("{other}"),
                    };
                }
            })
        })
        .collect();

    // After each acknowledgement: what was in the file then, and the counter that everything later must have seen.
    let outside = house.outside();
    let mut acknowledged = Vec::new();
    let raced = || written.load(Ordering::SeqCst) > 100 && moved.load(Ordering::SeqCst) > 100;
    while acknowledged.len() < 300 || (!raced() && acknowledged.len() < 20_000) {
        let to = house.revocations.current(tenant(1)).next();
        house.revocations.raise(tenant(1), to);
        record.settled().await;
        let last: i64 = outside.query_row("SELECT coalesce(max(id), 0) FROM frames", (), |row| row.get(0)).unwrap();
        acknowledged.push((last, to));
    }
    done.store(true, Ordering::SeqCst);
    assert!(raced(), "nothing was refused, or nothing written: the race was not run");
    for appender in appenders {
        appender.await.unwrap();
    }
    record.shutdown().await;
    assert_eq!(house.verify().unwrap().records, written.load(Ordering::SeqCst));

    let mut frames = outside.prepare("SELECT id, body FROM frames ORDER BY id").unwrap();
    let mut rows = frames.query(()).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let (id, body): (i64, Vec<u8>) = (row.get(0).unwrap(), row.get(1).unwrap());
        let required = acknowledged.iter().rev().find(|(last, _)| *last < id).map_or(0, |(_, to)| to.as_u64());
        for line in body.split(|byte| *byte == b'\n') {
            let record: serde_json::Value = serde_json::from_slice(line).unwrap();
            assert!(record["Seen"].as_u64().unwrap() >= required, "frame {id} holds {record}, {required} was due");
        }
    }
}
