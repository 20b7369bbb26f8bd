//! The sweep finds what no operation leaves behind.

use crate::world::World;
use signet_agents::{AgentIdentity, sweep};

#[tokio::test]
async fn invariant_7_an_agent_without_a_sponsor_is_named() {
    let world = World::new().await;
    let agent = world.agent().await;
    assert_eq!(sweep(&world.tenant.store).await.unwrap(), Vec::<String>::new());
    let mut unit = world.tenant.store.unit();
    unit.unlink(agent, "sponsors", world.ada);
    world.tenant.store.commit(unit).await.unwrap();
    let said = world.tenant.end();
    assert_eq!(said, [format!("{agent}, of kind agentIdentity, has no sponsors")]);
}

#[tokio::test]
async fn invariant_6_an_agent_with_a_credential_is_named() {
    let world = World::new().await;
    let id = world.agent().await;
    let agent = world.object::<AgentIdentity>(id).await;
    let mut body = agent.body.clone();
    let mut other = body.other.to_map();
    other.insert("passwordCredentials".to_owned(), serde_json::json!([{ "hint": "abc" }]));
    body.other = other.into();
    let mut unit = world.tenant.store.unit();
    unit.update(&agent, &body);
    world.tenant.store.commit(unit).await.unwrap();
    let said = world.tenant.end();
    assert_eq!(said, [format!("{id}, an agent identity, holds a credential")]);
}

#[tokio::test]
async fn an_agent_under_something_else_than_a_principal_is_named() {
    let world = World::new().await;
    let id = world.agent().await;
    let agent = world.object::<AgentIdentity>(id).await;
    let body = AgentIdentity { principal: world.blueprint, ..agent.body.clone() };
    let mut unit = world.tenant.store.unit();
    unit.update(&agent, &body);
    world.tenant.store.commit(unit).await.unwrap();
    let said = world.tenant.end();
    assert_eq!(said.len(), 1, "{said:?}");
}

/// No test that leaves a broken world behind passes: the sweep runs whether or not the test asks for it.
#[tokio::test]
#[should_panic(expected = "what the test did left contradictions behind")]
async fn a_test_that_leaves_an_agent_without_a_sponsor_fails() {
    let world = World::new().await;
    let agent = world.agent().await;
    let mut unit = world.tenant.store.unit();
    unit.unlink(agent, "sponsors", world.ada);
    world.tenant.store.commit(unit).await.unwrap();
}
