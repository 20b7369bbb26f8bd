//! Sets whose addresses have several parts, and objects that are named by a text.

use super::world::{Who, World};
use axum::http::{Method, Request};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_under_no_declared_prefix_is_not_there() {
    let world = World::open().await;
    let admin = world.admin();
    for path in [
        "directory",
        "directory/x",
        "roleManagement",
        "roleManagement/directory",
        "roleManagement/directory/x",
        "directory('x')/attributeSets",
        "directory/attributeSets('None')",
        "directory/attributeSets/None",
        "directory/customSecurityAttributeDefinitions/None_None/allowedValues",
    ] {
        assert_eq!(world.get(&admin, path).await.code(), (404, "Request_ResourceNotFound"), "{path}");
    }
    assert_eq!(world.get(&admin, "directory/administrativeUnits/x").await.code(), (400, "Request_BadRequest"));
}

#[tokio::test(flavor = "multi_thread")]
async fn units_and_roles_are_found_at_their_prefixed_addresses() {
    let world = World::open().await;
    let admin = world.admin();
    let unit = world.post(&admin, "directory/administrativeUnits", &json!({"displayName": "Sales"})).await;
    let location = unit.headers["location"].to_str().unwrap();
    assert!(location.ends_with(&format!("/v1.0/directory/administrativeUnits/{}", unit.id())), "{location}");
    for path in [
        format!("directory/administrativeUnits/{}", unit.id()),
        format!("directory/administrativeUnits('{}')", unit.id()),
    ] {
        assert_eq!(world.get(&admin, &path).await.body["displayName"], "Sales", "{path}");
    }
    assert_eq!(world.get(&admin, "directory/administrativeUnits/$count").await.body, 1);
    let members = format!("directory/administrativeUnits/{}/members", unit.id());
    assert!(world.get(&admin, &members).await.each("id").is_empty());
    let role = json!({
        "displayName": "Namer",
        "rolePermissions": [{"allowedResourceActions": ["microsoft.directory/agentIdentities/basic/update"]}],
    });
    let role = world.post(&admin, "roleManagement/directory/roleDefinitions", &role).await.id();
    let ann = world.user("ann").await;
    let assignment = json!({"principalId": ann.id, "roleDefinitionId": role, "directoryScopeId": "/"});
    let assignment = world.post(&admin, "roleManagement/directory/roleAssignments", &assignment).await.id();
    let filter = format!("roleManagement/directory/roleAssignments?$filter=principalId%20eq%20'{}'", ann.id);
    assert_eq!(world.get(&admin, &filter).await.each("id"), [assignment.as_str()]);
    let gone = world.delete(&admin, &format!("roleManagement/directory/roleAssignments/{assignment}")).await;
    assert_eq!(gone.status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn sets_and_definitions_of_attributes_are_named_by_a_text() {
    let world = World::open().await;
    let admin = world.admin();
    let set = world.post(&admin, "directory/attributeSets", &json!({"id": "Engineering", "description": "x"})).await;
    assert_eq!(set.id(), "Engineering");
    assert!(set.headers["location"].to_str().unwrap().ends_with("/v1.0/directory/attributeSets/Engineering"));
    for path in [
        "directory/attributeSets/Engineering",
        "directory/attributeSets('Engineering')",
        "directory/attributeSets('engineering')",
    ] {
        assert_eq!(world.get(&admin, path).await.id(), "Engineering", "{path}");
    }
    let renamed = world.patch(&admin, "directory/attributeSets/Engineering", &json!({"id": "Sales"})).await;
    assert_eq!(renamed.code(), (400, "Request_BadRequest"));
    assert_eq!(
        world.patch(&admin, "directory/attributeSets/Engineering", &json!({"description": "y"})).await.status,
        204
    );
    let found = world.get(&admin, "directory/attributeSets?$filter=id%20eq%20'Engineering'").await;
    assert_eq!(found.each("description"), ["y"]);
    let body = json!({
        "attributeSet": "Engineering", "name": "Project", "type": "String", "status": "Available",
        "usePreDefinedValuesOnly": true,
    });
    let definitions = "directory/customSecurityAttributeDefinitions";
    assert_eq!(world.post(&admin, definitions, &body).await.id(), "Engineering_Project");
    let definition = format!("{definitions}/Engineering_Project");
    assert_eq!(world.get(&admin, &definition).await.body["name"], "Project");
    assert_eq!(world.get(&admin, &format!("{definitions}('Engineering_Project')")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn allowed_values_are_added_and_switched_off_one_by_one() {
    let world = World::open().await;
    let admin = world.admin();
    world.post(&admin, "directory/attributeSets", &json!({"id": "Engineering"})).await.id();
    let body = json!({
        "attributeSet": "Engineering", "name": "Project", "type": "String", "status": "Available",
        "usePreDefinedValuesOnly": true,
    });
    world.post(&admin, "directory/customSecurityAttributeDefinitions", &body).await.id();
    let values = "directory/customSecurityAttributeDefinitions/Engineering_Project/allowedValues";
    assert_eq!(world.post(&admin, values, &json!({"isActive": true})).await.code(), (400, "Request_BadRequest"));
    let made = world.post(&admin, values, &json!({"id": "Baker/1", "isActive": true})).await;
    assert_eq!((made.status, made.body["id"].as_str()), (201, Some("Baker/1")));
    assert!(made.headers["location"].to_str().unwrap().ends_with("/allowedValues/Baker%2F1"));
    assert_eq!(world.post(&admin, values, &json!({"id": "Baker/1"})).await.status, 409);
    let value = format!("{values}/Baker%2F1");
    assert_eq!(world.delete(&admin, &value).await.status, 405);
    assert_eq!(world.patch(&admin, &value, &json!({"id": "Other"})).await.status, 400);
    assert_eq!(world.patch(&admin, &value, &json!({"isActive": false})).await.status, 204);
    assert_eq!(world.get(&admin, &value).await.body["isActive"], false);
    assert_eq!(world.get(&admin, values).await.each("id"), ["Baker/1"]);
    assert_eq!(world.get(&admin, &format!("{values}/Other")).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_lists_the_built_in_roles_from_the_start_and_one_made_without_them_gets_them() {
    let world = World::open().await;
    let admin = world.admin();
    let listed = "roleManagement/directory/roleDefinitions?$top=999&$filter=isBuiltIn%20eq%20true";
    let all = signet_directory::roles::built_in_roles().len();
    assert_eq!(world.get(&admin, listed).await.each("id").len(), all);
    let head = async || world.store().position().await.unwrap();
    let before = head().await;
    crate::assembly::directory::seed_roles(&world.node).await;
    assert_eq!(head().await, before, "what is there stays");
    let mut unit = world.store().unit();
    let reports = signet_directory::roles::built_in_roles()[0].id();
    let role = signet_store::Id::<signet_directory::roles::RoleDefinition>::of(reports);
    unit.delete(&world.store().find(role).await.unwrap().unwrap(), uuid::Uuid::from_u128(1)).purge(reports);
    world.store().commit(unit).await.unwrap();
    assert_eq!(world.get(&admin, listed).await.each("id").len(), all - 1);
    crate::assembly::directory::seed_roles(&world.node).await;
    assert_eq!(world.get(&admin, listed).await.each("id").len(), all);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_authorization_policy_is_one_object_and_in_beta_a_list_of_one() {
    let world = World::open().await;
    let policies = Who { permissions: "Policy.Read.All,Policy.ReadWrite.Authorization", ..world.admin() };
    let ask = async |method: Method, path: &str, body: Option<&Value>| {
        world.send(&policies, Request::builder().method(method).uri(path), body).await
    };
    const SET: &str = "policies/authorizationPolicy";
    let one = ask(Method::GET, &format!("/v1.0/{SET}"), None).await;
    assert_eq!(one.body["id"], "authorizationPolicy");
    assert_eq!(ask(Method::GET, &format!("/v1.0/{SET}/authorizationPolicy"), None).await.status, 404);
    let list = ask(Method::GET, &format!("/beta/{SET}"), None).await;
    assert_eq!(list.each("id"), ["authorizationPolicy"]);
    for item in [format!("/beta/{SET}/authorizationPolicy"), format!("/beta/{SET}('authorizationPolicy')")] {
        let change = json!({"agentPermissionGrantPoliciesAssigned": []});
        assert_eq!(ask(Method::PATCH, &item, Some(&change)).await.status, 204, "{item}");
        let found = ask(Method::GET, &item, None).await;
        assert_eq!(found.body["agentPermissionGrantPoliciesAssigned"], json!([]), "{}", found.body);
    }
    let other = format!("/beta/{SET}/other");
    assert_eq!(ask(Method::GET, &other, None).await.code(), (404, "Request_ResourceNotFound"));
    assert_eq!(ask(Method::PATCH, &other, Some(&json!({}))).await.code(), (404, "Request_ResourceNotFound"));
    assert_eq!(ask(Method::PATCH, &format!("/beta/{SET}"), Some(&json!({}))).await.status, 405);
}
