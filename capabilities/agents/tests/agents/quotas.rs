//! How many there may be.

use crate::world::{World, agents, blueprints, create, members};
use serde_json::json;
use signet_graph::Entity;
use signet_kernel::Fault;

fn quota(total: u64, kind: &str) -> serde_json::Value {
    json!({
        "directorySizeQuota": {"total": total},
        "resourceQuotas": [{"resourceType": kind, "maxPercentage": 100}],
    })
}

#[tokio::test]
async fn row_26_agents_are_capped_where_the_organization_says_so_and_the_refusal_names_the_limit() {
    let world = World::new().await;
    let (first, _second) = (world.agent().await, world.agent().await);
    world.organization(quota(2, "agentIdentity")).await.unwrap();
    agents().delete(&world.call(), first).await.unwrap();
    let refused = create(&world.call(), world.body()).await.unwrap_err();
    assert_eq!((refused.fault, refused.code.as_ref()), (Fault::Rights, "AgentIdentity_LimitExceeded"));
    assert!(
        refused.message.contains("may hold 2 objects of the type agentIdentity, deleted ones counted"),
        "{refused}"
    );
    assert_eq!(refused.violations.unwrap().0[0].rule, "resourceQuotas");

    agents().purge(&world.call(), first).await.unwrap();
    create(&world.call(), world.body()).await.unwrap();
    assert!(create(&world.call(), world.body()).await.is_err());
    world.organization(json!({"directorySizeQuota": null, "resourceQuotas": []})).await.unwrap();
    create(&world.call(), world.body()).await.unwrap();
}

#[tokio::test]
async fn row_26_blueprints_are_capped_the_same_way_and_by_nothing_else() {
    let world = World::new().await;
    let new = || members(json!({"displayName": "Two", "sponsors@odata.bind": [format!("/users/{}", world.ada)]}));
    world.organization(quota(1, "agentIdentityBlueprint")).await.unwrap();
    let refused = blueprints().create(&world.call(), new()).await.unwrap_err();
    assert_eq!(refused.code, "AgentBlueprint_LimitExceeded");
    for _ in 0..3 {
        world.agent().await;
    }
    world.organization(quota(2, "agentIdentityBlueprint")).await.unwrap();
    blueprints().create(&world.call(), new()).await.unwrap();
}
