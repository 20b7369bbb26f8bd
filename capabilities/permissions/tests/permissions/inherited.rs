//! `inheritedAppRoleAssignments` and `inheritedOauth2PermissionGrants`: what reaches an agent from its blueprint.

use crate::world::{READ, WRITE, World, members};
use serde_json::{Value, json};
use signet_graph::{Action, ActionResult, Entity};
use signet_kernel::{Fault, ObjectId};
use signet_permissions::{
    DelegatedGrants, NewAssignment, assign_app_role, inheritable_permissions, inherited_app_role_assignments,
    inherited_oauth2_permission_grants,
};
use uuid::Uuid;

async fn asked(world: &World, function: &dyn Action) -> Vec<Value> {
    let call = world.call_with(&["AgentIdentity.Read.All"]);
    match function.call(&call, world.agent, members(json!({}))).await.unwrap() {
        ActionResult::Object(answer) => answer["value"].as_array().unwrap().clone(),
        other => panic!("{other:?}"),
    }
}

async fn grant(world: &World, client: ObjectId, scope: &str) -> ObjectId {
    let body =
        json!({"clientId": client, "resourceId": world.resource, "consentType": "AllPrincipals", "scope": scope});
    let call = world.call_with(&["DelegatedPermissionGrant.ReadWrite.All"]);
    DelegatedGrants.create(&call, members(body)).await.unwrap()
}

#[tokio::test]
async fn they_are_functions_of_agents_alone() {
    let world = World::new().await;
    for function in [inherited_app_role_assignments(), inherited_oauth2_permission_grants()] {
        assert!(function.is_function(), "a write is answered 405");
        let call = world.call_with(&["AgentIdentity.Read.All"]);
        let refused = function.call(&call, world.principal, members(json!({}))).await.unwrap_err();
        assert_eq!(refused.fault, Fault::NotFound);
    }
}

#[tokio::test]
async fn only_what_a_rule_covers_is_inherited_and_never_what_is_the_agents_own() {
    let world = World::new().await;
    for (principal, role) in [(world.agent, READ), (world.principal, READ), (world.principal, WRITE)] {
        let new = NewAssignment { principal, resource: world.resource, role: Uuid::from_u128(role) };
        assign_app_role(&world.call(), new).await.unwrap();
    }
    grant(&world, world.agent, "own").await;
    let passed_on = grant(&world, world.principal, "a b c").await;
    assert_eq!(asked(&world, &*inherited_app_role_assignments()).await, Vec::<Value>::new());
    assert_eq!(asked(&world, &*inherited_oauth2_permission_grants()).await, Vec::<Value>::new());

    let rule = json!({
        "resourceAppId": world.resource_app,
        "inheritableRoles": {"kind": "enumerated", "roles": ["Orders.Write"]},
        "inheritableScopes": {"kind": "enumerated", "scopes": ["a", "c", "own"]},
    });
    inheritable_permissions().create(&world.call(), world.blueprint, members(rule)).await.unwrap();
    let roles = asked(&world, &*inherited_app_role_assignments()).await;
    assert_eq!(roles.len(), 1);
    assert_eq!(roles[0]["appRoleId"], Uuid::from_u128(WRITE).to_string());
    assert_eq!(roles[0]["principalId"], world.principal.to_string());
    assert_eq!(roles[0]["resourceDisplayName"], "Orders");
    let grants = asked(&world, &*inherited_oauth2_permission_grants()).await;
    assert_eq!(grants.len(), 1);
    assert_eq!((&grants[0]["id"], &grants[0]["scope"]), (&json!(passed_on.to_string()), &json!("a c")));
}
