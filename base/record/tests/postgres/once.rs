//! What may be used once, over nodes.

use crate::nodes::{CLUSTER, Node, moment, options, sql, tenant};
use signet_record::{AppendError, Once, Receipt};
use std::sync::Arc;
use uuid::Uuid;

async fn spend(node: &Node, of: u128, what: &str, by: u128, until: i64) -> Result<Receipt, AppendError> {
    let once = Once::of(&["assertion", what], Uuid::from_u128(by), moment(until));
    node.record.append(node.entry(tenant(of), 0).using(Some(once)), Some(node.guard(tenant(of)))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_node_used_no_node_uses_again_but_for_the_same_request() {
    let url = CLUSTER.create_database();
    let nodes = [Node::start(&options(&url)).await, Node::start(&options(&url)).await];
    for number in 1..3 {
        nodes[0].raise(tenant(number)).await;
        nodes[1].raise(tenant(number)).await;
        nodes[0].raise(tenant(number)).await;
    }
    let stale = nodes[0].guard(tenant(1));
    nodes[0].raise(tenant(1)).await;
    let once = Some(Once::of(&["assertion", "a"], Uuid::from_u128(1), moment(60)));
    let moved = nodes[0].record.append(nodes[0].entry(tenant(1), 0).using(once), Some(stale)).await;
    assert_eq!(moved, Err(AppendError::Moved));
    spend(&nodes[0], 1, "a", 2, 60).await.unwrap();
    spend(&nodes[0], 1, "a", 2, 60).await.unwrap();
    let append = |node: usize, by| {
        let once = Once::of(&["assertion", "a"], Uuid::from_u128(by), moment(60));
        let node = &nodes[node];
        node.record.append(node.entry(tenant(1), 0).using(Some(once)), None)
    };
    for node in [0, 1] {
        assert_eq!(append(node, 3).await, Err(AppendError::Used), "node {node}");
    }
    append(1, 2).await.unwrap();
    spend(&nodes[0], 2, "a", 3, 60).await.unwrap();
    assert_eq!(sql(&url, "SELECT count(*) FROM record_rows"), "4", "nothing refused left a record");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_that_race_on_all_nodes_one_wins_each_thing() {
    let url = CLUSTER.create_database();
    let mut nodes = Vec::new();
    for _ in 0..3 {
        nodes.push(Arc::new(Node::start(&options(&url)).await));
    }
    let mut racing = Vec::new();
    for request in 0..300_u128 {
        let node = nodes[usize::try_from(request % 3).unwrap()].clone();
        racing.push(tokio::spawn(async move {
            let name = (request / 3 * 7 % 100).to_string();
            let once = Once::of(&[&name], Uuid::from_u128(request), moment(60));
            node.record.append(node.entry(tenant(1), 0).using(Some(once)), None).await
        }));
    }
    let (mut won, mut used) = (0, 0);
    for race in racing {
        match race.await.unwrap() {
            Ok(_) => won += 1,
            Err(AppendError::Used) => used += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!((won, used), (100, 200));
    assert_eq!(sql(&url, "SELECT count(*) FROM record_rows"), "100");
    assert_eq!(sql(&url, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_can_use_any_more_is_forgotten() {
    let url = CLUSTER.create_database();
    let node = Node::start(&options(&url)).await;
    node.raise(tenant(1)).await;
    spend(&node, 1, "over", 1, -1).await.unwrap();
    spend(&node, 1, "over", 2, -1).await.unwrap();
    spend(&node, 1, "lives", 1, 1).await.unwrap();
    node.record.checkpoint().await.unwrap();
    assert_eq!(sql(&url, "SELECT count(*) FROM record_used"), "1");
    assert_eq!(spend(&node, 1, "lives", 2, 1).await, Err(AppendError::Used));
}
