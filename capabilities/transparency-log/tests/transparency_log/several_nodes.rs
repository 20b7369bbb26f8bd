//! What only PostgreSQL can do: several nodes write, in no common order.

use crate::house::{House, TABLES, gather, tenant};
use signet_kernel::Timestamp;

async fn append(house: &House, record: &signet_record::Record, number: i64) -> signet_record::Receipt {
    record.append(house.entry(tenant(1), TABLES[0], number), None).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_that_commits_late_under_an_earlier_number_is_found() {
    let house = House::postgres().await;
    let (early, late, logs) = (house.record().await, house.record().await, house.logs());
    // Each took its block of numbers when it opened.
    let last = append(&house, &late, 0).await;
    assert_eq!(gather(&logs).await, 1);
    let first = append(&house, &early, 1).await;
    assert!(first.frame < last.frame);
    assert_eq!(gather(&logs).await, 1);
    append(&house, &late, 2).await;
    append(&house, &early, 3).await;
    assert_eq!(gather(&logs).await, 2);
    assert_eq!(house.verify(tenant(1)).await.unwrap().leaves, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_that_was_ended_goes_on_in_a_new_chain_and_nothing_is_overlooked() {
    let house = House::postgres().await;
    let (record, logs) = (house.record().await, house.logs());
    let before = append(&house, &record, 0).await;
    gather(&logs).await;
    logs.store().tend(Timestamp::from_seconds(i64::MAX / 1_000_000)).await.unwrap();
    assert_eq!(house.sql("SELECT count(*) FROM record_writers WHERE ended IS NOT NULL"), "1");
    gather(&logs).await;
    let after = append(&house, &record, 1).await;
    assert_ne!(after.writer, before.writer);
    assert_eq!(gather(&logs).await, 1);
    assert_eq!(house.sql("SELECT count(*) FROM record_log_reached"), "1", "of the ended one nothing is kept");
    let report = house.verify(tenant(1)).await.unwrap();
    assert_eq!((report.leaves, report.waiting), (2, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_that_closes_ends_and_its_last_frames_are_found() {
    let house = House::postgres().await;
    let (record, logs) = (house.record().await, house.logs());
    append(&house, &record, 0).await;
    record.shutdown().await;
    assert_eq!(house.sql("SELECT ended FROM record_writers"), "1");
    assert_eq!(gather(&logs).await, 1);
    gather(&logs).await;
    assert_eq!(house.sql("SELECT min(ended) FROM record_log_heads"), "1");
    assert_eq!(gather(&logs).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_of_programs_that_noted_no_blocks_are_found() {
    let house = House::postgres().await;
    let (record, logs) = (house.record().await, house.logs());
    append(&house, &record, 0).await;
    house.sql("DELETE FROM record_writer_blocks; UPDATE record_writers SET seen = NULL");
    assert_eq!(gather(&logs).await, 0);
    logs.store().tend(Timestamp::from_seconds(i64::MAX / 1_000_000)).await.unwrap();
    append(&house, &record, 1).await;
    assert_eq!(gather(&logs).await, 2);
    assert_eq!(house.sql("SELECT count(*) FROM record_writers WHERE ended IS NOT NULL"), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_write_while_others_gather_lose_nothing() {
    let house = House::postgres().await;
    let records = [house.record().await, house.record().await, house.record().await];
    let gatherers = [house.logs(), house.logs()];
    let writing = async {
        for round in 0..15 {
            let [one, two, three] = &records;
            tokio::join!(
                house.append_together(one, tenant(1), round * 30..round * 30 + 10),
                house.append_together(two, tenant(1), round * 30 + 10..round * 30 + 20),
                house.append(three, tenant(1), round * 30 + 20..round * 30 + 30),
            );
        }
    };
    let gathering = async {
        for _ in 0..30 {
            let [one, two] = &gatherers;
            tokio::join!(gather(one), gather(two));
        }
    };
    tokio::join!(writing, gathering);
    gather(&gatherers[0]).await;
    let report = house.verify(tenant(1)).await.unwrap();
    assert_eq!((report.leaves, report.waiting), (450, 0));
    assert!(house.alarms.kinds().is_empty(), "{}", house.alarms.last());
}
