//! What directory roles let their holders do, beside permissions.

use super::world::{Who, World};
use axum::http::Request;
use serde_json::{Value, json};
use signet_graph::Operation;
use std::collections::BTreeMap;

const DENIED: (u16, &str) = (403, "Authorization_RequestDenied");

fn agent_path(id: &str) -> String {
    format!("servicePrincipals/{id}/microsoft.graph.agentIdentity")
}

async fn rename(world: &World, who: &Who, path: &str) -> u16 {
    world.patch(who, path, &json!({"displayName": "Agent-renamed"})).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_role_is_denied_whether_an_object_is_there_or_not() {
    let world = World::open().await;
    let (ann, root) = (world.user("ann").await, world.user("root").await);
    let blueprint = world.blueprint(&root).await;
    let agent = world.agent(&blueprint, "a", &root).await;
    let missing = uuid::Uuid::from_u128(5).to_string();
    for id in [agent.as_str(), &missing, "not-even-an-id"] {
        let there = world.get(&ann, &agent_path(id)).await;
        assert_eq!(there.code(), DENIED, "{id}");
        assert!(there.body["error"]["message"].as_str().unwrap().contains("AgentIdentity.Read.All"), "{}", there.body);
        assert_eq!(world.delete(&ann, &agent_path(id)).await.code(), DENIED, "{id}");
    }
    assert_eq!(world.get(&ann, "users").await.code(), DENIED);
    // A role in a narrower scope tells no more of what is out of its reach.
    world.assign(&ann, &World::role("User Administrator"), &format!("/{}", ann.id)).await;
    let denied = world.patch(&ann, &format!("users/{}", root.id), &json!({"jobTitle": "x"})).await;
    let gone = world.patch(&ann, &format!("users/{missing}"), &json!({"jobTitle": "x"})).await;
    assert_eq!((denied.code(), &denied.body["error"]["message"]), (gone.code(), &gone.body["error"]["message"]));
    assert_eq!(denied.code(), DENIED);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_16_a_custom_role_reaches_the_agents_of_an_administrative_unit_and_no_others() {
    let world = World::open().await;
    let (ann, root) = (world.user("ann").await, world.user("root").await);
    let blueprint = world.blueprint(&root).await;
    let inside = world.agent(&blueprint, "inside", &root).await;
    let outside = world.agent(&blueprint, "outside", &root).await;
    let unit = world.unit(&[&inside]).await;
    let role = world
        .custom_role(&["agentIdentities/basic/update", "agentIdentities/standard/read", "agentIdentities/disable"])
        .await;
    assert_eq!(rename(&world, &ann, &agent_path(&inside)).await, 403);
    world.assign(&ann, &role, &format!("/administrativeUnits/{unit}")).await;
    assert_eq!(rename(&world, &ann, &agent_path(&outside)).await, 403);
    assert_eq!(rename(&world, &ann, &agent_path(&inside)).await, 204);
    assert_eq!(world.get(&ann, &agent_path(&inside)).await.body["displayName"], "Agent-renamed");
    assert_eq!(world.get(&ann, &agent_path(&outside)).await.code(), DENIED);
    let listed = world.get(&ann, "servicePrincipals/microsoft.graph.agentIdentity").await;
    assert_eq!(listed.each("id"), [inside.as_str()]);
    assert_eq!(world.get(&ann, "servicePrincipals/$count").await.body, 1);
    // The role says what may be changed: switched off, not on again, and not deleted.
    let switch = async |on: bool| world.patch(&ann, &agent_path(&inside), &json!({"accountEnabled": on})).await.status;
    assert_eq!((switch(false).await, switch(true).await), (204, 403));
    assert_eq!(world.delete(&ann, &agent_path(&inside)).await.code(), DENIED);
    let assign = json!({"principalId": inside, "resourceId": inside, "appRoleId": uuid::Uuid::nil()});
    let given = world.post(&ann, &format!("servicePrincipals/{inside}/appRoleAssignments"), &assign).await;
    assert_eq!(given.code(), DENIED);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_16_a_role_may_be_held_for_one_object_and_ends_with_its_assignment() {
    let world = World::open().await;
    let (ann, root) = (world.service("ann").await, world.user("root").await);
    let blueprint = world.blueprint(&root).await;
    let (one, other) = (world.agent(&blueprint, "a", &root).await, world.agent(&blueprint, "b", &root).await);
    let role = world.custom_role(&["agentIdentities/basic/update"]).await;
    let assignment = world.assign(&ann, &role, &format!("/{one}")).await;
    assert_eq!(rename(&world, &ann, &agent_path(&one)).await, 204);
    assert_eq!(rename(&world, &ann, &agent_path(&other)).await, 403);
    world.delete(&world.admin(), &format!("roleManagement/directory/roleAssignments/{assignment}")).await;
    assert_eq!(rename(&world, &ann, &agent_path(&one)).await, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_18_a_global_reader_reads_typed_lists_and_changes_nothing() {
    let world = World::open().await;
    let (ann, root) = (world.user("ann").await, world.user("root").await);
    let blueprint = world.blueprint(&root).await;
    let agent = world.agent(&blueprint, "a", &root).await;
    assert_eq!(world.get(&ann, "servicePrincipals/microsoft.graph.agentIdentity").await.code(), DENIED);
    world.assign(&ann, &World::role("Global Reader"), "/").await;
    for (path, id) in [
        ("servicePrincipals/microsoft.graph.agentIdentity", Some(agent.as_str())),
        ("applications/microsoft.graph.agentIdentityBlueprint", blueprint.body["id"].as_str()),
        ("servicePrincipals/microsoft.graph.agentIdentityBlueprintPrincipal", None),
        ("users", Some(ann.id.as_str())),
        ("roleManagement/directory/roleDefinitions", None),
    ] {
        let listed = world.get(&ann, path).await;
        assert_eq!(listed.status, 200, "{path}: {}", listed.body);
        assert!(!listed.each("id").is_empty(), "{path}");
        assert!(id.is_none_or(|id| listed.each("id").contains(&id)), "{path}");
    }
    for path in [
        format!("servicePrincipals/{agent}/microsoft.graph.agentIdentity/sponsors"),
        format!("servicePrincipals/{agent}/effectivePermissions"),
        format!("servicePrincipals/{agent}/appRoleAssignments"),
        "servicePrincipals/microsoft.graph.agentIdentity/$count".to_owned(),
        "servicePrincipals/delta".to_owned(),
        "directoryRoles".to_owned(),
    ] {
        assert_eq!(world.get(&ann, &path).await.status, 200, "{path}");
    }
    assert_eq!(rename(&world, &ann, &agent_path(&agent)).await, 403);
    assert_eq!(world.delete(&ann, &agent_path(&agent)).await.code(), DENIED);
    assert_eq!(world.get(&ann, &format!("servicePrincipals/{agent}/deletionPreview")).await.code(), DENIED);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_24_an_agent_administrator_reaches_no_other_service_principal() {
    let world = World::open().await;
    let (ann, root) = (world.user("ann").await, world.user("root").await);
    let victim = world.service("victim").await;
    let blueprint = world.blueprint(&root).await;
    let agent = world.agent(&blueprint, "a", &root).await;
    world.assign(&ann, &World::role("Agent ID Administrator"), "/").await;
    let owner = json!({"@odata.id": World::reference(&ann.id)});
    let refused = world.post(&ann, &format!("servicePrincipals/{}/owners/$ref", victim.id), &owner).await;
    assert_eq!(refused.code(), DENIED);
    for path in [format!("servicePrincipals/{}", victim.id), format!("users/{}", root.id)] {
        assert_eq!(rename(&world, &ann, &path).await, 403, "{path}");
        assert_eq!(world.get(&ann, &path).await.code(), DENIED, "{path}");
        assert_eq!(world.delete(&ann, &path).await.code(), DENIED, "{path}");
    }
    assert_eq!(world.get(&ann, "servicePrincipals").await.each("@odata.type").len(), 2, "a principal and an agent");
    let id = blueprint.id();
    let owned = world.post(&ann, &format!("{}/owners/$ref", agent_path(&agent)), &owner).await;
    assert_eq!(owned.status, 204);
    let secret = world.post(&ann, &format!("applications/{id}/addPassword"), &json!({})).await;
    assert_eq!(secret.status, 200, "{}", secret.body);
    // Who manages agents does not say what they may do.
    let assign = json!({"principalId": agent, "resourceId": agent, "appRoleId": uuid::Uuid::nil()});
    let given = world.post(&ann, &format!("servicePrincipals/{agent}/appRoleAssignments"), &assign).await;
    assert_eq!(given.code(), DENIED);
    let body = json!({
        "displayName": "b", "agentIdentityBlueprintId": blueprint.body["appId"],
        "sponsors@odata.bind": [World::reference(&root.id)],
    });
    let made = world.post(&ann, "servicePrincipals/microsoft.graph.agentIdentity", &body).await.id();
    assert_eq!(world.delete(&ann, &agent_path(&made)).await.status, 204);
    assert_eq!(world.post(&ann, &format!("directory/deletedItems/{made}/restore"), &json!({})).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_24_an_application_administrator_reaches_no_agents() {
    let world = World::open().await;
    let (ann, root) = (world.user("ann").await, world.user("root").await);
    let victim = world.service("service").await;
    let blueprint = world.blueprint(&root).await;
    let agent = world.agent(&blueprint, "a", &root).await;
    world.assign(&ann, &World::role("Application Administrator"), "/").await;
    assert_eq!(rename(&world, &ann, &format!("servicePrincipals/{}", victim.id)).await, 204);
    for path in [agent_path(&agent), format!("servicePrincipals/{agent}")] {
        assert_eq!(rename(&world, &ann, &path).await, 403, "{path}");
        assert_eq!(world.get(&ann, &path).await.code(), DENIED, "{path}");
        assert_eq!(world.delete(&ann, &path).await.code(), DENIED, "{path}");
    }
    let secret = world.post(&ann, &format!("applications/{}/addPassword", blueprint.id()), &json!({})).await;
    assert_eq!(secret.code(), DENIED);
    let types = world.get(&ann, "servicePrincipals").await;
    assert!(types.each("@odata.type").iter().all(|name| !name.contains("agent")), "{}", types.body);
    let body = json!({"displayName": "b", "agentIdentityBlueprintId": blueprint.body["appId"]});
    let made = world.post(&ann, "servicePrincipals/microsoft.graph.agentIdentity", &body).await;
    assert_eq!(made.code(), DENIED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_shows_no_more_of_the_far_ends_of_links_than_it_reaches() {
    let world = World::open().await;
    let (ann, root) = (world.user("ann").await, world.user("root").await);
    let blueprint = world.blueprint(&root).await;
    let agent = world.agent(&blueprint, "a", &root).await;
    world.assign(&ann, &World::role("AI Reader"), "/").await;
    let sponsors = world.get(&ann, &format!("servicePrincipals/{agent}/sponsors")).await;
    assert_eq!(sponsors.each("displayName"), ["root"]);
    assert_eq!(sponsors.body["value"][0]["userPrincipalName"], Value::Null, "{}", sponsors.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_manages_a_unit_gives_no_roles_in_it() {
    let world = World::open().await;
    let ann = world.user("ann").await;
    let unit = world.unit(&[]).await;
    let role = world.custom_role(&["administrativeUnits/allProperties/allTasks"]).await;
    world.assign(&ann, &role, "/").await;
    let path = format!("directory/administrativeUnits/{unit}");
    assert_eq!(rename(&world, &ann, &path).await, 204);
    let body = json!({"roleId": World::role("Global Administrator"), "roleMemberInfo": {"id": ann.id}});
    let given = world.post(&ann, &format!("{path}/scopedRoleMembers"), &body).await;
    assert_eq!(given.code(), DENIED);
    let bob = world.user("bob").await;
    world.assign(&bob, &World::role("Privileged Role Administrator"), "/").await;
    assert_eq!(world.post(&bob, &format!("{path}/scopedRoleMembers"), &body).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_declares_the_roles_that_let_callers_in_beside_its_permissions() {
    let world = World::open().await;
    let bare = world.operations.iter().filter(|operation| operation.actions.is_empty());
    let bare: Vec<String> = bare.map(|operation| format!("{} {}", operation.method, operation.path)).collect();
    assert!(bare.is_empty(), "{bare:#?}");
    let of = |method: &str, path: &str| {
        let found = world.operations.iter().find(|one| one.method == *method && one.path == path).unwrap();
        (found.actions.join(" ").replace("microsoft.directory/", ""), found.relations.join(" "))
    };
    let agent = "/servicePrincipals/{id}/microsoft.graph.agentIdentity";
    assert_eq!(of("DELETE", agent), ("agentIdentities/delete".to_owned(), "owners".to_owned()));
    assert_eq!(of("GET", agent), ("agentIdentities/standard/read".to_owned(), "owners sponsors".to_owned()));
    assert_eq!(of("PATCH", agent).1, "owners sponsors");
    let assignments = format!("{agent}/appRoleAssignments");
    assert_eq!(of("POST", &assignments), ("agentIdentities/appRoleAssignedTo/update".to_owned(), String::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_is_opened_by_each_action_that_it_declares_and_by_no_other() {
    let world = World::open().await;
    let mut actions: BTreeMap<&str, Vec<&Operation>> = BTreeMap::new();
    for operation in &world.operations {
        for action in &operation.actions {
            actions.entry(action.strip_prefix("microsoft.directory/").unwrap()).or_default().push(operation);
        }
    }
    assert!(actions.len() > 50, "{}", actions.len());
    let (mut closed, nobody) = (Vec::new(), world.user("nobody").await);
    for (number, (action, operations)) in actions.into_iter().enumerate() {
        let holder = world.user(&format!("holder{number}")).await;
        world.assign(&holder, &world.custom_role(&[action]).await, "/").await;
        for operation in operations {
            let version = if operation.beta_only { "/beta" } else { "/v1.0" };
            let path = operation.path.replace("{id}", "not-even-an-id").replace(['{', '}'], "");
            let ask = async |who: &Who| {
                let request = Request::builder().method(operation.method.clone()).uri(format!("{version}{path}"));
                world.send(who, request, None).await.status
            };
            assert_eq!(ask(&nobody).await, 403, "{} {path}", operation.method);
            if ask(&holder).await == 403 {
                closed.push(format!("{} {path}: {action}", operation.method));
            }
        }
    }
    assert!(closed.is_empty(), "{closed:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_restricted_unit_holds_only_its_own_administrators_change() {
    let world = World::open().await;
    let (admin, ann, root) = (world.admin(), world.user("ann").await, world.user("root").await);
    let (global, elsewhere) = (world.user("global").await, world.user("elsewhere").await);
    let blueprint = world.blueprint(&root).await;
    let agent = world.agent(&blueprint, "guarded", &root).await;
    let restricted = json!({"displayName": "Vault", "isMemberManagementRestricted": true,
        "members@odata.bind": [World::reference(&agent)]});
    let vault = world.post(&admin, "directory/administrativeUnits", &restricted).await.id();
    let open = world.unit(&[&agent]).await;
    let role = World::role("Agent ID Administrator");
    world.assign(&global, &role, "/").await;
    world.assign(&elsewhere, &role, &format!("/administrativeUnits/{open}")).await;

    let path = agent_path(&agent);
    let turn = json!({"accountEnabled": false});
    for who in [&admin, &global, &elsewhere, &root] {
        for refused in [
            world.patch(who, &path, &turn).await,
            world.delete(who, &format!("{path}?preview=true")).await,
            world.delete(who, &path).await,
        ] {
            assert_eq!(refused.code(), DENIED, "{who:?}: {}", refused.body);
        }
    }
    let told = world.patch(&global, &path, &turn).await;
    assert!(told.body["error"]["message"].as_str().unwrap().contains("restricted management"), "{}", told.body);
    let nothing = world.patch(&ann, &path, &turn).await;
    let message = nothing.body["error"]["message"].as_str().unwrap();
    assert!(!message.contains("restricted management"), "who may do nothing learns nothing: {message}");
    assert_eq!(world.get(&admin, &path).await.status, 200, "it is read as ever");

    world.assign(&ann, &role, &format!("/administrativeUnits/{vault}")).await;
    assert_eq!(rename(&world, &ann, &path).await, 204);
    let lifted = Who { permissions: "AgentIdentity.ReadWrite.All,Directory.Write.Restricted", ..admin.clone() };
    assert_eq!(rename(&world, &lifted, &path).await, 204);
    let only = Who { permissions: "Directory.Write.Restricted", ..admin.clone() };
    assert_eq!(rename(&world, &only, &path).await, 403, "it adds nothing of its own");

    // Who belongs to the unit is for those to say who administer units; what has left it is restricted no more.
    let member = format!("directory/administrativeUnits/{vault}/members/{agent}/$ref");
    assert_eq!(world.delete(&ann, &member).await.code(), DENIED);
    assert_eq!(world.delete(&admin, &member).await.status, 204);
    assert_eq!(rename(&world, &global, &path).await, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn behaviour_14_an_attribute_assignment_reader_sees_attributes_and_others_do_not() {
    let world = World::open().await;
    let (admin, ann, bob) = (world.admin(), world.user("ann").await, world.user("bob").await);
    let set = json!({"id": "Desk", "maxAttributesPerSet": 5});
    world.post(&admin, "directory/attributeSets", &set).await.id();
    let definition = json!({"attributeSet": "Desk", "name": "Team", "type": "String", "status": "Available"});
    world.post(&admin, "directory/customSecurityAttributeDefinitions", &definition).await.id();
    let giver = Who { permissions: "CustomSecAttributeAssignment.ReadWrite.All", ..admin.clone() };
    let given = json!({"customSecurityAttributes": {"Desk": {"Team": "Orders"}}});
    assert_eq!(world.patch(&giver, &format!("users/{}", ann.id), &given).await.status, 204);
    let reads = |who: &Who| Who { permissions: "User.Read.All", ..who.clone() };
    let one = format!("users/{}?$select=id,customSecurityAttributes", ann.id);
    let filter = "users?$select=id&$filter=customSecurityAttributes/Desk/Team%20eq%20'Orders'";

    let blind = reads(&bob);
    assert_eq!(world.get(&blind, &one).await.body["customSecurityAttributes"], Value::Null);
    assert_eq!(world.get(&blind, filter).await.each("id"), Vec::<&str>::new());
    world.assign(&bob, &World::role("Attribute Assignment Reader"), "/").await;
    let seeing = reads(&bob);
    assert_eq!(world.get(&seeing, &one).await.body["customSecurityAttributes"]["Desk"]["Team"], "Orders");
    let list = world.get(&seeing, "users?$select=id,customSecurityAttributes&$filter=displayName%20eq%20'ann'").await;
    assert_eq!(list.body["value"][0]["customSecurityAttributes"]["Desk"]["Team"], "Orders", "{}", list.body);
    assert_eq!(world.get(&seeing, filter).await.each("id"), [ann.id.as_str()]);
    // To see is not to give; and of a narrower scope, what is outside of it stays unseen.
    assert_eq!(world.patch(&seeing, &format!("users/{}", ann.id), &given).await.code(), DENIED);
    let eve = world.user("eve").await;
    world.assign(&eve, &World::role("Attribute Assignment Reader"), &format!("/{}", eve.id)).await;
    assert_eq!(world.get(&reads(&eve), &one).await.body["customSecurityAttributes"], Value::Null);
}
