//! Who is assigned which role, through the collections of the directory API.

use crate::world::{FOR_PEOPLE, OFF, READ, WRITE, World, members};
use serde_json::{Value, json};
use signet_agents::AgentIdentity;
use signet_blueprints::{BlueprintEntity, BlueprintPrincipal, BlueprintPrincipalEntity};
use signet_directory::http::ServicePrincipals;
use signet_graph::{Call, Entity};
use signet_kernel::{Failure, Fault, ObjectId};
use signet_permissions::{
    AppRoleAssignment, Resource, app_role_assigned_to, app_role_assignments, catalogue, roles_of_agent,
    roles_of_blueprint,
};
use signet_store::{ChangeOperation, IndexKey, Kind};
use uuid::Uuid;

fn body(principal: ObjectId, resource: ObjectId, role: Uuid) -> Value {
    json!({ "principalId": principal, "resourceId": resource, "appRoleId": role })
}

async fn assign(call: &Call, principal: ObjectId, resource: ObjectId, role: Uuid) -> Result<ObjectId, Failure> {
    app_role_assignments().create(call, principal, members(body(principal, resource, role))).await
}

fn role(value: &str) -> Uuid {
    catalogue::role_id(value).unwrap()
}

async fn stored(world: &World, principal: ObjectId) -> usize {
    let key = IndexKey::uuid(principal.uuid());
    world.store.all_by_index::<AppRoleAssignment>(AppRoleAssignment::PRINCIPAL, &key).await.unwrap().len()
}

async fn agent_holds(world: &World, resource: ObjectId) -> Vec<String> {
    let resource = Resource::find(&world.store, resource).await.unwrap().unwrap();
    let agent = world.object(world.agent).await;
    let blueprint = world.object(world.blueprint).await;
    let roles = roles_of_agent(&world.store, &agent, &blueprint, &resource).await.unwrap();
    roles.into_iter().map(|role| role.value).collect()
}

#[tokio::test]
async fn only_the_permission_to_assign_assigns() {
    let world = World::new().await;
    let call = world.call_with(&["AgentIdentity.ReadWrite.All", "Application.ReadWrite.All"]);
    let refused = assign(&call, world.agent, world.resource, Uuid::from_u128(READ)).await.unwrap_err();
    assert_eq!((refused.fault, refused.code.as_ref()), (Fault::Rights, "Authorization_RequestDenied"));
    assert_eq!(stored(&world, world.agent).await, 0);
}

#[tokio::test]
async fn a_blueprint_and_an_agent_give_no_rights_whatever_they_hold() {
    let world = World::new().await;
    let held = assign(&world.call(), world.agent, world.resource, Uuid::from_u128(READ)).await.unwrap();
    for kind in [BlueprintPrincipal::NAME, AgentIdentity::NAME] {
        let call = world.call_as(kind);
        let refused = assign(&call, world.agent, world.resource, Uuid::from_u128(WRITE)).await.unwrap_err();
        assert_eq!(refused.fault, Fault::Rights, "{kind}");
        let refused = app_role_assignments().delete(&call, world.agent, held).await.unwrap_err();
        assert_eq!(refused.fault, Fault::Rights, "{kind}");
    }
    assert_eq!(stored(&world, world.agent).await, 1);
}

#[tokio::test]
async fn what_cannot_be_assigned_is_refused_with_the_member_at_fault() {
    let world = World::new().await;
    let nobody = ObjectId::from_uuid(Uuid::from_u128(99));
    let cases = [
        (world.resource, Uuid::from_u128(98), Fault::Input),
        (world.resource, Uuid::nil(), Fault::Input),
        (world.resource, Uuid::from_u128(OFF), Fault::Input),
        (world.resource, Uuid::from_u128(FOR_PEOPLE), Fault::Input),
        (nobody, Uuid::from_u128(READ), Fault::NotFound),
        (world.person, Uuid::from_u128(READ), Fault::NotFound),
    ];
    for (resource, role, fault) in cases {
        let refused = assign(&world.call(), world.agent, resource, role).await.unwrap_err();
        assert_eq!(refused.fault, fault, "{refused}");
    }
    let wrong = [
        json!({}),
        json!({"principalId": world.agent, "resourceId": world.resource, "appRoleId": "x"}),
        json!({"principalId": world.agent, "resourceId": world.resource, "appRoleId": Uuid::from_u128(READ), "x": 1}),
        body(world.principal, world.resource, Uuid::from_u128(READ)),
    ];
    for wrong in wrong {
        let refused = app_role_assignments().create(&world.call(), world.agent, members(wrong)).await.unwrap_err();
        assert_eq!(refused.fault, Fault::Input, "{refused}");
        assert!(refused.target.is_some());
    }
}

#[tokio::test]
async fn the_same_role_is_assigned_once_and_again_after_it_was_taken_away() {
    let world = World::new().await;
    let (call, read) = (world.call(), Uuid::from_u128(READ));
    let held = assign(&call, world.agent, world.resource, read).await.unwrap();
    let refused = assign(&call, world.agent, world.resource, read).await.unwrap_err();
    assert_eq!(refused.fault, Fault::Input);
    assert_eq!(refused.message, "Permission being assigned already exists on the object");
    app_role_assignments().delete(&call, world.agent, held).await.unwrap();
    assign(&call, world.agent, world.resource, read).await.unwrap();
}

#[tokio::test]
async fn an_agent_is_never_assigned_what_it_may_never_hold() {
    let world = World::new().await;
    for value in ["User.ReadWrite.All", "AgentIdentity.CreateAsManager", "AgentIdentityBlueprint.UpdateSponsors.All"] {
        let refused = assign(&world.call(), world.agent, world.directory, role(value)).await.unwrap_err();
        assert_eq!(refused.fault, Fault::Rights);
        assert!(refused.message.contains(value), "{refused}");
    }
}

#[tokio::test]
async fn a_blueprint_principal_may_hold_it_and_its_agents_do_not_inherit_it() {
    let world = World::new().await;
    let everything =
        json!({"resourceAppId": signet_directory::DIRECTORY_APP_ID, "inheritableRoles": {"kind": "allAllowed"}});
    let rules = signet_permissions::inheritable_permissions();
    rules.create(&world.call(), world.blueprint, members(everything)).await.unwrap();
    for value in ["User.ReadWrite.All", "User.Read.All"] {
        assign(&world.call(), world.principal, world.directory, role(value)).await.unwrap();
    }
    assert_eq!(agent_holds(&world, world.directory).await, ["User.Read.All"]);
}

#[tokio::test]
async fn behaviour_05_a_blueprint_principal_holds_create_as_manager_for_ever() {
    let world = World::new().await;
    let (call, collection) = (world.call(), app_role_assignments());
    let derived = collection.derived(&call, world.principal).await.unwrap();
    let [inherent] = derived.as_slice() else { panic!("{derived:?}") };
    assert_eq!(inherent["appRoleId"], "4c390976-b2b7-42e0-9187-c6be3bead001");
    assert_eq!(inherent["principalId"], world.principal.to_string());
    assert_eq!(inherent["resourceDisplayName"], "Directory");
    assert_eq!(collection.derived(&call, world.principal).await.unwrap(), derived, "its id stays");
    assert_eq!(stored(&world, world.principal).await, 0, "it is kept nowhere");
    for other in [world.agent, world.resource] {
        assert!(collection.derived(&call, other).await.unwrap().is_empty());
    }

    let id = inherent["id"].as_str().unwrap().parse().unwrap();
    let refused = collection.delete(&call, world.principal, id).await.unwrap_err();
    assert_eq!(refused.fault, Fault::Rights);
    let create = role("AgentIdentity.CreateAsManager");
    let refused = assign(&call, world.principal, world.directory, create).await.unwrap_err();
    assert!(refused.message.contains("already exists"));
    let directory = Resource::find(&world.store, world.directory).await.unwrap().unwrap();
    let principal = world.object(world.principal).await;
    let held = roles_of_blueprint(&world.store, &principal, &directory).await.unwrap();
    assert_eq!(held, ["AgentIdentity.CreateAsManager"]);
}

#[tokio::test]
async fn all_zeros_is_default_access_to_a_resource_without_roles() {
    let world = World::new().await;
    assign(&world.call(), world.resource, world.agent, Uuid::nil()).await.unwrap();
    let agent = Resource::find(&world.store, world.agent).await.unwrap().unwrap();
    assert!(signet_permissions::is_assigned(&world.store, world.resource, &agent).await.unwrap());
}

#[tokio::test]
async fn invariant_01_an_agent_is_no_resource_while_its_principal_is_off() {
    let world = World::new().await;
    let agent = async || Resource::find(&world.store, world.agent).await.unwrap().unwrap();
    assert!(agent().await.enabled);
    let before = agent().await.revoked;
    let off = members(json!({"accountEnabled": false}));
    BlueprintPrincipalEntity::new(Vec::new()).update(&world.call(), world.principal, off).await.unwrap();
    assert!(!agent().await.enabled && agent().await.revoked > before);
}

#[tokio::test]
async fn taking_a_role_away_voids_what_was_issued_to_its_holder_and_giving_one_does_not() {
    let world = World::new().await;
    let call = world.call();
    let before = world.revoked().await;
    let held = assign(&call, world.principal, world.resource, Uuid::from_u128(READ)).await.unwrap();
    assert_eq!(world.revoked().await, before);
    app_role_assignments().delete(&call, world.principal, held).await.unwrap();
    assert!(world.revoked().await > before);
    assert_eq!(world.revoked().await, world.store.revocation());
}

#[tokio::test]
async fn both_ends_show_the_same_assignment_and_only_their_own() {
    let world = World::new().await;
    let call = world.call();
    let read = body(world.agent, world.resource, Uuid::from_u128(READ));
    let held = app_role_assigned_to().create(&call, world.resource, members(read)).await.unwrap();
    let row = world.store.read_row(held).await.unwrap().unwrap();
    let mut view = app_role_assignments().view(&row).unwrap();
    app_role_assignments().complete(&call, &row, &mut view).await.unwrap();
    for (member, value) in [
        ("principalDisplayName", "order-bot"),
        ("principalType", "ServicePrincipal"),
        ("resourceDisplayName", "Orders"),
        ("createdDateTime", "2026-11-21T10:00:00Z"),
    ] {
        assert_eq!(view[member], value, "{member}");
    }
    let refused = app_role_assignments().delete(&call, world.principal, held).await.unwrap_err();
    assert_eq!(refused.fault, Fault::NotFound, "another principal's path");
    app_role_assigned_to().delete(&call, world.resource, held).await.unwrap();
    assert_eq!(stored(&world, world.agent).await, 0);
}

#[tokio::test]
async fn a_grant_is_recorded_with_the_resource_first_and_once_more_with_the_agent_first() {
    let world = World::new().await;
    let quiet = world.tenant.audits().await.len();
    let held = assign(&world.call(), world.agent, world.resource, Uuid::from_u128(READ)).await.unwrap();
    app_role_assignments().delete(&world.call(), world.agent, held).await.unwrap();
    let entries = &world.tenant.audits().await[quiet..];
    let names: Vec<_> = entries.iter().map(|entry| entry.activity()).collect();
    assert_eq!(
        names,
        [
            "Add app role assignment to service principal",
            "Add OAuth2PermissionGrant",
            "Remove app role assignment from service principal"
        ]
    );
    let first = entries[0].targets();
    assert_eq!(first[0]["displayName"], "Orders");
    assert_eq!(first[0]["modifiedProperties"][1]["newValue"], "\"Orders.Read\"");
    assert_eq!(first[1]["id"], world.agent.to_string());
    assert_eq!(first[1]["blueprintId"], world.blueprint.to_string());
    assert_eq!(first[1]["sponsors"], json!([world.person]));
    assert_eq!(entries[1].targets()[0]["id"], world.agent.to_string());
}

#[tokio::test]
async fn invariant_05_what_is_inherited_is_never_copied() {
    let world = World::new().await;
    let call = world.call();
    let held = assign(&call, world.principal, world.resource, Uuid::from_u128(READ)).await.unwrap();
    assert!(agent_holds(&world, world.resource).await.is_empty(), "not passed on");
    let rules = signet_permissions::inheritable_permissions();
    let rule = json!({"resourceAppId": world.resource_app, "inheritableRoles": {"kind": "allAllowed"}});
    rules.create(&call, world.blueprint, members(rule)).await.unwrap();
    assert_eq!(agent_holds(&world, world.resource).await, ["Orders.Read"]);
    assert_eq!(stored(&world, world.agent).await, 0, "nothing was written to the agent");
    app_role_assignments().delete(&call, world.principal, held).await.unwrap();
    assert!(agent_holds(&world, world.resource).await.is_empty(), "gone with its source");
}

#[tokio::test]
async fn invariant_08_an_assignment_outlives_its_deleted_resource_and_goes_with_the_purged_one() {
    let world = World::new().await;
    let held = assign(&world.call(), world.agent, world.resource, Uuid::from_u128(READ)).await.unwrap();
    let own = assign(&world.call(), world.agent, world.principal, Uuid::nil()).await.unwrap();
    let entity = ServicePrincipals::new(|| &[], Vec::new());
    entity.delete(&world.call(), world.resource).await.unwrap();
    assert!(Resource::find(&world.store, world.resource).await.unwrap().is_none(), "nobody gets a token for it");
    let row = world.store.read_row(held).await.unwrap().unwrap();
    let mut view = app_role_assignments().view(&row).unwrap();
    app_role_assignments().complete(&world.call(), &row, &mut view).await.unwrap();
    assert_eq!(view["resourceDisplayName"], "Orders");
    entity.restore(&world.call(), world.resource).await.unwrap();
    assert_eq!(agent_holds(&world, world.resource).await, ["Orders.Read"]);

    entity.delete(&world.call(), world.resource).await.unwrap();
    entity.purge(&world.call(), world.resource).await.unwrap();
    assert!(world.store.read_row(held).await.unwrap().is_none());
    assert!(world.store.read_row(own).await.unwrap().is_some());
    assert_eq!(stored(&world, world.agent).await, 1);
}

#[tokio::test]
async fn invariant_08_an_assignment_to_an_agent_goes_with_the_purge_of_its_blueprint() {
    let world = World::new().await;
    let held = assign(&world.call(), world.admin, world.agent, Uuid::nil()).await.unwrap();
    let blueprints = BlueprintEntity::new(world.rules(), Vec::new());
    blueprints.delete(&world.call(), world.blueprint).await.unwrap();
    assert!(world.store.read_row(held).await.unwrap().is_some());
    blueprints.purge(&world.call(), world.blueprint).await.unwrap();
    assert!(world.store.read_row(held).await.unwrap().is_none());
}

#[tokio::test]
async fn behaviour_05_the_directory_shows_what_each_blueprint_principal_holds_by_being_one() {
    let world = World::new().await;
    let (call, assigned) = (world.call(), app_role_assigned_to());
    assert!(assigned.also(&call, world.resource).await.unwrap().is_empty(), "of another resource nobody holds it");
    assert!(app_role_assignments().also(&call, world.directory).await.unwrap().is_empty());
    assert_eq!(assigned.also(&call, world.directory).await.unwrap(), [BlueprintPrincipal::NAME]);

    let row = world.store.read_row(world.principal).await.unwrap().unwrap();
    let mut view = assigned.view(&row).unwrap();
    assigned.complete(&call, &row, &mut view).await.unwrap();
    let own = app_role_assignments().derived(&call, world.principal).await.unwrap();
    assert_eq!(view, own[0], "both ends show the same");
    assert_eq!(view["resourceId"], world.directory.to_string());
    let id: ObjectId = view["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(assigned.stands_for(id), Some(world.principal));
    let refused = assigned.delete(&call, world.directory, id).await.unwrap_err();
    assert_eq!(refused.fault, Fault::Rights);
    assert_eq!(assigned.delete(&call, world.resource, id).await.unwrap_err().fault, Fault::NotFound);
}

#[tokio::test]
async fn row_28_every_decision_about_a_right_is_told_in_the_feed_and_in_the_trail_with_the_agent_it_is_about() {
    let world = World::new().await;
    let head = world.store.position().await.unwrap();
    let held = assign(&world.call(), world.agent, world.resource, Uuid::from_u128(READ)).await.unwrap();
    app_role_assignments().delete(&world.call(), world.agent, held).await.unwrap();
    let told = world.store.changes(head, 100).await.unwrap();
    let about: Vec<_> =
        told.iter().flat_map(|change| &change.changed).filter(|changed| changed.id == held.uuid()).collect();
    assert!(about.iter().all(|changed| changed.kind == AppRoleAssignment::NAME));
    assert_eq!(about.first().map(|changed| changed.operation), Some(ChangeOperation::Written));
    assert_eq!(about.last().map(|changed| changed.operation), Some(ChangeOperation::Purged));
    let audits = world.tenant.audits().await;
    for activity in
        ["Add app role assignment to service principal", "Remove app role assignment from service principal"]
    {
        let entry = audits.iter().find(|entry| entry.activity() == activity).unwrap();
        assert!(entry.targets().iter().any(|target| target["id"] == world.agent.to_string()), "{activity}");
        assert!(entry.targets().iter().any(|target| target["sponsors"] == json!([world.person])), "{activity}");
    }
}
