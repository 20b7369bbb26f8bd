//! `effectivePermissions`: what an agent holds, where it comes from, and what does not reach it.

use crate::world::{READ, WRITE, World, members};
use serde_json::{Value, json};
use signet_agents::AgentIdentity;
use signet_blueprints::{Blueprint, BlueprintPrincipal};
use signet_graph::{ActionResult, Call, Entity};
use signet_kernel::{Failure, Fault};
use signet_permissions::{
    DelegatedGrants, NewAssignment, Resource, assign_app_role, catalogue, effective_permissions,
    inheritable_permissions, roles_of_agent, scopes_of_agent,
};
use signet_store::Kind;
use signet_testkit::TestCaller;
use uuid::Uuid;

async fn asked(world: &World, call: &Call) -> Result<Value, Failure> {
    match effective_permissions().call(call, world.agent, members(json!({}))).await? {
        ActionResult::Object(answer) => Ok(Value::Object(answer)),
        other => panic!("{other:?}"),
    }
}

fn reader(world: &World) -> Call {
    world.call_with(&["AgentIdentity.Read.All"])
}

async fn assign(world: &World, principal: signet_kernel::ObjectId, role: u128) {
    let new = NewAssignment { principal, resource: world.resource, role: Uuid::from_u128(role) };
    assign_app_role(&world.call(), new).await.unwrap();
}

fn found<'a>(answer: &'a Value, source: &str, value: &str) -> &'a Value {
    let all = answer["value"].as_array().unwrap();
    all.iter().find(|one| one["source"] == source && one["value"] == value).unwrap()
}

#[tokio::test]
async fn row_7_another_blueprint_does_not_see_what_an_agent_holds() {
    let world = World::new().await;
    let stranger = TestCaller::of_kind(BlueprintPrincipal::NAME, world.admin).below(world.admin);
    let call = world.tenant.call_by(stranger.with_roles(&["AgentIdentity.CreateAsManager"]));
    assert_eq!(asked(&world, &call).await.unwrap_err().fault, Fault::NotFound);
}

#[tokio::test]
async fn row_7_each_permission_says_where_it_comes_from_or_why_it_does_not_reach_the_agent() {
    let world = World::new().await;
    assign(&world, world.agent, READ).await;
    assign(&world, world.principal, WRITE).await;
    let answer = asked(&world, &reader(&world)).await.unwrap();
    let own = found(&answer, "own", "Orders.Read");
    assert_eq!((&own["isEffective"], &own["withheld"]), (&json!(true), &Value::Null));
    assert_eq!(own["assignedTo"]["id"], world.agent.to_string());
    let inherited = found(&answer, "inherited", "Orders.Write");
    assert_eq!((&inherited["isEffective"], &inherited["withheld"]["code"]), (&json!(false), &json!("notPassedOn")));
    assert_eq!(inherited["inheritedThrough"]["blueprintId"], world.blueprint.to_string());

    let rule = json!({"resourceAppId": world.resource_app, "inheritableRoles": {"kind": "allAllowed"}});
    inheritable_permissions().create(&world.call(), world.blueprint, members(rule)).await.unwrap();
    let answer = asked(&world, &reader(&world)).await.unwrap();
    assert_eq!(found(&answer, "inherited", "Orders.Write")["isEffective"], true);
}

#[tokio::test]
async fn row_7_what_no_agent_holds_is_said_so() {
    let world = World::new().await;
    let everything =
        json!({"resourceAppId": signet_directory::DIRECTORY_APP_ID, "inheritableRoles": {"kind": "allAllowed"}});
    inheritable_permissions().create(&world.call(), world.blueprint, members(everything)).await.unwrap();
    let role = catalogue::role_id("User.ReadWrite.All").unwrap();
    let new = NewAssignment { principal: world.principal, resource: world.directory, role };
    assign_app_role(&world.call(), new).await.unwrap();
    let answer = asked(&world, &reader(&world)).await.unwrap();
    assert_eq!(found(&answer, "inherited", "User.ReadWrite.All")["withheld"]["code"], "blockedForAgents");
}

#[tokio::test]
async fn row_7_the_answer_and_a_token_agree() {
    let world = World::new().await;
    assign(&world, world.agent, READ).await;
    assign(&world, world.principal, WRITE).await;
    let answer = asked(&world, &reader(&world)).await.unwrap();
    let told: Vec<&str> = answer["value"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["isEffective"] == true)
        .filter_map(|one| one["value"].as_str())
        .collect();
    let resource = Resource::find(&world.store, world.resource).await.unwrap().unwrap();
    let agent = world.object::<AgentIdentity>(world.agent).await;
    let blueprint = world.object::<Blueprint>(world.blueprint).await;
    let held = roles_of_agent(&world.store, &agent, &blueprint, &resource).await.unwrap();
    assert_eq!(held.iter().map(|role| role.value.as_str()).collect::<Vec<_>>(), told);
    assert_eq!(answer["switchedOffBy"], json!([]));
}

#[tokio::test]
async fn row_7_delegated_grants_say_for_whom_they_are_and_where_they_come_from() {
    let world = World::new().await;
    let grants = [
        json!({"clientId": world.agent, "resourceId": world.resource, "consentType": "Principal",
            "principalId": world.person, "scope": "Orders.Sign"}),
        json!({"clientId": world.principal, "resourceId": world.resource, "consentType": "AllPrincipals",
            "scope": "Orders.See Orders.Sign"}),
    ];
    for grant in grants {
        let call = world.call_with(&["DelegatedPermissionGrant.ReadWrite.All"]);
        DelegatedGrants.create(&call, members(grant)).await.unwrap();
    }
    let rule = json!({"resourceAppId": world.resource_app, "inheritableScopes": {"scopes": ["Orders.See"]}});
    inheritable_permissions().create(&world.call(), world.blueprint, members(rule)).await.unwrap();

    let answer = asked(&world, &reader(&world)).await.unwrap();
    let own = found(&answer, "own", "Orders.Sign");
    assert_eq!((&own["permissionType"], &own["consentType"]), (&json!("delegated"), &json!("Principal")));
    assert_eq!((&own["principalId"], &own["isEffective"]), (&json!(world.person.to_string()), &json!(true)));
    let inherited = found(&answer, "inherited", "Orders.See");
    assert_eq!((&inherited["principalId"], &inherited["isEffective"]), (&Value::Null, &json!(true)));
    assert_eq!(inherited["inheritedThrough"]["kind"], "enumerated");
    assert_eq!(found(&answer, "inherited", "Orders.Sign")["withheld"]["code"], "notPassedOn");

    let resource = Resource::find(&world.store, world.resource).await.unwrap().unwrap();
    let (agent, blueprint) = (world.object(world.agent).await, world.object(world.blueprint).await);
    let held = async |user| {
        let all = scopes_of_agent(&world.store, &agent, &blueprint, &resource, user).await.unwrap();
        all.into_iter().map(|scope| scope.value).collect::<Vec<_>>()
    };
    assert_eq!(held(world.person).await, ["Orders.See", "Orders.Sign"]);
    assert_eq!(held(world.admin).await, ["Orders.See"], "the grant is for one person");
}
