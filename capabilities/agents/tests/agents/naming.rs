//! Naming conventions of a blueprint.

use crate::world::{World, agents, blueprints, create, members};
use serde_json::json;
use signet_graph::Entity;
use signet_kernel::Fault;

#[tokio::test]
async fn a_name_outside_the_convention_is_refused_with_the_pattern_and_one_that_fits() {
    let world = World::new().await;
    let before = world.agent().await;
    let pattern = |pattern: &str| members(json!({ "agentNamePattern": pattern }));
    for wrong in ["Agent", "*", "Agent-**", "-*"] {
        let refused = blueprints().update(&world.call(), world.blueprint, pattern(wrong)).await.unwrap_err();
        assert_eq!(refused.target.as_deref(), Some("agentNamePattern"), "{wrong}");
    }
    blueprints().update(&world.call(), world.blueprint, pattern("Agent-*-*")).await.unwrap();
    let refused = create(&world.call(), world.body()).await.unwrap_err();
    assert_eq!((refused.fault, refused.target.as_deref()), (Fault::Input, Some("displayName")));
    assert!(refused.message.contains("'Agent-*-*'") && refused.message.contains("'Agent-orders-orders'"), "{refused}");

    let mut body = world.body();
    body["displayName"] = json!("Agent-orders-eu");
    let agent = create(&world.call(), body).await.unwrap();
    let rename = |name: &str| members(json!({ "displayName": name }));
    assert!(agents().update(&world.call(), agent, rename("order-bot")).await.is_err());
    agents().update(&world.call(), agent, rename("Agent-orders-us")).await.unwrap();
    agents().update(&world.call(), before, members(json!({"accountEnabled": false}))).await.unwrap();
}
