//! What several nodes wrote, found, erased and stated by any of them.

use super::sql;
use crate::house::{House, Node, SIGN_INS, moment, tenant};
use signet_record::Query;

fn numbers(page: &signet_record::Page) -> Vec<i64> {
    page.records.iter().map(|record| record["Number"].as_i64().unwrap()).collect()
}

async fn found(node: &Node, query: Query) -> Vec<i64> {
    numbers(&node.record.query(query).await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_node_finds_what_all_of_them_wrote_and_nothing_of_another_tenant() {
    let house = House::postgres().await;
    let nodes = house.two().await;
    for number in 0..10 {
        let node = &nodes[usize::try_from(number).unwrap() % 2];
        node.record.append(house.entry(tenant(1), SIGN_INS, number), None).await.unwrap();
    }
    let all = || Query::new(tenant(1), SIGN_INS);
    for node in &nodes {
        assert_eq!(found(node, Query::new(tenant(2), SIGN_INS)).await, [0_i64; 0]);
        assert_eq!(found(node, all()).await, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
        let time = Query { from: Some(moment(3)), to: Some(moment(6)), ..all() };
        assert_eq!(found(node, time).await, [5, 4, 3]);
        let about = Query { about: Some("agent-1".to_owned()), ..all() };
        assert_eq!(found(node, Query { outcome: Some("7000215".to_owned()), ..about }).await, [7, 1]);
        let page = node.record.query(Query { limit: 4, ..all() }).await.unwrap();
        assert_eq!(found(node, Query { after: page.next, ..all() }).await, [5, 4, 3, 2, 1, 0]);
    }
    assert_eq!(nodes[1].record.erase(tenant(2), SIGN_INS, "record-4", &["IPAddress"]).await.unwrap(), 0);
    assert_eq!(nodes[1].record.erase(tenant(1), SIGN_INS, "record-4", &["IPAddress"]).await.unwrap(), 1);
    let page = nodes[0].record.query(Query { id: Some("record-4".to_owned()), ..all() }).await.unwrap();
    assert_eq!(page.records[0]["IPAddress"], serde_json::Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_of_several_nodes_follow_each_other_and_name_every_writer() {
    let house = House::postgres().await;
    let nodes = house.two().await;
    for node in &nodes {
        node.record.append(house.entry(tenant(1), SIGN_INS, 0), None).await.unwrap();
    }
    let (one, two) = tokio::join!(nodes[0].record.checkpoint(), nodes[1].record.checkpoint());
    assert_eq!((one.unwrap(), two.unwrap()), (1, 1));
    let last = "SELECT convert_from(statement, 'UTF8') FROM record_checkpoints ORDER BY sequence DESC LIMIT 1";
    let last: signet_record::Checkpoint = serde_json::from_str(&sql(&house, last)).unwrap();
    assert_eq!((last.sequence, last.heads.len()), (1, 2));
    assert!(last.previous.is_some());
    nodes[0].record.append(house.entry(tenant(1), SIGN_INS, 1), None).await.unwrap();
    let report = house.verify().await.unwrap();
    assert_eq!((report.frames, report.chains, report.checkpoints, report.uncovered), (3, 2, 2, 1));
}
