//! Stamping agent identities.

use crate::world::{
    CREATE, CREATE_AS_MANAGER, World, agents, bare_blueprint, blueprints, create, members, ordinary_application,
};
use serde_json::{Value, json};
use signet_agents::{AgentIdentity, AgentUser};
use signet_directory::User;
use signet_graph::Entity;
use signet_kernel::{AppId, Fault};
use signet_store::Kind;
use signet_testkit::TestCaller;
use uuid::Uuid;

#[tokio::test]
async fn behaviour_02_an_agent_without_a_sponsor_is_refused() {
    let world = World::new().await;
    let body = json!({"displayName": "order-bot", "agentIdentityBlueprintId": world.app_id});
    let refused = create(&world.call(), body).await.unwrap_err();
    assert_eq!((refused.fault, refused.code.as_ref()), (Fault::Input, "Request_BadRequest"));
    assert!(refused.message.starts_with("No sponsor specified."));
}

#[tokio::test]
async fn behaviour_03_a_person_sponsors_the_agent_it_creates_and_an_agent_user_does_not() {
    let world = World::new().await;
    let body = json!({"displayName": "order-bot", "agentIdentityBlueprintId": world.app_id});
    let person = |kind| TestCaller::of_kind(kind, world.ada).with_roles(&[CREATE]);
    let call = world.tenant.call_by(person(User::NAME));
    let id = create(&call, body.clone()).await.unwrap();
    let sponsors = world.tenant.store.links_from(id, "sponsors").await.unwrap();
    assert_eq!(sponsors.links.iter().map(|link| link.target).collect::<Vec<_>>(), [world.ada]);
    let refused = create(&world.tenant.call_by(person(AgentUser::NAME)), body).await.unwrap_err();
    assert!(refused.message.starts_with("No sponsor specified."), "{refused}");
}

#[tokio::test]
async fn behaviour_04_without_a_principal_the_answer_says_which_call_to_make() {
    let world = World::new().await;
    let bare = bare_blueprint(&world).await;
    let refused = create(&world.call(), world.body_under(bare)).await.unwrap_err();
    assert_eq!(refused.fault, Fault::Input);
    assert_eq!(refused.code, "AgentIdentity_AgentBlueprintPrincipalDoesNotExist");
    assert!(refused.message.contains("The Agent Blueprint Principal for the Agent Blueprint does not exist"));
    assert!(refused.message.contains("microsoft.graph.agentIdentityBlueprintPrincipal"));
    assert!(refused.message.contains(&format!("{{\"appId\":\"{bare}\"}}")));
}

#[tokio::test]
async fn behaviour_06_an_agent_is_a_service_identity_whose_id_is_its_app_id() {
    let world = World::new().await;
    let call = world.call();
    let id = create(&call, world.body()).await.unwrap();
    let shown = world.shown(id).await;
    assert_eq!(shown["appId"], shown["id"]);
    assert_eq!(shown["servicePrincipalType"], "ServiceIdentity");
    assert_eq!(shown["agentIdentityBlueprintId"], world.app_id.to_string());
    assert_eq!(shown["createdByAppId"], call.caller.app.to_string());
    assert_eq!(shown["accountEnabled"], true);
    assert!(shown.get("principal").is_none());
    let sponsors = world.tenant.store.links_from(id, "sponsors").await.unwrap();
    assert_eq!(sponsors.links[0].target, world.ada);

    let audit = world.tenant.audits().await.pop().unwrap();
    assert_eq!(audit.activity(), "Add service principal");
    let target = &audit.targets()[0];
    assert_eq!(target["agentType"], "agenticAppInstance");
    assert_eq!(target["blueprintId"], world.blueprint.to_string());
    assert_eq!(target["sponsors"], json!([world.ada]));
}

#[tokio::test]
async fn behaviour_07_only_a_blueprint_has_agents() {
    let world = World::new().await;
    for app_id in [ordinary_application(&world).await, AppId::from_uuid(Uuid::from_u128(404))] {
        let refused = create(&world.call(), world.body_under(app_id)).await.unwrap_err();
        assert_eq!((refused.fault, refused.code.as_ref()), (Fault::Input, "AgentIdentity_IncompatibleParentType"));
    }
    let agent = world.agent().await;
    let under_an_agent = world.body_under(AppId::from_uuid(agent.uuid()));
    assert_eq!(create(&world.call(), under_an_agent).await.unwrap_err().code, "AgentIdentity_IncompatibleParentType");
    for wrong in [json!(null), json!("x"), json!(1)] {
        let mut body = world.body();
        body["agentIdentityBlueprintId"] = wrong;
        assert_eq!(create(&world.call(), body).await.unwrap_err().fault, Fault::Input);
    }
}

#[tokio::test]
async fn behaviour_07_an_agent_creates_no_agent_whatever_it_holds() {
    let world = World::new().await;
    let agent = world.agent().await;
    let caller = TestCaller::of_kind(AgentIdentity::NAME, agent).below(world.blueprint);
    let call = world.tenant.call_by(caller.with_roles(&[CREATE, CREATE_AS_MANAGER]));
    let refused = create(&call, world.body()).await.unwrap_err();
    assert_eq!(refused.fault, Fault::Rights);
    assert_eq!(refused.code, "Error_AgentIdentitiesCreatingAgentIdentitiesNotAllowed");
}

#[tokio::test]
async fn behaviour_07_create_as_manager_reaches_the_callers_own_blueprint_alone() {
    let world = World::new().await;
    let own = world.call_as(world.blueprint, world.app_id, world.principal);
    let agent = create(&own, world.body()).await.unwrap();
    assert_eq!(world.shown(agent).await["createdByAppId"], world.app_id.to_string());

    let plain = world.tenant.call(&[CREATE_AS_MANAGER]);
    for call in [world.call_as_another_blueprint().await, plain] {
        let refused = create(&call, world.body()).await.unwrap_err();
        assert_eq!((refused.fault, refused.code.as_ref()), (Fault::Rights, "Error_AgentIdentitySelfCreateRequired"));
    }
}

#[tokio::test]
async fn create_as_manager_sees_the_agents_of_the_callers_own_blueprint_alone() {
    let world = World::new().await;
    let row = world.tenant.store.read_row(world.agent().await).await.unwrap().unwrap();
    let own = world.call_as(world.blueprint, world.app_id, world.principal);
    assert!(agents().visible(&own, &row));
    assert!(!agents().visible(&world.call_as_another_blueprint().await, &row));
    assert!(agents().visible(&world.tenant.call(&["AgentIdentity.Read.All"]), &row));
}

#[tokio::test]
async fn behaviour_16_under_what_is_switched_off_no_agent_is_created() {
    let world = World::new().await;
    world.switch_principal(false).await;
    let refused = create(&world.call(), world.body()).await.unwrap_err();
    assert_eq!(refused.code, "Error_AgentBlueprintCannotCreateAssociatedIdentity");
    world.switch_principal(true).await;
    let disable = members(json!({"isDisabled": true}));
    blueprints().update(&world.call(), world.blueprint, disable).await.unwrap();
    let refused = create(&world.call(), world.body()).await.unwrap_err();
    assert_eq!(refused.code, "Error_AgentBlueprintCannotCreateAssociatedIdentity");
}

#[tokio::test]
async fn what_the_server_sets_is_not_the_clients_to_choose() {
    let world = World::new().await;
    let mut body = world.body();
    let foreign = json!(Uuid::from_u128(5));
    for name in ["appId", "principal", "createdByAppId"] {
        body[name] = foreign.clone();
    }
    body["servicePrincipalType"] = json!("Application");
    let id = create(&world.call(), body).await.unwrap();
    let agent = world.object::<AgentIdentity>(id).await;
    assert_eq!(agent.body.app_id.uuid(), id.uuid());
    assert_eq!(agent.body.principal, world.principal);
    assert_eq!(world.shown(id).await["servicePrincipalType"], "ServiceIdentity");
    for name in ["appId", "createdByAppId"] {
        let declared = agents().declaration().properties.iter().find(|property| property.name == name).unwrap();
        assert!(declared.read_only, "the router refuses it before");
    }
}

#[tokio::test]
async fn an_agent_has_a_name() {
    let world = World::new().await;
    for name in [json!(null), json!(" "), json!("x".repeat(257))] {
        let mut body = world.body();
        body["displayName"] = name;
        assert_eq!(create(&world.call(), body).await.unwrap_err().fault, Fault::Input);
    }
}

#[tokio::test]
async fn invariant_09_a_parent_and_its_child_are_created_back_to_back() {
    let world = World::new().await;
    for _ in 0..5 {
        let call = world.call_as_another_blueprint().await;
        let body = world.body_under(call.caller.app);
        let id = create(&call, body).await.unwrap();
        let Value::Object(shown) = world.shown(id).await else { panic!() };
        assert_eq!(shown["agentIdentityBlueprintId"], call.caller.app.to_string());
    }
}
