//! What may be used once.

use crate::house::{House, SIGN_INS, moment, tenant};
use signet_kernel::Revocation;
use signet_record::{AppendError, Guard, Once, Receipt, Record};
use uuid::Uuid;

async fn spend(house: &House, record: &Record, of: u128, by: u128, until: i64) -> Result<Receipt, AppendError> {
    let once = Once::of(&["assertion", "a"], Uuid::from_u128(by), moment(until));
    record.append(house.entry(tenant(of), SIGN_INS, 0).using(Some(once)), None).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_used_is_refused_also_after_a_restart_and_leaves_no_record() {
    let house = House::new();
    let record = house.open();
    spend(&house, &record, 1, 1, 60).await.unwrap();
    spend(&house, &record, 1, 1, 60).await.unwrap();
    assert_eq!(spend(&house, &record, 1, 2, 60).await, Err(AppendError::Used));
    spend(&house, &record, 2, 2, 60).await.unwrap();
    record.shutdown().await;
    let record = house.open();
    assert_eq!(spend(&house, &record, 1, 2, 60).await, Err(AppendError::Used));
    assert_eq!(house.count("SELECT sum(count) FROM frames"), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_decided_again_may_be_used_by_the_same_request() {
    let house = House::new();
    let record = house.open();
    let guard = Guard { tenant: tenant(1), seen: Revocation::start_of(9) };
    let once = Once::of(&["a"], Uuid::from_u128(1), moment(60));
    let entry = || house.entry(tenant(1), SIGN_INS, 0).using(Some(once));
    assert_eq!(record.append(entry(), Some(guard)).await, Err(AppendError::Moved));
    record.append(entry(), None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_can_use_any_more_is_forgotten() {
    let house = House::new();
    let record = house.open();
    spend(&house, &record, 1, 1, -1).await.unwrap();
    spend(&house, &record, 2, 1, 1).await.unwrap();
    record.checkpoint().await.unwrap();
    assert_eq!(house.count("SELECT count(*) FROM used"), 1);
    spend(&house, &record, 1, 2, 60).await.unwrap();
    assert_eq!(spend(&house, &record, 2, 2, 60).await, Err(AppendError::Used));
}
