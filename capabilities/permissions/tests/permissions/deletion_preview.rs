//! `deletionPreview`: what a delete takes along, before it is done.

use crate::world::{READ, World, members};
use serde_json::{Value, json};
use signet_agents::AgentUsers;
use signet_graph::{ActionResult, Entity};
use signet_kernel::{Failure, Fault, ObjectId};
use signet_permissions::{NewAssignment, assign_app_role, blueprint_deletion_preview};
use std::collections::BTreeSet;
use uuid::Uuid;

async fn preview(world: &World, role: &str) -> Result<Value, Failure> {
    let call = world.call_with(&[role]);
    match blueprint_deletion_preview().call(&call, world.blueprint, members(json!({}))).await? {
        ActionResult::Object(answer) => Ok(Value::Object(answer)),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn reading_a_blueprint_does_not_show_what_hangs_off_it() {
    let world = World::new().await;
    let refused = preview(&world, "AgentIdentityBlueprint.Read.All").await.unwrap_err();
    assert_eq!(refused.fault, Fault::Rights);
    assert!(refused.message.contains("AgentIdentityBlueprint.DeleteRestore.All"));
}

#[tokio::test]
async fn weakness_06_the_preview_names_exactly_what_the_delete_takes() {
    let world = World::new().await;
    for index in 0..300 {
        world.agent_named(&format!("agent-{index}")).await;
    }
    let new = NewAssignment { principal: world.agent, resource: world.resource, role: Uuid::from_u128(READ) };
    assign_app_role(&world.call(), new).await.unwrap();
    let user = json!({"displayName": "Bot", "mailNickname": "bot", "userPrincipalName": "bot@contoso.test",
        "accountEnabled": true, "identityParentId": world.agent});
    AgentUsers.create(&world.call_with(&["AgentIdUser.ReadWrite.All"]), members(user)).await.unwrap();

    let answer = preview(&world, "AgentIdentityBlueprint.DeleteRestore.All").await.unwrap();
    assert_eq!(answer["isComplete"], true);
    assert_eq!(answer["countByType"]["agentIdentity"], 301);
    let told: BTreeSet<ObjectId> =
        answer["value"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().parse().unwrap()).collect();
    assert_eq!(answer["count"], told.len());

    let blueprint = world.object::<signet_blueprints::Blueprint>(world.blueprint).await;
    let mut unit = world.store.unit();
    unit.delete(&blueprint, Uuid::from_u128(7));
    let receipt = world.store.commit(unit).await.unwrap();
    assert_eq!(receipt.affected, told.len() as u64);
    let ids: Vec<ObjectId> = told.into_iter().collect();
    let gone = world.store.read_rows(&ids).await.unwrap();
    assert!(gone.iter().all(|row| row.deleted.is_some_and(|deletion| deletion.id == Uuid::from_u128(7))));
}
