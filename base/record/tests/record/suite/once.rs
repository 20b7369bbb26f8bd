//! What may be used once.

use crate::house::{House, Node, SIGN_INS, moment, tenant};
use signet_kernel::Revocation;
use signet_record::{AppendError, Guard, Once, Receipt};
use uuid::Uuid;

async fn spend(house: &House, node: &Node, of: u128, by: u128, until: i64) -> Result<Receipt, AppendError> {
    let once = Once::of(&["assertion", "a"], Uuid::from_u128(by), moment(until));
    node.record.append(house.entry(tenant(of), SIGN_INS, 0).using(Some(once)), None).await
}

pub(super) async fn what_was_used_is_refused_also_after_a_restart_and_leaves_no_record(house: House) {
    let node = house.open().await;
    spend(&house, &node, 1, 1, 60).await.unwrap();
    spend(&house, &node, 1, 1, 60).await.unwrap();
    assert_eq!(spend(&house, &node, 1, 2, 60).await, Err(AppendError::Used));
    spend(&house, &node, 2, 2, 60).await.unwrap();
    node.record.shutdown().await;
    let node = house.open().await;
    assert_eq!(spend(&house, &node, 1, 2, 60).await, Err(AppendError::Used));
    assert_eq!(house.count("SELECT sum(count) FROM frames").await, 3);
}

pub(super) async fn what_is_decided_again_may_be_used_by_the_same_request(house: House) {
    let node = house.open().await;
    let guard = Guard { tenant: tenant(1), seen: Revocation::start_of(9) };
    let once = Once::of(&["a"], Uuid::from_u128(1), moment(60));
    let entry = || house.entry(tenant(1), SIGN_INS, 0).using(Some(once));
    assert_eq!(node.record.append(entry(), Some(guard)).await, Err(AppendError::Moved));
    node.record.append(entry(), Some(node.guard(tenant(1)))).await.unwrap();
}

pub(super) async fn what_nobody_can_use_any_more_is_forgotten(house: House) {
    let node = house.open().await;
    spend(&house, &node, 1, 1, -1).await.unwrap();
    spend(&house, &node, 2, 1, 1).await.unwrap();
    assert_eq!(node.record.forget().await.unwrap(), 1);
    assert_eq!(node.record.forget().await.unwrap(), 0);
    assert_eq!(house.count("SELECT count(*) FROM used").await, 1);
    spend(&house, &node, 1, 2, 60).await.unwrap();
    assert_eq!(spend(&house, &node, 2, 2, 60).await, Err(AppendError::Used));
}

pub(super) async fn of_many_that_race_one_wins_each_thing(house: House) {
    let nodes = house.two().await;
    let mut racing = Vec::new();
    for request in 0..300_u128 {
        let record = nodes[usize::try_from(request % 2).unwrap()].record.clone();
        let name = (request / 3 * 7 % 100).to_string();
        let once = Once::of(&[&name], Uuid::from_u128(request), moment(60));
        let entry = house.entry(tenant(1), SIGN_INS, 0).using(Some(once));
        racing.push(tokio::spawn(async move { record.append(entry, None).await }));
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
    assert_eq!(house.count("SELECT sum(count) FROM frames").await, 100);
    assert_eq!(house.deadlocks().await, 0);
}
