//! Exactly once, whatever ends in between.

use crate::house::{House, caller, commit, moment, rows, uuid};
use signet_logs::AUDITS;
use signet_logs::audit::{activities::ADD_APPLICATION, success};
use signet_record::Record;
use signet_store::{AuditEntry, Store};
use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

fn entries(numbers: std::ops::Range<u128>) -> Vec<AuditEntry> {
    let caller = caller("servicePrincipal", "Admin");
    numbers.map(|number| success(&caller, moment(0), uuid(number), &ADD_APPLICATION, vec![], &[])).collect()
}

async fn copied(record: &Record) -> (usize, usize) {
    let rows = rows(record, AUDITS).await;
    let ids: BTreeSet<&str> = rows.iter().map(|row| row["Id"].as_str().unwrap()).collect();
    (rows.len(), ids.len())
}

async fn waiting(store: &Store) -> usize {
    store.outbox(10_000).await.unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_was_copied_and_not_forgotten_before_the_process_ended_is_not_copied_again() {
    let house = House::new();
    {
        let (store, record, copier) = house.copying().await;
        house.keeps.store(true, Ordering::SeqCst);
        commit(&store, entries(0..3)).await;
        assert!(copier.caught_up().await.is_err());
        record.caught_up().await;
        assert_eq!((copied(&record).await, waiting(&store).await), ((3, 3), 3));
        commit(&store, entries(3..5)).await;
        record.shutdown().await;
    }
    house.keeps.store(false, Ordering::SeqCst);
    let (store, record, copier) = house.copying().await;
    copier.caught_up().await.unwrap();
    assert_eq!((copied(&record).await, waiting(&store).await), ((5, 5), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_could_not_be_forgotten_once_is_not_copied_again_by_the_same_process() {
    let house = House::new();
    let (store, record, copier) = house.copying().await;
    commit(&store, entries(0..1)).await;
    copier.caught_up().await.unwrap();
    house.keeps.store(true, Ordering::SeqCst);
    commit(&store, entries(1..3)).await;
    assert!(copier.caught_up().await.is_err());
    house.keeps.store(false, Ordering::SeqCst);
    commit(&store, entries(3..4)).await;
    copier.caught_up().await.unwrap();
    assert_eq!((copied(&record).await, waiting(&store).await), ((4, 4), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_with_more_entries_than_a_batch_is_copied_whole() {
    let house = House::new();
    let (store, record, copier) = house.copying().await;
    commit(&store, entries(0..200)).await;
    commit(&store, entries(200..900)).await;
    commit(&store, entries(900..901)).await;
    copier.caught_up().await.unwrap();
    assert_eq!((copied(&record).await, waiting(&store).await), ((901, 901), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_recorded_as_it_is_and_stops_nobody() {
    let house = House::new();
    let (store, record, copier) = house.copying().await;
    commit(&store, [AuditEntry { body: b"not JSON".to_vec() }]).await;
    commit(&store, entries(0..1)).await;
    copier.caught_up().await.unwrap();
    let rows = rows(&record, AUDITS).await;
    let unreadable = rows.iter().find(|row| row["OperationName"] == "Unreadable audit entry").unwrap();
    assert_eq!((unreadable["ResultReason"].as_str(), rows.len()), (Some("not JSON"), 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_after_the_record_is_gone_is_refused() {
    let house = House::new();
    let (store, record, copier) = house.copying().await;
    record.shutdown().await;
    commit(&store, entries(0..1)).await;
    assert!(copier.caught_up().await.is_err());
    assert_eq!(waiting(&store).await, 1);
}
