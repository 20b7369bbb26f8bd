//! Agents gain nothing by a role, or by owning something, that they may not hold as a permission.

use super::world::{Who, World};
use serde_json::json;

const DENIED: (u16, &str) = (403, "Authorization_RequestDenied");

async fn agent(world: &World) -> (Who, String) {
    let root = world.user("root").await;
    let blueprint = world.blueprint(&root).await;
    let id = world.agent(&blueprint, "a", &root).await;
    (Who { kind: "agentIdentity", id, permissions: "None" }, blueprint.id())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_with_a_role_that_writes_is_denied_what_it_may_never_hold() {
    let world = World::open().await;
    let (agent, _) = agent(&world).await;
    // Not privileged, so that it may be given; what it allows is barred to agents as a permission.
    world.assign(&agent, &World::role("Groups Administrator"), "/").await;
    let body = json!({"displayName": "g", "mailEnabled": false, "mailNickname": "g", "securityEnabled": true});
    assert_eq!(world.post(&agent, "groups", &body).await.code(), DENIED);
    let group = world.post(&world.admin(), "groups", &body).await.id();
    assert_eq!(world.patch(&agent, &format!("groups/{group}"), &json!({"displayName": "h"})).await.code(), DENIED);
    assert_eq!(world.delete(&agent, &format!("groups/{group}")).await.code(), DENIED);
    world.assign(&agent, &World::role("Attribute Definition Administrator"), "/").await;
    assert_eq!(world.post(&agent, "directory/attributeSets", &json!({"id": "A"})).await.code(), DENIED);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_with_a_role_that_reads_may_read() {
    let world = World::open().await;
    let (agent, _) = agent(&world).await;
    assert_eq!(world.get(&agent, "users").await.code(), DENIED);
    world.assign(&agent, &World::role("Global Reader"), "/").await;
    assert_eq!(world.get(&agent, "users").await.each("displayName"), ["root"]);
    assert_eq!(
        world.get(&agent, "servicePrincipals/microsoft.graph.agentIdentity").await.each("id"),
        [agent.id.as_str()]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_owns_its_blueprint_writes_it_no_more_than_any_agent() {
    let world = World::open().await;
    let (agent, blueprint) = agent(&world).await;
    let owner = json!({"@odata.id": World::reference(&agent.id)});
    let path = format!("applications/{blueprint}");
    let owned =
        world.post(&world.admin(), &format!("{path}/microsoft.graph.agentIdentityBlueprint/owners/$ref"), &owner).await;
    assert_eq!(owned.status, 204, "{}", owned.body);
    assert_eq!(world.post(&agent, &format!("{path}/addPassword"), &json!({})).await.code(), DENIED);
    assert_eq!(world.patch(&agent, &path, &json!({"displayName": "x"})).await.code(), DENIED);
}
