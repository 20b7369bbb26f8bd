//! Frames that leave when their time is over.

use crate::house::{AUDITS, House, SIGN_INS, moment, tenant};
use signet_kernel::TenantId;
use signet_record::{FrameProblem, Place, Query, Record, Tables, VerifyError};
use std::time::Duration;

/// Frames of two tables and tenants, one record each, a minute apart; the numbers of the first tenant's sign-ins.
async fn write(house: &House, record: &Record) -> Vec<i64> {
    let mut frames = Vec::new();
    for number in 0..6 {
        frames.push(record.append(house.entry(tenant(1), SIGN_INS, number), None).await.unwrap().frame);
        record.append(house.entry(tenant(1), AUDITS, 100 + number), None).await.unwrap();
        record.append(house.entry(tenant(2), SIGN_INS, 200 + number), None).await.unwrap();
        house.clock.advance(Duration::from_mins(1));
    }
    record.checkpoint().await.unwrap();
    house.keep_entries(tenant(1)).await;
    frames
}

async fn ids(record: &Record, of: TenantId, table: &str) -> Vec<String> {
    record.caught_up().await;
    let page = record.query(Query::new(of, table)).await.unwrap();
    assert_eq!((page.records.len(), page.places.len()), (page.committed.len(), page.records.len()));
    page.records.iter().map(|record| record["Id"].as_str().unwrap().to_owned()).collect()
}

pub(super) async fn what_is_removed_is_found_nowhere_and_the_chains_stand(house: House) {
    let record = house.open().await.record;
    let frames = write(&house, &record).await;
    // A beginning, and one in the middle.
    let gone = vec![frames[0], frames[1], frames[3]];
    assert_eq!(record.remove(tenant(1), gone.clone()).await.unwrap(), 3);
    assert_eq!(record.remove(tenant(1), gone.clone()).await.unwrap(), 0, "they are gone");
    assert_eq!(ids(&record, tenant(1), SIGN_INS).await, ["record-5", "record-4", "record-2"]);
    assert_eq!(ids(&record, tenant(1), AUDITS).await.len(), 6);
    assert_eq!(ids(&record, tenant(2), SIGN_INS).await.len(), 6);
    let (followed, _) = record.follow(tenant(1), &Tables::All, &Place::default(), 100).await.unwrap();
    assert_eq!(followed.len(), 9);
    let removed = record.removed(tenant(1), 0, 10).await.unwrap();
    assert_eq!(removed.iter().map(|one| one.frame).collect::<Vec<_>>(), gone);
    assert_eq!((removed[2].from, removed[2].until), (moment(3), moment(3)));
    assert_eq!(record.removed(tenant(1), removed[1].number, 10).await.unwrap(), removed[2..]);
    assert_eq!(record.removed(tenant(2), 0, 10).await.unwrap(), []);
    let report = house.verify().await.unwrap();
    assert_eq!((report.frames, report.removed, report.uncovered), (15, 3, 0));
    record.append(house.entry(tenant(1), SIGN_INS, 7), None).await.unwrap();
    record.shutdown().await;
    let report = house.verify().await.unwrap();
    assert_eq!((report.frames, report.removed), (16, 3), "the chain goes on");
}

pub(super) async fn a_place_of_a_removed_frame_that_was_changed_or_dropped_is_found(house: House) {
    let problem = async |change: &str| {
        let house = house.another().await;
        let record = house.open().await.record;
        let frames = write(&house, &record).await;
        record.remove(tenant(1), frames[..3].to_vec()).await.unwrap();
        record.shutdown().await;
        house.verify().await.unwrap();
        assert_eq!(house.change(change).await, 1, "{change}");
        match house.verify().await {
            Err(VerifyError::Frame { problem, .. }) => problem,
            other => panic!("{change}: {other:?}"),
        }
    };
    assert_eq!(problem("DELETE FROM removed WHERE seq = 1").await, FrameProblem::Gap { expected: 1 });
    // It is stated by a checkpoint, or bound by what follows it.
    let changed = |problem| matches!(problem, FrameProblem::Unlinked | FrameProblem::Cut { .. });
    assert!(changed(problem("UPDATE removed SET hash = prev WHERE seq = 1").await));
    assert!(changed(problem("UPDATE removed SET hash = prev WHERE seq = 2").await));
    assert_eq!(problem("UPDATE removed SET first = 7 WHERE seq = 1").await, FrameProblem::Unlinked);
}

pub(super) async fn no_number_is_given_twice_though_the_last_frames_were_removed(house: House) {
    let record = house.open().await.record;
    let frames = write(&house, &record).await;
    assert_eq!(ids(&record, tenant(2), SIGN_INS).await.len(), 6);
    house.keep_entries(tenant(2)).await;
    let all: Vec<i64> = house.frames().await.iter().map(|frame| frame.id).collect();
    for of in [tenant(1), tenant(2)] {
        record.remove(of, all.clone()).await.unwrap();
    }
    assert_eq!(house.frames().await.len(), 0);
    let end = record.end(tenant(1)).await.unwrap();
    record.shutdown().await;
    let record = house.open().await.record;
    let next = record.append(house.entry(tenant(1), SIGN_INS, 9), None).await.unwrap().frame;
    assert!(all.iter().all(|frame| *frame < next), "{next} in {all:?}");
    assert_eq!(ids(&record, tenant(1), SIGN_INS).await, ["record-9"]);
    let (followed, place) = record.follow(tenant(1), &Tables::All, &end, 100).await.unwrap();
    assert_eq!(followed.len(), 1);
    assert!(place.is_past(next) && !place.is_past(next + 1));
    assert!(place.is_past(frames[5]) || !end.is_past(frames[5]), "a place goes on where it was");
    assert_eq!(house.verify().await.unwrap().removed, 18);
}

pub(super) async fn what_is_removed_as_soon_as_it_is_written_is_waited_for_by_nobody(house: House) {
    let record = house.open().await.record;
    let frame = record.append(house.entry(tenant(1), SIGN_INS, 1), None).await.unwrap().frame;
    house.keep_entries(tenant(1)).await;
    assert_eq!(record.remove(tenant(1), vec![frame]).await.unwrap(), 1);
    assert_eq!(ids(&record, tenant(1), SIGN_INS).await, Vec::<String>::new());
    record.append(house.entry(tenant(1), SIGN_INS, 2), None).await.unwrap();
    assert_eq!(ids(&record, tenant(1), SIGN_INS).await, ["record-2"]);
    record.shutdown().await;
}

pub(super) async fn old_frames_are_those_of_the_tenant_that_were_committed_before(house: House) {
    let record = house.open().await.record;
    let frames = write(&house, &record).await;
    let mut found = Vec::new();
    let mut after = Some(0);
    while let Some(from) = after {
        let (some, next) = record.aged(tenant(1), moment(180), from, 2).await.unwrap();
        assert!(some.len() <= 2);
        found.extend(some);
        after = next;
    }
    let sign_ins: Vec<i64> = found.iter().filter(|frame| frame.table == SIGN_INS).map(|frame| frame.number).collect();
    assert_eq!((sign_ins, found.len()), (frames[..3].to_vec(), 6), "what was committed at the moment itself stays");
    assert!(found.iter().all(|frame| frame.count == 1 && frame.committed < moment(180)));
}

pub(super) async fn erasing_is_counted_for_who_derives(house: House) {
    let record = house.open().await.record;
    write(&house, &record).await;
    assert_eq!(record.erasures(tenant(1)).await.unwrap(), 0);
    record.erase(tenant(1), SIGN_INS, "record-4", &["IPAddress"]).await.unwrap();
    assert_eq!((record.erasures(tenant(1)).await.unwrap(), record.erasures(tenant(2)).await.unwrap()), (1, 0));
}
