//! Segments and the tail: each record once, whatever happens.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking, and nobody links it"
)]

mod children;
mod crash;
mod forgetting;
mod house;

use house::{House, ids, tenant};
use signet_log_engine::{TableSource as _, TimeSpan};
use signet_log_storage::StorageOptions;
use std::time::Duration;

const EAGER: StorageOptions =
    StorageOptions { enough: 1_000, patience: Duration::ZERO, small_files: 3, small_rows: 1_000 };

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_in_the_tail_then_in_one_segment_then_in_a_merged_one() {
    let house = House::new();
    let (record, storage) = house.open(EAGER);
    let mut wanted = Vec::new();
    for (round, segments) in (0..).zip([1, 2, 1, 2]) {
        for number in 0..5 {
            wanted.push(house.append(&record, 1, round * 5 + number).await);
        }
        let before = storage.parts(tenant(1), "AuditLogs", TimeSpan::ALWAYS).await.unwrap();
        assert_eq!(ids(&before), wanted, "as soon as it is durable");
        drop(before);
        storage.tend(tenant(1)).await.unwrap();
        let after = storage.parts(tenant(1), "AuditLogs", TimeSpan::ALWAYS).await.unwrap();
        assert_eq!(ids(&after), wanted);
        assert_eq!(after.segments.len(), segments, "three small ones become one");
        assert_eq!(house.files(), segments, "and what they were is gone");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_11_parts_are_of_one_tenant() {
    let house = House::new();
    let (record, storage) = house.open(EAGER);
    let (one, other) = (house.append(&record, 1, 1).await, house.append(&record, 2, 2).await);
    storage.tend(tenant(1)).await.unwrap();
    for (number, id) in [(1, one), (2, other)] {
        let parts = storage.parts(tenant(number), "AuditLogs", TimeSpan::ALWAYS).await.unwrap();
        assert_eq!(ids(&parts), [id]);
    }
    let nobody = storage.parts(tenant(3), "AuditLogs", TimeSpan::ALWAYS).await.unwrap();
    assert!(nobody.segments.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_segment_outside_of_the_span_is_left_out_and_one_at_its_edge_is_not() {
    let house = House::new();
    let (record, storage) = house.open(EAGER);
    let early = house.append(&record, 1, 10).await;
    storage.tend(tenant(1)).await.unwrap();
    let late = house.append(&record, 1, 20).await;
    storage.tend(tenant(1)).await.unwrap();
    let found = async |from, until| {
        let span = TimeSpan { from: house::at(from), until: house::at(until) };
        ids(&storage.parts(tenant(1), "AuditLogs", span).await.unwrap())
    };
    assert_eq!(found(0, 9).await, Vec::<String>::new());
    assert_eq!(found(0, 10).await, std::slice::from_ref(&early));
    assert_eq!(found(20, 30).await, std::slice::from_ref(&late));
    assert_eq!(found(10, 20).await, [early, late]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_read_stays_until_it_is_not() {
    let house = House::new();
    let (record, storage) = house.open(EAGER);
    for number in 0..2 {
        house.append(&record, 1, number).await;
        storage.tend(tenant(1)).await.unwrap();
    }
    let parts = storage.parts(tenant(1), "AuditLogs", TimeSpan::ALWAYS).await.unwrap();
    house.append(&record, 1, 2).await;
    storage.tend(tenant(1)).await.unwrap();
    assert_eq!(ids(&parts).len(), 2, "what was merged meanwhile is still read");
    assert_eq!(house.files(), 3);
    drop(parts);
    assert_eq!(house.files(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_unfolded_is_noted_and_a_text_is_never_null() {
    let house = House::new();
    let (record, storage) = house.open(EAGER);
    house.append(&record, 1, 1).await;
    storage.tend(tenant(1)).await.unwrap();
    let parts = storage.parts(tenant(1), "AuditLogs", TimeSpan::ALWAYS).await.unwrap();
    let names: Vec<&str> = parts.segments[0].unfolded.iter().map(|path| path.name.as_str()).collect();
    assert!(names.contains(&"InitiatedBy.app.displayName"), "{names:?}");
    assert_eq!(house::column(&parts, "InitiatedBy.app.displayName"), ["Reader"]);
    assert_eq!(house::column(&parts, "ResultDescription"), [""]);
    assert_eq!(house::column(&parts, "Type"), ["AuditLogs"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_enough_for_segments_does_not_wait_and_segments_that_are_lost_are_made_again() {
    let house = House::new();
    let wanted: Vec<String> = {
        let (record, storage) = house.open(StorageOptions { enough: 2, ..StorageOptions::default() });
        let mut wanted = Vec::new();
        for number in 0..5 {
            wanted.push(house.append(&record, 1, number).await);
            storage.parts(tenant(1), "AuditLogs", TimeSpan::ALWAYS).await.unwrap();
        }
        assert_eq!(house.files(), 1, "four files of a tail became one with the fifth");
        storage.tend(tenant(1)).await.unwrap();
        assert_eq!(house.files(), 1, "all five in a segment");
        storage.rebuild(tenant(1)).await.unwrap();
        assert_eq!(house.files(), 3, "two of two records, and the tail");
        let parts = storage.parts(tenant(1), "AuditLogs", TimeSpan::ALWAYS).await.unwrap();
        assert_eq!(ids(&parts), wanted, "made again from the record");
        drop(parts);
        record.shutdown().await;
        wanted
    };
    std::fs::remove_dir_all(house.segments()).unwrap();
    let (_record, storage) = house.open(EAGER);
    let parts = storage.parts(tenant(1), "AuditLogs", TimeSpan::ALWAYS).await.unwrap();
    assert_eq!(ids(&parts), wanted, "the folder may be deleted");
}
