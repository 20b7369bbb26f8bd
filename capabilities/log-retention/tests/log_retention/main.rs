//! Purges, step by step, with a clock that stands still.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking, and nobody links it"
)]

mod house;

use house::{DAY, House, tenant};
use signet_kernel::{Fault, ObjectId};
use signet_log_retention::{LegalHold, LogPurge};
use signet_record::Place;
use signet_store::{Id, IndexKey};
use signet_transparency_log::PURGE;

fn hold(principal: Option<ObjectId>) -> LegalHold {
    serde_json::from_value(serde_json::json!({
        "displayName": "Case 7", "caseId": "7", "reason": "notice", "principalId": principal,
    }))
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_old_leaves_once_its_tombstone_is_in_the_log_and_not_before() {
    let house = House::new().await;
    house.sign_ins(5).await;
    house.gather().await;
    assert_eq!(house.round().await.removed, 0, "nothing is old");
    house.clock.advance(366 * DAY);
    let begun = house.round().await;
    assert_eq!((begun.removed, begun.more), (0, true), "the tombstone is not in the log yet");
    assert_eq!(house.frames().await, 5);
    assert_eq!(house.round().await.removed, 0, "nor now");
    house.gather().await;
    assert_eq!(house.round().await.removed, 5);
    house.gather().await;
    let report = house.verify().await;
    assert_eq!((report.removed, report.untold, report.purges.len()), (5, 0, 1));
    assert_eq!((report.purges[0].statement.count(), report.purges[0].statement.reason.as_str()), (5, "retention"));
    assert_eq!(house.round().await, signet_log_retention::Outcome::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_in_the_log_yet_stays() {
    let house = House::new().await;
    house.sign_ins(1).await;
    house.clock.advance(366 * DAY);
    assert_eq!(house.round().await.removed, 0);
    assert!(house.tombstones().await.is_empty(), "nothing is stated that is not done");
    house.gather().await;
    house.purge().await;
    assert_eq!(house.frames().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_after_the_tombstone_is_followed_by_the_same_removal_and_no_second_tombstone() {
    let house = House::new().await;
    house.sign_ins(40).await;
    house.gather().await;
    house.clock.advance(366 * DAY);
    house.round().await;
    house.gather().await;
    // Some of it was removed when the process ended.
    let frames = house.numbers().await;
    house.record.remove(tenant(), frames[..7].to_vec()).await.unwrap();
    assert_eq!(house.round().await.removed, 33);
    house.gather().await;
    let report = house.verify().await;
    assert_eq!((report.removed, report.untold), (40, 0));
    assert_eq!(house.tombstones().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_hold_describes_stays_until_it_is_released() {
    let house = House::new().await;
    let subjects = house.sign_ins(3).await;
    house.gather().await;
    let held = house.put(&hold(Some(subjects[1]))).await;
    house.clock.advance(500 * DAY);
    house.purge().await;
    assert_eq!(house.subjects().await, [subjects[1]]);
    house.release(held).await;
    house.purge().await;
    assert!(house.subjects().await.is_empty());
    let report = house.verify().await;
    assert_eq!((report.untold, report.purges.len()), (0, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_after_its_tombstone_and_before_it_is_removed_stays_and_that_is_on_record() {
    let house = House::new().await;
    let subjects = house.sign_ins(3).await;
    house.gather().await;
    house.clock.advance(366 * DAY);
    house.round().await;
    house.gather().await;
    let held = house.put(&hold(Some(subjects[1]))).await;
    assert_eq!(house.round().await.removed, 2);
    assert_eq!(house.subjects().await, [subjects[1]]);
    let kept = house.audits("Keep held log records").await;
    assert!(kept.len() == 1 && kept[0].to_string().contains("RecordCount"), "{kept:?}");
    house.purge().await;
    assert_eq!(house.subjects().await, [subjects[1]]);
    assert_eq!(house.verify().await.untold, 0);
    house.release(held).await;
    house.purge().await;
    assert!(house.subjects().await.is_empty());
    let report = house.verify().await;
    assert_eq!((report.untold, report.removed, report.purges.len()), (0, 3, 2));
    house.clock.advance(500 * DAY);
    house.purge().await;
    assert_eq!(house.audits("Keep held log records").await, kept, "it stays with the tombstone of which it says that");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_purge_removes_no_hold_is_set_and_none_is_said_to_be() {
    let house = House::new().await;
    house.sign_ins(1).await;
    house.gather().await;
    // A process ended in the middle of it.
    let store = house.store.tenant(tenant());
    let mut unit = store.unit();
    let purge = LogPurge { frames: house.numbers().await, removing: true, ..LogPurge::default() };
    unit.create(Id::of(house.context.new_object_id()), &purge);
    store.commit(unit).await.unwrap();
    let refused = hold(None).set(&store, &mut store.unit(), Id::of(house.context.new_object_id())).await.unwrap_err();
    assert_eq!(refused.fault, Fault::Temporary);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_that_was_chosen_before_a_hold_was_set_is_not_begun() {
    let house = House::new().await;
    house.sign_ins(1).await;
    house.gather().await;
    house.clock.advance(366 * DAY);
    house.round().await;
    house.gather().await;
    house.round().await;
    // What a purge saw when it chose; then a hold is set.
    let store = house.store.tenant(tenant());
    let row = store.find_key("logPurge", &IndexKey::exact("purge")).await.unwrap().unwrap();
    let seen = store.find(Id::<LogPurge>::of(row)).await.unwrap().unwrap();
    house.put(&hold(None)).await;
    let mut unit = store.unit();
    unit.update(&seen, &LogPurge { frames: vec![1], ..seen.body.clone() });
    store.commit(unit).await.unwrap_err();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_without_a_principal_holds_its_time_and_a_released_one_nothing() {
    let house = House::new().await;
    house.sign_ins(2).await;
    house.gather().await;
    house.put(&hold(None)).await;
    house.clock.advance(500 * DAY);
    house.purge().await;
    assert_eq!(house.frames().await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_reader_has_not_read_stays_for_so_long_and_no_longer() {
    let house = House::new().await;
    house.sign_ins(2).await;
    house.gather().await;
    house.reader(Some(Place::default()));
    house.clock.advance(366 * DAY);
    house.purge().await;
    assert_eq!(house.frames().await, 2, "it has read nothing");
    house.reader(Some(house.record.end(tenant()).await.unwrap()));
    house.sign_ins(1).await;
    house.gather().await;
    house.purge().await;
    assert_eq!(house.frames().await, 1, "it has read what was there, which is old");
    house.reader(Some(Place::default()));
    house.clock.advance(394 * DAY);
    house.purge().await;
    assert_eq!(house.frames().await, 1, "not yet for long enough");
    house.clock.advance(2 * DAY);
    house.purge().await;
    assert_eq!(house.frames().await, 0, "it is not waited for any longer");
}

#[tokio::test(flavor = "multi_thread")]
async fn tombstones_stay_and_other_audits_do_not() {
    let house = House::new().await;
    house.sign_ins(2).await;
    house.gather().await;
    house.clock.advance(366 * DAY);
    house.purge().await;
    let stated = house.tombstones().await;
    assert_eq!(stated.len(), 1);
    house.clock.advance(5_000 * DAY);
    house.purge().await;
    assert_eq!(house.tombstones().await[0], stated[0], "{PURGE} is never purged");
    assert_eq!(house.verify().await.untold, 0);
}
