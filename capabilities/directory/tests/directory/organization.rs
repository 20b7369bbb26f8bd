use crate::house::{Agent, House, blame, map};
use serde_json::{Value, json};
use signet_alerts::Alert;
use signet_directory::http::Organizations;
use signet_directory::ops;
use signet_directory::permissions::PERMISSIONS;
use signet_directory::quota::check_quota;
use signet_graph::Entity;
use signet_kernel::{Fault, ObjectId};
use signet_store::{Kind, ListQuery, Liveness};

fn id(house: &House) -> ObjectId {
    ObjectId::from_uuid(house.tenant.id().uuid())
}

#[tokio::test]
async fn a_quota_that_breaks_a_rule_is_refused() {
    let house = House::open().await;
    for (patch, target) in [
        (json!({"displayName": " "}), "displayName"),
        (json!({"enabled": false}), "enabled"),
        (json!({"directorySizeQuota": {"total": -1}}), "directorySizeQuota"),
        (json!({"directorySizeQuota": {"used": 1}}), "directorySizeQuota"),
        (json!({"resourceQuotas": [{"resourceType": "user"}]}), "resourceQuotas"),
        (json!({"resourceQuotas": [{"resourceType": "agentIdentity", "maxPercentage": 101}]}), "resourceQuotas"),
        (
            json!({"resourceQuotas": [{"resourceType": "agentIdentity"}, {"resourceType": "agentIdentity"}]}),
            "resourceQuotas",
        ),
    ] {
        let refused = ops::update_organization(&house.call(), id(&house), map(patch)).await.unwrap_err();
        assert_eq!(blame(&refused), (Fault::Input, "Request_BadRequest", Some(target)));
    }
    assert!(house.tenant.audits().await.is_empty());
}

#[tokio::test]
async fn there_is_no_cap_unless_one_is_configured_and_deleted_agents_count() {
    let house = House::open().await;
    let ann = house.user("ann").await;
    let blueprint = house.blueprint(&[ann]).await;
    let (first, _second) = (house.agent(&blueprint, &[ann]).await, house.agent(&blueprint, &[ann]).await);
    let check = async || check_quota(&house.tenant.store, "agentIdentity").await;
    check().await.unwrap();
    let quota = |percentage| {
        json!({
            "directorySizeQuota": {"total": 4},
            "resourceQuotas": [{"resourceType": "agentIdentity", "maxPercentage": percentage}],
        })
    };
    let set = async |patch| ops::update_organization(&house.call(), id(&house), map(patch)).await.unwrap();
    set(quota(100)).await;
    check().await.unwrap();
    set(quota(50)).await;
    assert_eq!(check().await.unwrap_err().code, "AgentIdentity_LimitExceeded");
    ops::delete::<Agent>(&house.call(), first.id).await.unwrap();
    assert!(check().await.is_err(), "a deleted agent can come back");
    ops::purge::<Agent>(&house.call(), first.id).await.unwrap();
    check().await.unwrap();
    set(json!({"directorySizeQuota": null, "resourceQuotas": [{"resourceType": "agentIdentity", "maxPercentage": 0}]}))
        .await;
    assert!(check().await.is_err(), "0 blocks, whatever the total");
}

#[tokio::test]
async fn the_organization_is_shown_without_what_is_not_for_clients() {
    let house = House::open().await;
    let row = house.tenant.store.read_row(id(&house)).await.unwrap().unwrap();
    let view = Organizations.view(&row).unwrap();
    assert_eq!((&view["displayName"], &view["resourceQuotas"]), (&json!("Contoso"), &json!([])));
    assert!(!view.contains_key("enabled") && !view.contains_key("allowSharedCredentials"));
}

#[test]
fn permissions_are_sorted_and_each_has_an_id_of_its_own() {
    assert!(PERMISSIONS.is_sorted_by_key(|(name, _, _)| *name));
    let ids: std::collections::BTreeSet<_> = PERMISSIONS.iter().map(|(_, _, id)| id.unwrap()).collect();
    assert_eq!(ids.len(), PERMISSIONS.len());
}

#[tokio::test]
async fn row_23_to_give_up_the_second_approver_raises_an_alert() {
    let house = House::open().await;
    let set = async |value: Value| {
        let body = map(json!({"credentialChangeApproval": value}));
        ops::update_organization(&house.call(), id(&house), body).await.unwrap();
    };
    let alerts = async || {
        let query =
            ListQuery { kinds: vec![Alert::NAME], liveness: Liveness::Live, after: None, limit: 10, index: None };
        house.tenant.store.list(query).await.unwrap().items.len()
    };
    set(json!({"isRequired": false})).await;
    set(json!({"isRequired": true})).await;
    set(json!({"isRequired": true, "expiresAfterHours": 1})).await;
    assert_eq!(alerts().await, 0, "nothing was given up");
    set(json!({"isRequired": false})).await;
    assert_eq!(alerts().await, 1);
    set(json!({"isRequired": true})).await;
    set(Value::Null).await;
    assert_eq!(alerts().await, 2);
}
