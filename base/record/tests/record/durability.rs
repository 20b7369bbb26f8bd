//! Durable before `Ok`; refused rather than late; never lost by a caller that leaves.

use crate::house::{AUDITS, House, SIGN_INS, Seal, start, taken, tenant};
use signet_record::AppendError;
use std::pin::pin;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_refuses_at_once() {
    let house = House::new();
    let record = house.open_with(|options| options.queue_capacity = 2);
    let outside = house.outside();
    outside.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut first = pin!(record.append(house.entry(tenant(1), SIGN_INS, 0), None));
    assert!(start(first.as_mut()).await.is_pending());
    taken(&record).await;
    let mut second = pin!(record.append(house.entry(tenant(1), SIGN_INS, 1), None));
    let mut third = pin!(record.append(house.entry(tenant(1), SIGN_INS, 2), None));
    assert!(start(second.as_mut()).await.is_pending());
    assert!(start(third.as_mut()).await.is_pending());
    assert_eq!(record.append(house.entry(tenant(1), SIGN_INS, 3), None).await, Err(AppendError::Full));
    outside.execute_batch("ROLLBACK").unwrap();
    let receipts = (first.await.unwrap(), second.await.unwrap(), third.await.unwrap());
    assert_eq!(receipts.1.frame, receipts.2.frame, "what waits together commits together");
    assert!(receipts.0.frame < receipts.1.frame);
    assert_eq!(record.metrics().records, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_append_is_durable_before_it_returns() {
    let house = House::new();
    let record = house.open();
    for number in 0..20 {
        let receipt = record.append(house.entry(tenant(1), SIGN_INS, number), None).await.unwrap();
        let body: Vec<u8> = house
            .outside()
            .query_row("SELECT body FROM frames WHERE id = ?1", [receipt.frame], |row| row.get(0))
            .unwrap();
        let line = body.split(|byte| *byte == b'\n').nth(receipt.ordinal as usize).unwrap();
        let read: serde_json::Value = serde_json::from_slice(line).unwrap();
        assert_eq!(read["Number"], number);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_written_though_its_caller_leaves() {
    let house = House::new();
    let record = house.open();
    let outside = house.outside();
    outside.execute_batch("BEGIN IMMEDIATE").unwrap();
    {
        let mut append = pin!(record.append(house.entry(tenant(1), SIGN_INS, 0), None));
        assert!(start(append.as_mut()).await.is_pending());
    }
    outside.execute_batch("ROLLBACK").unwrap();
    record.shutdown().await;
    assert_eq!(house.verify().unwrap().records, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_writes_one_frame_per_tenant_and_table() {
    let house = House::new();
    let record = house.open();
    let outside = house.outside();
    outside.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut first = Box::pin(record.append(house.entry(tenant(1), SIGN_INS, 0), None));
    assert!(start(first.as_mut()).await.is_pending());
    taken(&record).await;
    let places = [(1, SIGN_INS), (2, SIGN_INS), (1, AUDITS), (1, SIGN_INS), (2, SIGN_INS)];
    let mut waiting: Vec<_> = (1..)
        .zip(places)
        .map(|(number, (of, table))| Box::pin(record.append(house.entry(tenant(of), table, number), None)))
        .collect();
    for append in &mut waiting {
        assert!(start(append.as_mut()).await.is_pending());
    }
    outside.execute_batch("ROLLBACK").unwrap();
    first.await.unwrap();
    for append in waiting {
        append.await.unwrap();
    }
    let metrics = record.metrics();
    assert_eq!((metrics.batches, metrics.frames, metrics.records, metrics.last_batch), (2, 4, 6, 5));
}

#[tokio::test(flavor = "multi_thread")]
async fn shutdown_writes_what_waits_and_refuses_what_follows() {
    let house = House::new();
    let record = house.open();
    let mut waiting: Vec<_> =
        (0..50).map(|number| Box::pin(record.append(house.entry(tenant(1), SIGN_INS, number), None))).collect();
    for append in &mut waiting {
        let _ = start(append.as_mut()).await;
    }
    record.shutdown().await;
    for append in waiting {
        append.await.unwrap();
    }
    assert_eq!(record.append(house.entry(tenant(1), SIGN_INS, 50), None).await, Err(AppendError::Stopped));
    let report = house.verify().unwrap();
    assert_eq!((report.records, report.uncovered), (50, 0));
    assert!(!record.healthy());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_after_a_crash_continues_in_a_chain_of_its_own() {
    let house = House::new();
    let record = house.open();
    for number in 0..5 {
        record.append(house.entry(tenant(1), SIGN_INS, number), None).await.unwrap();
        record.checkpoint().await.unwrap();
    }
    let last = record.append(house.entry(tenant(1), SIGN_INS, 5), None).await.unwrap();
    // The files as a crash would leave them: log not moved, no last checkpoint, no rows.
    let after = tempfile::tempdir().unwrap();
    for file in ["records.db", "records.db-wal"] {
        std::fs::copy(house.directory.path().join(file), after.path().join(file)).unwrap();
    }
    let again = house.open_in(after.path(), |_| ());
    let next = again.append(house.entry(tenant(1), SIGN_INS, 6), None).await.unwrap();
    assert_ne!(next.writer, last.writer);
    assert_eq!((next.seq, next.frame), (0, last.frame + 1));
    again.caught_up().await;
    let page = again.query(signet_record::Query::new(tenant(1), SIGN_INS)).await.unwrap();
    assert_eq!(page.records.len(), 7);
    again.shutdown().await;
    let report = signet_record::verify(after.path(), &Seal).unwrap();
    assert_eq!((report.records, report.chains, report.checkpoints, report.uncovered), (7, 2, 6, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_is_stated_once_per_interval() {
    let house = House::new();
    let record = house.open_with(|options| options.checkpoint_interval = Duration::from_secs(60));
    record.append(house.entry(tenant(1), SIGN_INS, 0), None).await.unwrap();
    house.clock.advance(Duration::from_secs(60));
    record.append(house.entry(tenant(1), SIGN_INS, 1), None).await.unwrap();
    record.append(house.entry(tenant(1), SIGN_INS, 2), None).await.unwrap();
    record.append(house.entry(tenant(2), SIGN_INS, 3), None).await.unwrap();
    record.shutdown().await;
    assert_eq!(house.verify().unwrap().checkpoints, 3, "one by the interval, one per tenant at the end");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_a_record_that_verifies() {
    let house = House::new();
    let record = house.open();
    for number in 0..5 {
        record.append(house.entry(tenant(1), SIGN_INS, number), None).await.unwrap();
    }
    record.checkpoint().await.unwrap();
    let copy = tempfile::tempdir().unwrap();
    record.backup(copy.path().join("records.db")).await.unwrap();
    record.append(house.entry(tenant(1), SIGN_INS, 5), None).await.unwrap();
    let report = signet_record::verify(copy.path(), &Seal).unwrap();
    assert_eq!((report.records, report.checkpoints, report.uncovered), (5, 1, 0));
}
