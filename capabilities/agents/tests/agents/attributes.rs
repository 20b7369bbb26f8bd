//! Custom security attributes of agents, their users, their blueprints and those' principals.

use crate::world::{World, agents, blueprints, create, members};
use serde_json::{Value, json};
use signet_agents::AgentUsers;
use signet_blueprints::{BlueprintPrincipal, BlueprintPrincipalEntity};
use signet_directory::ops::{create_attribute_set, define_attribute};
use signet_graph::{Call, Entity};
use signet_kernel::{Fault, ObjectId};
use signet_store::Kind;
use signet_testkit::TestCaller;

const GIVE: &str = "CustomSecAttributeAssignment.ReadWrite.All";
const SEE: &str = "CustomSecAttributeAssignment.Read.All";

async fn define(world: &World) {
    create_attribute_set(&world.call(), members(json!({"id": "Finance"}))).await.unwrap();
    let attribute = json!({"attributeSet": "Finance", "name": "Tier", "type": "String", "status": "Available"});
    define_attribute(&world.call(), members(attribute)).await.unwrap();
}

fn tier(value: &str) -> Value {
    json!({"customSecurityAttributes": {"Finance": {"Tier": value}}})
}

async fn seen(entity: &dyn Entity, call: &Call, id: ObjectId) -> Option<Value> {
    let row = call.store.read_row(id).await.unwrap().unwrap();
    let mut view = entity.view(&row).unwrap();
    entity.complete(call, &row, &mut view).await.unwrap();
    Value::Object(view).pointer("/customSecurityAttributes/Finance/Tier").cloned()
}

async fn agent_user(world: &World, agent: ObjectId) -> ObjectId {
    let body = json!({"displayName": "Bot", "userPrincipalName": "bot@contoso.test", "mailNickname": "bot",
        "accountEnabled": true, "identityParentId": agent});
    let call = world.tenant.call(&["AgentIdUser.ReadWrite.All"]);
    AgentUsers.create(&call, members(body)).await.unwrap()
}

#[tokio::test]
async fn behaviour_14_attributes_of_agents_are_given_and_seen_with_their_own_permission_alone() {
    let world = World::new().await;
    define(&world).await;
    let agent = world.agent().await;
    let principals = BlueprintPrincipalEntity::new(Vec::new());
    let (agents, blueprints) = (agents(), blueprints());
    let all: [(&dyn Entity, ObjectId); 4] = [
        (&agents, agent),
        (&AgentUsers, agent_user(&world, agent).await),
        (&principals, world.principal),
        (&blueprints, world.blueprint),
    ];
    let others = &["AgentIdentity.ReadWrite.All", "AgentIdUser.ReadWrite.All", SEE];
    let (giver, writer) = (world.tenant.call(&[GIVE]), world.tenant.call(others));
    for (entity, id) in all {
        let refused = entity.update(&writer, id, members(tier("gold"))).await.unwrap_err();
        let target = Some("customSecurityAttributes");
        assert_eq!((refused.fault, refused.target.as_deref()), (Fault::Rights, target));
        entity.update(&giver, id, members(tier("gold"))).await.unwrap();
        assert_eq!(seen(entity, &world.tenant.call(&[SEE]), id).await, Some(json!("gold")));
        assert_eq!(seen(entity, &world.tenant.call(&["Directory.Read.All"]), id).await, None);
        assert!(
            !entity
                .view(&world.tenant.store.read_row(id).await.unwrap().unwrap())
                .unwrap()
                .contains_key("customSecurityAttributes")
        );
    }
}

#[tokio::test]
async fn attributes_come_after_the_object_and_never_from_a_blueprint_or_an_agent() {
    let world = World::new().await;
    define(&world).await;
    let mut body = world.body();
    body["customSecurityAttributes"] = tier("gold")["customSecurityAttributes"].clone();
    let refused = create(&world.tenant.call(&[GIVE]), body).await.unwrap_err();
    assert_eq!(refused.target.as_deref(), Some("customSecurityAttributes"));
    let agent = world.agent().await;
    let caller = TestCaller::of_kind(BlueprintPrincipal::NAME, world.principal).below(world.blueprint);
    let own = world.tenant.call_by(caller.with_roles(&[GIVE]));
    assert_eq!(agents().update(&own, agent, members(tier("gold"))).await.unwrap_err().fault, Fault::Rights);
}
