//! `previewPermissions`: what an assignment, a grant or a rule of inheritance would give, without writing it.

use crate::world::{READ, WRITE, World, members};
use serde_json::{Value, json};
use signet_graph::{ActionResult, Call};
use signet_kernel::{Failure, Fault};
use signet_permissions::{
    AppRoleAssignment, NewAssignment, app_role_assignments, assign_app_role, catalogue, preview_permissions,
};
use uuid::Uuid;

async fn asked(world: &World, call: &Call, body: Value) -> Result<Vec<Value>, Failure> {
    match preview_permissions().call(call, world.agent, members(body)).await? {
        ActionResult::Object(answer) => Ok(answer["value"].as_array().unwrap().clone()),
        other => panic!("{other:?}"),
    }
}

fn reader(world: &World) -> Call {
    world.call_with(&["AgentIdentity.Read.All"])
}

fn role(world: &World, role: u128) -> Value {
    json!({"resourceId": world.resource, "appRoleId": Uuid::from_u128(role)})
}

fn change<'a>(answer: &'a [Value], value: &str) -> &'a Value {
    &answer.iter().find(|one| one["value"] == value).unwrap()["change"]
}

#[tokio::test]
async fn row_7_a_preview_that_says_nothing_of_this_agent_is_refused() {
    let world = World::new().await;
    for (wrong, target) in [
        (json!({"roles": []}), "roles"),
        (json!({"appRoleAssignments": {}}), "appRoleAssignments"),
        (json!({"appRoleAssignments": [1]}), "appRoleAssignments"),
        (json!({"appRoleAssignments": [{"resourceId": world.resource}]}), "appRoleId"),
        (
            json!({"appRoleAssignments": [{"principalId": world.admin, "resourceId": world.resource, "appRoleId": Uuid::nil()}]}),
            "principalId",
        ),
        (json!({"oauth2PermissionGrants": [{"resourceId": world.resource, "scope": "a"}]}), "consentType"),
        (json!({"inheritablePermissions": [{"inheritableRoles": {"kind": "none"}}]}), "resourceAppId"),
        (json!({"permissionCeiling": "x"}), "permissionCeiling"),
    ] {
        let refused = asked(&world, &reader(&world), wrong.clone()).await.unwrap_err();
        assert_eq!((refused.fault, refused.target.as_deref()), (Fault::Input, Some(target)), "{wrong}");
    }
}

#[tokio::test]
async fn row_7_a_preview_tells_what_would_be_gained_and_writes_nothing() {
    let world = World::new().await;
    let before = world.store.revocation();
    let blocked = catalogue::role_id("User.ReadWrite.All").unwrap();
    let answer = asked(
        &world,
        &reader(&world),
        json!({
            "appRoleAssignments": [
                role(&world, READ),
                {"principalId": world.principal, "resourceId": world.resource, "appRoleId": Uuid::from_u128(WRITE)},
                {"resourceId": world.directory, "appRoleId": blocked},
            ],
            "oauth2PermissionGrants": [
                {"resourceId": world.resource, "consentType": "AllPrincipals", "scope": "Orders.Sign"},
            ],
            "inheritablePermissions": [
                {"resourceAppId": world.resource_app, "inheritableRoles": {"kind": "enumerated", "roles": ["Orders.Write"]}},
            ],
        }),
    )
    .await
    .unwrap();
    for (value, expected) in [
        ("Orders.Read", "gained"),
        ("Orders.Write", "gained"),
        ("Orders.Sign", "gained"),
        ("User.ReadWrite.All", "none"),
    ] {
        assert_eq!(change(&answer, value), expected, "{value}");
    }
    assert!(answer.iter().all(|one| one["assignmentId"].is_null() && one["grantId"].is_null()));
    let (_, field) = app_role_assignments().stored();
    let key = world.key(world.agent);
    let held = world.store.all_by_index::<AppRoleAssignment>(field, &key).await.unwrap();
    assert!(held.is_empty());
    assert_eq!(world.store.revocation(), before);
}

#[tokio::test]
async fn row_7_a_preview_of_a_ceiling_tells_what_would_be_lost() {
    let world = World::new().await;
    for assigned in [READ, WRITE] {
        let new = NewAssignment { principal: world.agent, resource: world.resource, role: Uuid::from_u128(assigned) };
        assign_app_role(&world.call(), new).await.unwrap();
    }
    let ceiling = json!({"permissionCeiling": [format!("{}/Orders.Read", world.resource_app)]});
    let answer = asked(&world, &reader(&world), ceiling).await.unwrap();
    assert_eq!((change(&answer, "Orders.Read"), change(&answer, "Orders.Write")), (&json!("none"), &json!("lost")));
}
