//! Agent users.

use crate::world::{World, agents, blueprints, members};
use serde_json::{Value, json};
use signet_agents::{AgentUser, AgentUsers};
use signet_blueprints::BlueprintPrincipal;
use signet_directory::http::Users;
use signet_graph::{Call, Entity};
use signet_kernel::{Failure, Fault, ObjectId};
use signet_store::{Id, Kind};
use signet_testkit::TestCaller;

const ALL: &str = "AgentIdUser.ReadWrite.All";
const PARENTED_BY: &str = "AgentIdUser.ReadWrite.IdentityParentedBy";

fn body(parent: ObjectId) -> Value {
    json!({"displayName": "HR Bot", "mailNickname": "hrbot", "userPrincipalName": "hrbot@contoso.test",
        "accountEnabled": true, "identityParentId": parent})
}

async fn create(call: &Call, body: Value) -> Result<ObjectId, Failure> {
    AgentUsers.create(call, members(body)).await
}

fn writer(world: &World) -> Call {
    world.tenant.call(&[ALL])
}

fn blueprint_call(world: &World) -> Call {
    let mut caller = TestCaller::of_kind(BlueprintPrincipal::NAME, world.principal).below(world.blueprint);
    caller.app = world.app_id;
    world.tenant.call_by(caller.with_roles(&[PARENTED_BY]))
}

#[tokio::test]
async fn behaviour_18_an_agent_identity_has_one_agent_user_and_a_second_is_refused() {
    let world = World::new().await;
    let (call, agent) = (writer(&world), world.agent().await);
    let user = create(&call, body(agent)).await.unwrap();
    let mut second = body(agent);
    second["userPrincipalName"] = json!("other@contoso.test");
    let refused = create(&call, second.clone()).await.unwrap_err();
    assert_eq!((refused.fault, refused.code.as_ref()), (Fault::Input, "Request_BadRequest"));
    assert!(refused.message.contains(&user.to_string()), "{refused}");

    AgentUsers.delete(&call, user).await.unwrap();
    let refused = create(&call, second.clone()).await.unwrap_err();
    assert!(refused.message.contains("deleted items"), "{refused}");
    AgentUsers.purge(&call, user).await.unwrap();
    create(&call, second).await.unwrap();
}

#[tokio::test]
async fn behaviour_18_the_parent_is_a_living_agent_identity_and_stays() {
    let world = World::new().await;
    let (call, agent) = (writer(&world), world.agent().await);
    for other in [world.blueprint, world.principal, world.ada] {
        let refused = create(&call, body(other)).await.unwrap_err();
        assert_eq!(refused.fault, Fault::Input, "{refused}");
    }
    let mut orphan = body(agent);
    orphan.as_object_mut().unwrap().remove("identityParentId");
    assert_eq!(create(&call, orphan).await.unwrap_err().fault, Fault::Input);

    let user = create(&call, body(agent)).await.unwrap();
    let other = world.agent().await;
    for parent in [json!(other), Value::Null] {
        let patch = members(json!({ "identityParentId": parent }));
        let refused = AgentUsers.update(&call, user, patch).await.unwrap_err();
        assert_eq!(refused.fault, Fault::Input);
    }
    agents().delete(&world.call(), other).await.unwrap();
    assert_eq!(create(&call, body(other)).await.unwrap_err().fault, Fault::Input);
}

#[tokio::test]
async fn behaviour_18_it_never_has_a_password() {
    let world = World::new().await;
    let (call, agent) = (writer(&world), world.agent().await);
    let mut with_password = body(agent);
    with_password["passwordProfile"] = json!({"password": "x"});
    assert_eq!(create(&call, with_password).await.unwrap_err().fault, Fault::Input);
    let user = create(&call, body(agent)).await.unwrap();
    let patch = members(json!({"passwordProfile": {"password": "x"}}));
    assert_eq!(AgentUsers.update(&call, user, patch).await.unwrap_err().fault, Fault::Input);
}

#[tokio::test]
async fn its_sign_in_name_is_one_among_peoples() {
    let world = World::new().await;
    let (call, agent) = (writer(&world), world.agent().await);
    let mut taken = body(agent);
    taken["userPrincipalName"] = json!("ADA@contoso.test");
    assert_eq!(create(&call, taken).await.unwrap_err().fault, Fault::Conflict);
    create(&call, body(agent)).await.unwrap();
    let person = json!({"displayName": "H", "userPrincipalName": "hrbot@contoso.test", "accountEnabled": true});
    assert_eq!(Users.create(&call, members(person)).await.unwrap_err().fault, Fault::Conflict);
    for name in ["hrbot", "@contoso.test", "hr bot@contoso.test"] {
        let mut wrong = body(agent);
        wrong["userPrincipalName"] = json!(name);
        assert!(create(&call, wrong).await.is_err(), "{name}");
    }
}

#[tokio::test]
async fn a_blueprint_reaches_the_users_of_its_own_agents_and_an_agent_none() {
    let world = World::new().await;
    let agent = world.agent().await;
    let stranger = world.call_as_another_blueprint().await;
    assert_eq!(create(&stranger, body(agent)).await.unwrap_err().fault, Fault::Rights);
    let itself = TestCaller::of_kind("agentIdentity", agent).below(world.blueprint).with_roles(&[ALL]);
    assert_eq!(create(&world.tenant.call_by(itself), body(agent)).await.unwrap_err().fault, Fault::Rights);

    let own = blueprint_call(&world);
    let user = create(&own, body(agent)).await.unwrap();
    for refused in [
        AgentUsers.update(&stranger, user, members(json!({"displayName": "x"}))).await,
        AgentUsers.delete(&stranger, user).await,
    ] {
        assert_eq!(refused.unwrap_err().fault, Fault::Rights);
    }
    let row = world.tenant.store.read_row(user).await.unwrap().unwrap();
    assert!(!AgentUsers.visible(&stranger, &row) && AgentUsers.visible(&own, &row));
    assert!(!AgentUsers.view(&row).unwrap().contains_key("blueprintAppId"));
    for relation in AgentUsers.relations().into_iter().filter(|relation| !relation.read_only()) {
        assert_eq!(relation.add(&stranger, user, world.ada).await.unwrap_err().fault, Fault::Rights);
        assert_eq!(relation.remove(&stranger, user, world.ada).await.unwrap_err().fault, Fault::Rights);
    }
    AgentUsers.update(&own, user, members(json!({"displayName": "Desk"}))).await.unwrap();
    AgentUsers.delete(&own, user).await.unwrap();
    assert_eq!(AgentUsers.restore(&stranger, user).await.unwrap_err().fault, Fault::Rights);
    AgentUsers.restore(&own, user).await.unwrap();
}

#[tokio::test]
async fn weakness_06_it_goes_with_its_agent_in_the_same_transaction_and_comes_back_with_it() {
    let world = World::new().await;
    let (call, agent) = (writer(&world), world.agent().await);
    let user = create(&call, body(agent)).await.unwrap();
    let found = async || world.tenant.store.find_any(Id::<AgentUser>::of(user)).await.unwrap().unwrap();
    let before = found().await.revoked;
    agents().delete(&world.call(), agent).await.unwrap();
    let gone = found().await;
    assert_eq!(gone.deleted.unwrap().id, world.any_agent(agent).await.unwrap().deleted.unwrap().id);
    assert!(gone.revoked > before);
    assert_eq!(AgentUsers.restore(&call, user).await.unwrap_err().fault, Fault::Input, "its agent comes first");
    agents().restore(&world.call(), agent).await.unwrap();
    assert!(found().await.deleted.is_none());
}

#[tokio::test]
async fn switching_it_off_voids_what_it_holds() {
    let world = World::new().await;
    let (call, agent) = (writer(&world), world.agent().await);
    let user = create(&call, body(agent)).await.unwrap();
    let before = world.object::<AgentUser>(user).await.revoked;
    AgentUsers.update(&call, user, members(json!({"accountEnabled": false}))).await.unwrap();
    assert!(world.object::<AgentUser>(user).await.revoked > before);
}

#[tokio::test]
async fn it_reports_to_a_person_and_people_answer_for_it() {
    let world = World::new().await;
    let (call, agent) = (writer(&world), world.agent().await);
    let mut sponsored = body(agent);
    sponsored["sponsors@odata.bind"] = json!([format!("/users/{}", world.ada)]);
    let user = create(&call, sponsored).await.unwrap();
    let relation = |name| AgentUsers.relations().into_iter().find(|one| one.name() == name).unwrap();
    relation("manager").add(&call, user, world.grace).await.unwrap();
    assert_eq!(relation("manager").ends(&call, user).await.unwrap(), [world.grace]);
    assert_eq!(relation("sponsors").ends(&call, user).await.unwrap(), [world.ada]);
    assert!(relation("manager").add(&call, user, user).await.is_err(), "an agent user manages nobody");

    let added = world.tenant.audits().await.into_iter().find(|entry| entry.activity() == "Add user").unwrap();
    let target = &added.targets()[0];
    assert_eq!(target["agentType"], "agentIDuser");
    assert_eq!(target["blueprintId"], world.blueprint.to_string());
    assert_eq!(target["sponsors"], json!([world.ada]));
}

#[tokio::test]
async fn behaviour_12_an_agent_user_sponsors_no_agent() {
    let world = World::new().await;
    let agent = world.agent().await;
    let user = create(&writer(&world), body(agent)).await.unwrap();
    let sponsors = agents().relations().into_iter().find(|one| one.name() == "sponsors").unwrap();
    assert_eq!(sponsors.add(&world.call(), agent, user).await.unwrap_err().fault, Fault::Input);
}

async fn allow(world: &World, limit: Value) -> Result<(), Failure> {
    let call = world.tenant.call(&["AgentIdentityBlueprint.ReadWrite.All"]);
    blueprints().update(&call, world.blueprint, members(json!({ "agentUserLimit": limit }))).await
}

fn named(parent: ObjectId, name: &str) -> Value {
    let mut named = body(parent);
    named["userPrincipalName"] = json!(format!("{name}@contoso.test"));
    named
}

#[tokio::test]
async fn row_20_a_blueprint_says_how_many_agent_users_its_agents_may_have_and_one_is_the_default() {
    let world = World::new().await;
    let (call, agent) = (writer(&world), world.agent().await);
    for wrong in [json!(-1), json!(101), json!("2")] {
        assert_eq!(allow(&world, wrong).await.unwrap_err().target.as_deref(), Some("agentUserLimit"));
    }
    allow(&world, json!(0)).await.unwrap();
    let refused = create(&call, named(agent, "a")).await.unwrap_err();
    assert_eq!((refused.fault, refused.target.as_deref()), (Fault::Input, Some("identityParentId")));
    assert!(refused.message.contains("agentUserLimit"), "{refused}");

    allow(&world, json!(3)).await.unwrap();
    let mut users = Vec::new();
    for name in ["a", "b", "c"] {
        users.push(create(&call, named(agent, name)).await.unwrap());
    }
    assert_eq!(create(&call, named(agent, "d")).await.unwrap_err().fault, Fault::Input);
    AgentUsers.delete(&call, users[1]).await.unwrap();
    let refused = create(&call, named(agent, "d")).await.unwrap_err();
    assert_eq!(refused.fault, Fault::Input, "what is deleted keeps its place");
    AgentUsers.restore(&call, users[1]).await.unwrap();
    AgentUsers.delete(&call, users[1]).await.unwrap();
    AgentUsers.purge(&call, users[1]).await.unwrap();
    create(&call, named(agent, "d")).await.unwrap();

    allow(&world, Value::Null).await.unwrap();
    assert!(
        world.tenant.store.find(Id::<AgentUser>::of(users[2])).await.unwrap().is_some(),
        "a lower limit takes none"
    );
    agents().delete(&world.call(), agent).await.unwrap();
    for user in [users[0], users[2]] {
        assert!(world.tenant.store.find(Id::<AgentUser>::of(user)).await.unwrap().is_none(), "all go with the agent");
    }
    let other = world.agent().await;
    create(&call, named(other, "e")).await.unwrap();
    assert_eq!(create(&call, named(other, "f")).await.unwrap_err().fault, Fault::Input, "one is the default");
}

#[tokio::test]
async fn row_20_two_at_once_do_not_both_become_the_last_one_allowed() {
    let world = World::new().await;
    let (call, agent) = (writer(&world), world.agent().await);
    allow(&world, json!(2)).await.unwrap();
    create(&call, named(agent, "a")).await.unwrap();
    let both = tokio::join!(create(&call, named(agent, "b")), create(&call, named(agent, "c")));
    assert_eq!(usize::from(both.0.is_ok()) + usize::from(both.1.is_ok()), 1);
}
