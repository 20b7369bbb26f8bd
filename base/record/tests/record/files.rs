//! What only a record in files can do: it lies in one directory that one process owns.

use crate::house::{Files, House, Place, SIGN_INS, Seal, start, taken, tenant};
use signet_kernel::{Issuance as _, Revocation, RevocationCounters};
use signet_record::{AppendError, Guard, Query, Record, RecordOptions};
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;

fn files(house: &House) -> &Files {
    match &house.place {
        Place::Files(files) => files,
        Place::Postgres(_) => panic!("it lies in a database"),
    }
}

/// A record in another directory.
fn open_in(house: &House, directory: &Path) -> Record {
    let (options, counters) = (RecordOptions::new("node-1", Arc::new(Seal)), Arc::new(RevocationCounters::new()));
    Record::open(directory, options, house.context.clone(), counters).unwrap()
}

async fn append(house: &House, record: &Record, numbers: std::ops::Range<i64>) {
    for number in numbers {
        record.append(house.entry(tenant(1), SIGN_INS, number), None).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_after_a_crash_finds_what_was_durable() {
    let house = House::files().await;
    let record = house.open().await.record;
    for number in 0..5 {
        append(&house, &record, number..number + 1).await;
        record.checkpoint().await.unwrap();
    }
    let last = record.append(house.entry(tenant(1), SIGN_INS, 5), None).await.unwrap();
    // The files as a crash would leave them: log not moved, no last checkpoint, no rows.
    let after = tempfile::tempdir().unwrap();
    for file in ["records.db", "records.db-wal"] {
        std::fs::copy(files(&house).path().join(file), after.path().join(file)).unwrap();
    }
    let again = open_in(&house, after.path());
    let next = again.append(house.entry(tenant(1), SIGN_INS, 6), None).await.unwrap();
    assert_ne!(next.writer, last.writer);
    assert_eq!((next.seq, next.frame), (0, last.frame + 1));
    again.caught_up().await;
    assert_eq!(again.query(Query::new(tenant(1), SIGN_INS)).await.unwrap().records.len(), 7);
    again.shutdown().await;
    let report = signet_record::verify(after.path(), &Seal).unwrap();
    assert_eq!((report.records, report.chains, report.checkpoints, report.uncovered), (7, 2, 6, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_a_record_that_verifies() {
    let house = House::files().await;
    let record = house.open().await.record;
    append(&house, &record, 0..5).await;
    record.checkpoint().await.unwrap();
    let copy = tempfile::tempdir().unwrap();
    record.backup(copy.path().join("records.db")).await.unwrap();
    append(&house, &record, 5..6).await;
    let report = signet_record::verify(copy.path(), &Seal).unwrap();
    assert_eq!((report.records, report.checkpoints, report.uncovered), (5, 1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_value_is_overwritten_in_the_file() {
    let house = House::files().await;
    let record = house.open().await.record;
    append(&house, &record, 0..6).await;
    let path = files(&house).path().join("records.db");
    let holds = || std::fs::read(&path).unwrap().windows(9).any(|window| window == b"192.0.2.4");
    record.shutdown().await;
    assert!(holds());
    let record = house.open().await.record;
    assert_eq!(record.erase(tenant(1), SIGN_INS, "record-4", &["IPAddress"]).await.unwrap(), 1);
    record.shutdown().await;
    assert!(!holds(), "the value is still in the file");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_are_missing_damaged_or_anothers_are_built_anew() {
    let (house, other) = (House::files().await, House::files().await);
    for house in [&house, &other] {
        let record = house.open().await.record;
        append(house, &record, 0..10).await;
        record.shutdown().await;
    }
    let [rows, others] = [&house, &other].map(|house| files(house).path().join("record-rows.db"));
    for trouble in ["missing", "damaged", "another's"] {
        std::fs::remove_file(&rows).unwrap();
        match trouble {
            "damaged" => std::fs::write(&rows, [7; 5000]).unwrap(),
            "another's" => drop(std::fs::copy(&others, &rows).unwrap()),
            _ => {}
        }
        let record = house.open().await.record;
        record.caught_up().await;
        let found = record.query(Query::new(tenant(1), SIGN_INS)).await.unwrap();
        assert_eq!(found.records.len(), 10, "{trouble}");
        record.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_under_way_is_settled_at_once() {
    let house = House::files().await;
    let record = house.open().await.record;
    assert!(start(pin!(record.settled())).await.is_ready());
    append(&house, &record, 0..1).await;
    record.shutdown().await;
    assert!(start(pin!(record.settled())).await.is_ready());
}

#[tokio::test(flavor = "multi_thread")]
async fn settled_waits_for_the_batch_in_flight_also_when_the_queue_is_full() {
    let house = House::files().await;
    let node = house.open_with(|options| options.queue_capacity = 1).await;
    let (record, counters) = (&node.record, &node.counters);
    let hold = house.hold().await;
    let guard = Guard { tenant: tenant(1), seen: counters.current(tenant(1)) };
    let mut in_flight = pin!(record.append(house.entry(tenant(1), SIGN_INS, 0), Some(guard)));
    assert!(start(in_flight.as_mut()).await.is_pending());
    taken(record).await;
    let mut behind = pin!(record.append(house.entry(tenant(1), SIGN_INS, 1), Some(guard)));
    assert!(start(behind.as_mut()).await.is_pending());
    let full = record.append(house.entry(tenant(1), SIGN_INS, 2), None).await;
    assert_eq!(full, Err(AppendError::Full));

    // In flight or not yet looked at: either way the barrier may not open before the first batch ended.
    counters.raise(tenant(2), Revocation::default().next());
    let mut settled = record.settled();
    assert!(start(settled.as_mut()).await.is_pending());
    counters.raise(tenant(1), guard.seen.next());
    hold.release().await;
    settled.await;
    assert!(start(in_flight).await.is_ready(), "what was in flight has been answered");
    assert_eq!(behind.await, Err(AppendError::Moved));
}
