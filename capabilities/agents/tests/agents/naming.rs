//! Naming conventions of a blueprint, and of the organization.

use crate::world::{World, agents, blueprints, create, members};
use serde_json::json;
use signet_graph::Entity;
use signet_kernel::Fault;

#[tokio::test]
async fn a_name_outside_the_convention_is_refused_with_the_pattern_and_one_that_fits() {
    let world = World::new().await;
    let before = world.agent().await;
    let pattern = |pattern: &str| members(json!({ "agentNamePattern": pattern }));
    for wrong in ["Agent", "*", "**", "-*"] {
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

#[tokio::test]
async fn the_organization_enforces_agent_and_words_where_it_names_no_pattern_and_a_blueprint_goes_before_it() {
    let world = World::new().await;
    let named = |name: &str| {
        let mut body = world.body();
        body["displayName"] = json!(name);
        body
    };
    create(&world.call(), named("anything goes!")).await.unwrap();
    for wrong in [json!({"pattern": "Agent"}), json!({"isEnforced": 1}), json!({"other": true})] {
        let refused = world.organization(json!({ "agentNaming": wrong })).await.unwrap_err();
        assert_eq!(refused.target.as_deref(), Some("agentNaming"));
    }
    world.organization(json!({"agentNaming": {"isEnforced": true}})).await.unwrap();
    let refused = create(&world.call(), named("order-bot")).await.unwrap_err();
    assert!(refused.message.contains("the organization, 'Agent-**'"), "{refused}");
    let violation = refused.violations.unwrap().0.remove(0);
    assert_eq!((violation.rule.as_ref(), violation.target.as_str()), ("agentNamePattern", "displayName"));
    create(&world.call(), named("Agent-orders")).await.unwrap();
    create(&world.call(), named("Agent-orders-eu")).await.unwrap();

    world.organization(json!({"agentNaming": {"pattern": "*-bot"}})).await.unwrap();
    create(&world.call(), named("order-bot")).await.unwrap();
    let own = members(json!({"agentNamePattern": "Desk-*"}));
    blueprints().update(&world.call(), world.blueprint, own).await.unwrap();
    assert!(create(&world.call(), named("order-bot")).await.is_err());
    create(&world.call(), named("Desk-orders")).await.unwrap();
    blueprints().update(&world.call(), world.blueprint, members(json!({"agentNamePattern": null}))).await.unwrap();
    world.organization(json!({"agentNaming": null})).await.unwrap();
    create(&world.call(), named("anything goes!")).await.unwrap();
}
