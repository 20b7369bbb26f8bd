//! Finding records again.

use crate::house::{AUDITS, House, SIGN_INS, moment, tenant};
use serde_json::Value;
use signet_record::{Entry, Query, Record, RowKeys};

fn numbers(records: &[Value]) -> Vec<i64> {
    records.iter().map(|record| record["Number"].as_i64().unwrap()).collect()
}

async fn found(record: &Record, query: Query) -> Vec<i64> {
    record.caught_up().await;
    numbers(&record.query(query).await.unwrap().records)
}

async fn with_ten(house: &House) -> Record {
    let record = house.open().await.record;
    for number in 0..10 {
        record.append(house.entry(tenant(1), SIGN_INS, number), None).await.unwrap();
    }
    record
}

pub(super) async fn invariant_11_nothing_of_another_tenant_or_table_is_found(house: House) {
    let record = with_ten(&house).await;
    record.append(house.entry(tenant(2), AUDITS, 77), None).await.unwrap();
    assert_eq!(found(&record, Query::new(tenant(2), SIGN_INS)).await, [0_i64; 0]);
    assert_eq!(found(&record, Query::new(tenant(1), AUDITS)).await, [0_i64; 0]);
    assert_eq!(found(&record, Query::new(tenant(2), AUDITS)).await, [77]);
    let named = Query { id: Some("record-3".to_owned()), ..Query::new(tenant(2), SIGN_INS) };
    assert_eq!(found(&record, named).await, [0_i64; 0]);
}

pub(super) async fn records_are_found_by_time_about_outcome_and_id(house: House) {
    let record = with_ten(&house).await;
    let all = || Query::new(tenant(1), SIGN_INS);
    assert_eq!(found(&record, all()).await, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    let time = Query { from: Some(moment(3)), to: Some(moment(6)), ..all() };
    assert_eq!(found(&record, time.clone()).await, [5, 4, 3]);
    let about = Query { about: Some("agent-1".to_owned()), ..all() };
    assert_eq!(found(&record, about.clone()).await, [7, 4, 1]);
    assert_eq!(found(&record, Query { about: about.about.clone(), ..time.clone() }).await, [4]);
    assert_eq!(found(&record, Query { outcome: Some("0".to_owned()), ..time }).await, [4]);
    assert_eq!(found(&record, Query { outcome: Some("7000215".to_owned()), ..about }).await, [7, 1]);
    assert_eq!(found(&record, Query { id: Some("record-6".to_owned()), ..all() }).await, [6]);
    assert_eq!(found(&record, Query { id: Some("record-66".to_owned()), ..all() }).await, [0_i64; 0]);
}

pub(super) async fn records_of_one_moment_come_newest_first_in_the_order_of_their_appends(house: House) {
    let record = house.open().await.record;
    let keys = RowKeys { at: moment(0), id: "any", about: None, outcome: None };
    for number in 0..5 {
        let body = serde_json::json!({"Number": number});
        record.append(Entry::from_serialize(tenant(1), AUDITS, keys, &body).unwrap(), None).await.unwrap();
    }
    assert_eq!(found(&record, Query::new(tenant(1), AUDITS)).await, [4, 3, 2, 1, 0]);
}

pub(super) async fn pages_neither_repeat_nor_lose_records_while_new_ones_arrive(house: House) {
    let record = with_ten(&house).await;
    for about in [None, Some("agent-0".to_owned())] {
        let (mut seen, mut after) = (Vec::new(), None);
        let before =
            found(&record, Query { about: about.clone(), limit: 1000, ..Query::new(tenant(1), SIGN_INS) }).await;
        loop {
            let query = Query { about: about.clone(), after, limit: 3, ..Query::new(tenant(1), SIGN_INS) };
            let page = record.query(query).await.unwrap();
            seen.extend(numbers(&page.records));
            let next = *before.first().unwrap() + 30 + seen.len() as i64;
            record.append(house.entry(tenant(1), SIGN_INS, next * 3), None).await.unwrap();
            record.caught_up().await;
            let Some(cursor) = page.next else { break };
            assert!(page.records.len() == 3);
            after = Some(cursor);
        }
        assert_eq!(seen, before);
    }
}

pub(super) async fn a_reader_that_stops_early_goes_on_after_any_record(house: House) {
    let record = with_ten(&house).await;
    record.caught_up().await;
    let page = record.query(Query::new(tenant(1), SIGN_INS)).await.unwrap();
    assert_eq!((page.places.len(), page.next), (10, None));
    for (read, place) in page.places.iter().enumerate() {
        let rest = Query { after: Some(*place), ..Query::new(tenant(1), SIGN_INS) };
        assert_eq!(found(&record, rest).await, numbers(page.records.get(read + 1..).unwrap()));
    }
}

pub(super) async fn a_record_comes_back_as_it_was_written_with_its_personal_values(house: House) {
    let record = house.open().await.record;
    let entry = house.entry(tenant(1), SIGN_INS, 4);
    let stored = String::from_utf8(entry.body().to_vec()).unwrap();
    assert!(!stored.contains("192.0.2.4") && stored.contains("\"IPAddress\":\"sha256:"), "{stored}");
    record.append(entry, None).await.unwrap();
    record.caught_up().await;
    let read = |page: signet_record::Page| serde_json::to_string(&page.records).unwrap();
    let query = || Query::new(tenant(1), SIGN_INS);
    assert_eq!(
        read(record.query(query()).await.unwrap()),
        r#"[{"Id":"record-4","At":"2026-11-21T10:00:04Z","Agent":"agent-1","Number":4,"IPAddress":"192.0.2.4","UserAgent":"msal \"python\"\n1.34"}]"#
    );
    record.erase(tenant(1), SIGN_INS, "record-4", &["UserAgent", "IPAddress"]).await.unwrap();
    assert_eq!(
        read(record.query(query()).await.unwrap()),
        r#"[{"Id":"record-4","At":"2026-11-21T10:00:04Z","Agent":"agent-1","Number":4,"IPAddress":null,"UserAgent":null}]"#
    );
}

pub(super) async fn what_serializes_to_an_object_can_be_a_record_and_nothing_else(house: House) {
    let record = house.open().await.record;
    let keys = RowKeys { at: moment(0), id: "a", about: None, outcome: None };
    assert!(Entry::from_serialize(tenant(1), AUDITS, keys, &[1, 2]).is_err());
    let pretty = serde_json::value::RawValue::from_string("{\n  \"Number\": 5\n}".to_owned()).unwrap();
    record.append(Entry::from_serialize(tenant(1), AUDITS, keys, &pretty).unwrap(), None).await.unwrap();
    assert_eq!(found(&record, Query::new(tenant(1), AUDITS)).await, [5]);
    record.shutdown().await;
    house.verify().await.unwrap();
}
