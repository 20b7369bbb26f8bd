//! Records in the order of their commits, from where a reader left off.

use crate::house::{AUDITS, House, SIGN_INS, tenant};
use signet_record::{Followed, FollowedFrame, News, Place, Record, Tables};

fn numbers(records: &[Followed]) -> Vec<i64> {
    records.iter().map(|record| record.columns["Number"].as_i64().unwrap()).collect()
}

/// Everything after a place, read some at a time.
async fn rest(record: &Record, place: &mut Place, limit: usize) -> Vec<i64> {
    let mut all = Vec::new();
    loop {
        let (records, next) = record.follow(tenant(1), &Tables::All, place, limit).await.unwrap();
        *place = serde_json::from_str(&serde_json::to_string(&next).unwrap()).unwrap();
        if records.is_empty() {
            return all;
        }
        all.extend(numbers(&records));
    }
}

pub(super) async fn invariant_11_a_follower_gets_each_record_of_its_tenant_once_and_no_other(house: House) {
    let record = house.open().await.record;
    for number in 0..10 {
        record.append(house.entry(tenant(1), SIGN_INS, number), None).await.unwrap();
        record.append(house.entry(tenant(2), SIGN_INS, 100 + number), None).await.unwrap();
    }
    let mut place = Place::default();
    let (some, next) = record.follow(tenant(1), &Tables::All, &place, 3).await.unwrap();
    assert!(numbers(&some).starts_with(&[0, 1, 2]) && some.len() < 10);
    assert_eq!(some[0].table, SIGN_INS);
    assert_eq!((some[0].id.as_str(), &some[0].columns["IPAddress"]), ("record-0", &"192.0.2.0".into()));
    let (frames, end) = record.follow_frames(tenant(1), &Tables::All, &place, 3).await.unwrap();
    assert_eq!(end, next);
    assert_eq!(frames.iter().map(|frame| frame.count).sum::<usize>(), some.len());
    let bytes: Vec<Vec<u8>> = frames.iter().map(|frame| frame.to_bytes().unwrap()).collect();
    let read = |bytes: &[u8]| FollowedFrame::from_bytes(bytes).unwrap().read().unwrap();
    assert_eq!(
        bytes.iter().flat_map(|bytes| read(bytes)).collect::<Vec<_>>(),
        some,
        "read elsewhere they are the same"
    );
    FollowedFrame::from_bytes(&bytes[0][..20]).unwrap_err();
    place = next;
    assert_eq!(rest(&record, &mut place, 3).await, (3..10).collect::<Vec<_>>());
    record.append(house.entry(tenant(1), AUDITS, 10), None).await.unwrap();
    assert_eq!(rest(&record, &mut place, 3).await, [10]);
    assert_eq!(rest(&record, &mut Place::default(), 1).await, (0..11).collect::<Vec<_>>());
}

pub(super) async fn a_follower_of_one_table_passes_the_others_over(house: House) {
    let record = house.open().await.record;
    // More of the other table than is read at once.
    for number in 0..200 {
        record.append(house.entry(tenant(1), SIGN_INS, number), None).await.unwrap();
    }
    record.append(house.entry(tenant(1), AUDITS, 200), None).await.unwrap();
    record.append(house.entry(tenant(2), AUDITS, 201), None).await.unwrap();
    let audits = Tables::Only([AUDITS.to_owned()].into());
    let behind = async |tables: &Tables, place: &Place| record.behind(tenant(1), tables, place).await.unwrap();
    let start = Place::default();
    assert_eq!((behind(&Tables::All, &start).await, behind(&audits, &start).await), (201, 1));
    let (found, next) = record.follow(tenant(1), &audits, &Place::default(), 10).await.unwrap();
    assert_eq!(numbers(&found), [200]);
    assert_eq!((behind(&Tables::All, &next).await, behind(&audits, &next).await), (0, 0));
    assert_eq!(record.follow(tenant(1), &audits, &next, 10).await.unwrap().0, []);
    assert_eq!(record.follow(tenant(1), &Tables::All, &next, 10).await.unwrap().0, [], "it has been passed");
    let nothing = Tables::Only([].into());
    let (found, next) = record.follow(tenant(1), &nothing, &Place::default(), 10).await.unwrap();
    assert_eq!(found, []);
    assert_eq!(record.follow(tenant(1), &Tables::All, &next, 10).await.unwrap().0, []);
}

pub(super) async fn a_follower_misses_nothing_of_writers_side_by_side_nor_over_a_restart(house: House) {
    let [one, other] = house.two().await;
    let mut place = Place::default();
    let mut seen = Vec::new();
    for number in 0..6 {
        // The later writer first: what the earlier one writes afterwards lies before it.
        let by = if number % 2 == 0 { &other } else { &one };
        by.record.append(house.entry(tenant(1), SIGN_INS, number), None).await.unwrap();
        seen.extend(rest(&one.record, &mut place, 10).await);
    }
    for node in [one, other] {
        node.record.shutdown().await;
    }
    let again = house.open().await.record;
    again.append(house.entry(tenant(1), SIGN_INS, 6), None).await.unwrap();
    seen.extend(rest(&again, &mut place, 10).await);
    assert_eq!(seen, (0..7).collect::<Vec<_>>());
}

pub(super) async fn what_was_erased_is_not_handed_on(house: House) {
    let record = house.open().await.record;
    record.append(house.entry(tenant(1), SIGN_INS, 4), None).await.unwrap();
    record.erase(tenant(1), SIGN_INS, "record-4", &["IPAddress"]).await.unwrap();
    let (found, _) = record.follow(tenant(1), &Tables::All, &Place::default(), 10).await.unwrap();
    assert_eq!(found[0].columns["IPAddress"], serde_json::Value::Null);
}

pub(super) async fn after_the_end_come_only_records_that_are_written_later_and_there_is_news_of_them(house: House) {
    let record = house.open().await.record;
    record.append(house.entry(tenant(1), SIGN_INS, 1), None).await.unwrap();
    let (mut end, mut mark) = (record.end(tenant(1)).await.unwrap(), 0);
    record.news(&mut mark).await.unwrap();
    assert_eq!(rest(&record, &mut end, 10).await, [0_i64; 0]);
    record.append(house.entry(tenant(1), SIGN_INS, 2), None).await.unwrap();
    match record.news(&mut mark).await.unwrap() {
        News::Of(tenants) => assert_eq!(tenants, [tenant(1)].into()),
        News::Unknown => {}
    }
    assert_ne!(record.news(&mut mark).await.unwrap(), News::Of([tenant(1)].into()), "it is no news twice");
    assert_eq!(rest(&record, &mut end, 10).await, [2]);
}
