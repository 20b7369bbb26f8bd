//! What is left behind is found; nothing is left behind by operations.

use crate::house::{House, map};
use serde::{Deserialize, Serialize};
use serde_json::json;
use signet_directory::http::OrphanedObjects;
use signet_directory::ops;
use signet_directory::orphans::find_orphans;
use signet_graph::{Entity, PageRequest};
use signet_kernel::ObjectId;
use signet_store::Kind;
use std::time::Duration;

/// An assignment as a defect would leave it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Assignment {
    principal_id: ObjectId,
    resource_id: ObjectId,
}

impl Kind for Assignment {
    const NAME: &'static str = "appRoleAssignment";
}

#[tokio::test]
async fn row_06_an_assignment_of_what_is_gone_is_found_with_what_is_missing() {
    let house = House::open().await;
    let (ann, gone) = (house.user("ann").await, house.tenant.store.context().new_object_id());
    house.tenant.put(&Assignment { principal_id: ann, resource_id: ann }).await;
    let mut orphans = Vec::new();
    for principal_id in [ann, gone] {
        house.tenant.clock.advance(Duration::from_millis(1));
        orphans.push(house.tenant.put(&Assignment { principal_id, resource_id: gone }).await.object());
    }
    let (found, next) = find_orphans(&house.tenant.store, None, 100).await.unwrap();
    assert_eq!(found.iter().map(|orphan| orphan.id).collect::<Vec<_>>(), orphans);
    assert_eq!((found[0].missing.as_slice(), found[1].missing.len()), ([("resourceId", gone)].as_slice(), 2));
    assert_eq!(next, None);

    let request = |after| PageRequest { filter: None, top: 1, after };
    let call = house.call();
    let first = OrphanedObjects.page(&call, &request(None)).await.unwrap().unwrap();
    let second = OrphanedObjects.page(&call, &request(first.next)).await.unwrap().unwrap();
    assert_eq!((&first.items[0]["id"], &second.items[0]["id"]), (&json!(orphans[0]), &json!(orphans[1])));
}

#[tokio::test]
async fn row_06_deleting_leaves_no_orphan() {
    let house = House::open().await;
    let ann = house.user("ann").await;
    let blueprint = house.blueprint(&[ann]).await;
    let agent = house.agent(&blueprint, &[ann]).await;
    let application = ops::create_application(&house.call(), &house.own, map(json!({"displayName": "A"}))).await;
    let application = application.unwrap();
    let find = async || find_orphans(&house.tenant.store, None, 100).await.unwrap().0;
    ops::delete::<crate::house::Agent>(&house.call(), agent.id).await.unwrap();
    ops::delete::<signet_directory::Application>(&house.call(), application).await.unwrap();
    assert!(find().await.is_empty());
    ops::purge::<crate::house::Agent>(&house.call(), agent.id).await.unwrap();
    assert!(find().await.is_empty());
}
