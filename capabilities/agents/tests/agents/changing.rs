//! Changing, switching off, deleting and restoring agent identities.

use crate::world::{World, agents, blueprints, create, members};
use serde_json::json;
use signet_agents::AgentIdentity;
use signet_blueprints::{Blueprint, BlueprintPrincipal, BlueprintPrincipalEntity};
use signet_graph::Entity;
use signet_kernel::{Fault, ObjectId, Revocation};
use uuid::Uuid;

/// What was issued to the agent before this is void.
async fn revoked(world: &World, agent: ObjectId) -> Revocation {
    let own = world.object::<AgentIdentity>(agent).await.revoked;
    let above = world.object::<BlueprintPrincipal>(world.principal).await.revoked;
    own.max(above).max(world.object::<Blueprint>(world.blueprint).await.revoked)
}

#[tokio::test]
async fn behaviour_10_the_blueprint_of_an_agent_is_fixed() {
    let world = World::new().await;
    let agent = world.agent().await;
    for blueprint in [json!(Uuid::from_u128(1)), json!(world.app_id), json!(null)] {
        let refused = world.update(agent, json!({ "agentIdentityBlueprintId": blueprint })).await.unwrap_err();
        assert_eq!((refused.fault, refused.target.as_deref()), (Fault::Input, Some("agentIdentityBlueprintId")));
    }
    let refused = world.update(agent, json!({"appId": Uuid::from_u128(1)})).await.unwrap_err();
    assert_eq!(refused.target.as_deref(), Some("appId"));
}

#[tokio::test]
async fn behaviour_15_switching_an_agent_off_voids_its_tokens_and_no_siblings() {
    let world = World::new().await;
    let (agent, sibling) = (world.agent().await, world.agent().await);
    let (before, untouched) = (revoked(&world, agent).await, revoked(&world, sibling).await);
    world.update(agent, json!({"accountEnabled": false})).await.unwrap();
    let off = revoked(&world, agent).await;
    assert!(off > before && off == world.tenant.store.revocation());
    assert_eq!(revoked(&world, sibling).await, untouched);
    assert!(!world.object::<AgentIdentity>(agent).await.body.account_enabled);
    assert!(world.object::<AgentIdentity>(sibling).await.body.account_enabled);

    world.update(agent, json!({"accountEnabled": true})).await.unwrap();
    assert!(world.object::<AgentIdentity>(agent).await.body.account_enabled);
    assert_eq!(revoked(&world, agent).await, off, "enabling revives nothing");
}

#[tokio::test]
async fn a_change_is_recorded_and_keeps_what_it_does_not_name() {
    let world = World::new().await;
    let mut body = world.body();
    body["tags"] = json!(["a"]);
    let agent = create(&world.call(), body).await.unwrap();
    world.update(agent, json!({"displayName": "order-bot-2"})).await.unwrap();
    let shown = world.shown(agent).await;
    assert_eq!((&shown["displayName"], &shown["tags"]), (&json!("order-bot-2"), &json!(["a"])));
    let audit = world.tenant.audits().await.pop().unwrap();
    assert_eq!(audit.activity(), "Update service principal");
    let changed = audit.targets()[0]["modifiedProperties"].to_string();
    assert!(changed.contains("DisplayName") && changed.contains("order-bot-2"), "{changed}");
    assert_eq!(audit.targets()[0]["blueprintId"], world.blueprint.to_string());
}

#[tokio::test]
async fn a_name_is_required_and_accounts_are_on_or_off() {
    let world = World::new().await;
    let agent = world.agent().await;
    for patch in [json!({"displayName": null}), json!({"displayName": ""}), json!({"accountEnabled": null})] {
        assert_eq!(world.update(agent, patch).await.unwrap_err().fault, Fault::Input);
    }
    let nobody = ObjectId::from_uuid(Uuid::from_u128(404));
    assert_eq!(world.update(nobody, json!({})).await.unwrap_err().fault, Fault::NotFound);
    assert_eq!(world.update(world.principal, json!({})).await.unwrap_err().fault, Fault::NotFound);
}

#[tokio::test]
async fn another_version_than_if_match_names_is_not_written_over() {
    let world = World::new().await;
    let agent = world.agent().await;
    let mut call = world.call();
    call.if_match = Some(world.object::<AgentIdentity>(agent).await.version + 1);
    let refused = agents().update(&call, agent, members(json!({"displayName": "x"}))).await.unwrap_err();
    assert_eq!(refused.fault, Fault::Precondition);
}

#[tokio::test]
async fn behaviour_17_agents_go_and_come_back_with_their_blueprint() {
    let world = World::new().await;
    let (first, second) = (world.agent().await, world.agent().await);
    agents().delete(&world.call(), second).await.unwrap();
    let before = revoked(&world, first).await;
    blueprints().delete(&world.call(), world.blueprint).await.unwrap();
    let gone = world.any_agent(first).await.unwrap();
    assert!(gone.deleted.is_some() && gone.revoked > before);
    let refused = agents().restore(&world.call(), first).await.unwrap_err();
    assert_eq!(refused.fault, Fault::Input, "its principal comes back first");

    blueprints().restore(&world.call(), world.blueprint).await.unwrap();
    assert!(world.any_agent(first).await.unwrap().deleted.is_none());
    assert!(world.any_agent(second).await.unwrap().deleted.is_some(), "it went before, by itself");
    assert!(revoked(&world, first).await >= gone.revoked, "no token is revived");
    agents().restore(&world.call(), second).await.unwrap();
}

#[tokio::test]
async fn invariant_08_what_hangs_off_a_principal_goes_with_it_in_one_commit() {
    let world = World::new().await;
    let agent = world.agent().await;
    let position = || async { world.tenant.deployment.heads().await.unwrap()[0].position.0 };
    let before = position().await;
    BlueprintPrincipalEntity::new(Vec::new()).delete(&world.call(), world.principal).await.unwrap();
    assert_eq!(position().await, before + 1);
    assert!(world.any_agent(agent).await.unwrap().deleted.is_some());
    let refused = create(&world.call(), world.body()).await.unwrap_err();
    assert_eq!(refused.code, "AgentIdentity_AgentBlueprintPrincipalDoesNotExist");
    agents().purge(&world.call(), agent).await.unwrap();
    assert!(world.any_agent(agent).await.is_none());
}

#[tokio::test]
async fn invariant_07_the_last_sponsor_of_an_agent_stays() {
    let world = World::new().await;
    let agent = world.agent().await;
    let sponsors = agents().relations().into_iter().find(|relation| relation.name() == "sponsors").unwrap();
    assert_eq!(sponsors.remove(&world.call(), agent, world.ada).await.unwrap_err().fault, Fault::Input);
    sponsors.add(&world.call(), agent, world.grace).await.unwrap();
    let own = world.call_as(world.blueprint, world.app_id, world.principal);
    assert_eq!(sponsors.remove(&own, agent, world.ada).await.unwrap_err().fault, Fault::Rights, "its own blueprint");
    sponsors.remove(&world.call(), agent, world.ada).await.unwrap();
}
