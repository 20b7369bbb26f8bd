//! Durable before `Ok`; refused rather than late; never lost by a caller that leaves.

use crate::house::{AUDITS, House, SIGN_INS, start, taken, tenant};
use signet_record::{AppendError, Query};
use std::pin::pin;
use std::time::Duration;

pub(super) async fn a_full_queue_refuses_at_once(house: House) {
    let record = house.open_with(|options| options.queue_capacity = 2).await.record;
    let hold = house.hold().await;
    let mut first = pin!(record.append(house.entry(tenant(1), SIGN_INS, 0), None));
    assert!(start(first.as_mut()).await.is_pending());
    taken(&record).await;
    let mut second = pin!(record.append(house.entry(tenant(1), SIGN_INS, 1), None));
    let mut third = pin!(record.append(house.entry(tenant(1), SIGN_INS, 2), None));
    assert!(start(second.as_mut()).await.is_pending());
    assert!(start(third.as_mut()).await.is_pending());
    assert_eq!(record.append(house.entry(tenant(1), SIGN_INS, 3), None).await, Err(AppendError::Full));
    hold.release().await;
    let receipts = (first.await.unwrap(), second.await.unwrap(), third.await.unwrap());
    assert_eq!(receipts.1.frame, receipts.2.frame, "what waits together commits together");
    assert!(receipts.0.frame < receipts.1.frame);
    assert_eq!(record.metrics().records, 3);
}

pub(super) async fn an_append_is_durable_before_it_returns(house: House) {
    let record = house.open().await.record;
    for number in 0..20 {
        let receipt = record.append(house.entry(tenant(1), SIGN_INS, number), None).await.unwrap();
        let frames = house.frames().await;
        let frame = frames.iter().find(|frame| frame.id == receipt.frame).unwrap();
        assert_eq!(frame.records()[receipt.ordinal as usize]["Number"], number);
    }
}

pub(super) async fn a_record_is_written_though_its_caller_leaves(house: House) {
    let record = house.open().await.record;
    let hold = house.hold().await;
    {
        let mut append = pin!(record.append(house.entry(tenant(1), SIGN_INS, 0), None));
        assert!(start(append.as_mut()).await.is_pending());
    }
    hold.release().await;
    record.shutdown().await;
    assert_eq!(house.verify().await.unwrap().records, 1);
}

pub(super) async fn a_commit_writes_one_frame_per_tenant_and_table(house: House) {
    let record = house.open().await.record;
    let hold = house.hold().await;
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
    hold.release().await;
    first.await.unwrap();
    for append in waiting {
        append.await.unwrap();
    }
    let metrics = record.metrics();
    assert_eq!((metrics.batches, metrics.frames, metrics.records, metrics.last_batch), (2, 4, 6, 5));
}

pub(super) async fn shutdown_writes_what_waits_and_refuses_what_follows(house: House) {
    let record = house.open().await.record;
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
    let report = house.verify().await.unwrap();
    assert_eq!((report.records, report.uncovered), (50, 0));
    assert!(!record.healthy());
}

pub(super) async fn a_restart_continues_in_a_chain_of_its_own(house: House) {
    let record = house.open().await.record;
    let last = record.append(house.entry(tenant(1), SIGN_INS, 0), None).await.unwrap();
    record.shutdown().await;
    let record = house.open().await.record;
    let next = record.append(house.entry(tenant(1), SIGN_INS, 1), None).await.unwrap();
    assert_ne!(next.writer, last.writer);
    assert!(next.seq == 0 && next.frame > last.frame);
    record.caught_up().await;
    assert_eq!(record.query(Query::new(tenant(1), SIGN_INS)).await.unwrap().records.len(), 2);
    record.shutdown().await;
    let report = house.verify().await.unwrap();
    assert_eq!((report.records, report.chains, report.checkpoints, report.uncovered), (2, 2, 2, 0));
}

pub(super) async fn a_checkpoint_is_stated_once_per_interval(house: House) {
    let record = house.open_with(|options| options.checkpoint_interval = Duration::from_secs(60)).await.record;
    record.append(house.entry(tenant(1), SIGN_INS, 0), None).await.unwrap();
    house.clock.advance(Duration::from_secs(60));
    record.append(house.entry(tenant(1), SIGN_INS, 1), None).await.unwrap();
    record.append(house.entry(tenant(1), SIGN_INS, 2), None).await.unwrap();
    record.append(house.entry(tenant(2), SIGN_INS, 3), None).await.unwrap();
    record.shutdown().await;
    let checkpoints = house.verify().await.unwrap().checkpoints;
    assert_eq!(checkpoints, 3, "one by the interval, one per tenant at the end");
}

pub(super) async fn what_the_storage_refuses_is_not_answered_as_written_and_leaves_no_gap(house: House) {
    let record = house.open().await.record;
    record.append(house.entry(tenant(1), SIGN_INS, 0), None).await.unwrap();
    house.refuse(true).await;
    for number in 1..3 {
        let refused = record.append(house.entry(tenant(1), SIGN_INS, number), None).await;
        assert_eq!(refused, Err(AppendError::Unwritable));
        assert!(!record.healthy());
    }
    house.refuse(false).await;
    let receipt = record.append(house.entry(tenant(1), SIGN_INS, 3), None).await.unwrap();
    assert_eq!(receipt.seq, 1);
    assert!(record.healthy());
    assert_eq!(house.verify().await.unwrap().records, 2);
}
