use crate::house::{House, blame, map};
use serde_json::{Value, json};
use signet_directory::http::{DirectoryRoles, RoleAssignments};
use signet_directory::roles::{ActedOn, RoleAssignment, RoleDefinition, RoleScope, acted_on, allowed, held_by};
use signet_directory::{AdministrativeUnit, Group, ops};
use signet_graph::{Entity, PageRequest};
use signet_kernel::{Failure, Fault, ObjectId};
use signet_store::Id;

const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";
const AGENT_ADMINISTRATOR: &str = "db506228-d27e-4b7d-95e5-295956d6615f";
const AGENT_REGISTRY: &str = "6b942400-691f-4bf0-9d12-d8a254a2baf5";
const REPORTS_READER: &str = "4a5d8f65-41da-4de4-8968-e035b65339cf";

fn id(text: &str) -> ObjectId {
    text.parse().unwrap()
}

async fn define(house: &House, actions: &[&str]) -> Result<ObjectId, Failure> {
    let body = json!({"displayName": "Ours", "rolePermissions": [{"allowedResourceActions": actions}]});
    ops::create_role_definition(&house.call(), map(body)).await
}

async fn assign(house: &House, who: ObjectId, role: &str, scope: RoleScope) -> Result<ObjectId, Failure> {
    ops::assign_role(&house.call(), who, id(role), scope).await
}

async fn may(house: &House, who: ObjectId, task: &str, object: ObjectId) -> bool {
    let store = &house.tenant.store;
    allowed(&held_by(store, who).await.unwrap(), task, &acted_on(store, who, object).await.unwrap().unwrap())
}

#[tokio::test]
async fn an_assignment_leads_to_its_principal_and_its_role() {
    let house = House::open().await;
    let ada = house.user("ada").await;
    let assignment = assign(&house, ada, AGENT_ADMINISTRATOR, RoleScope::Tenant).await.unwrap();
    let mut ends = Vec::new();
    for relation in RoleAssignments.relations() {
        assert!(relation.single() && relation.read_only(), "{}", relation.name());
        ends.push((relation.name(), relation.ends(&house.call(), assignment).await.unwrap()));
    }
    assert_eq!(ends, [("principal", vec![ada]), ("roleDefinition", vec![id(AGENT_ADMINISTRATOR)])]);
}

#[tokio::test]
async fn a_custom_role_lists_actions_that_there_are() {
    let house = House::open().await;
    for wrong in [
        "users/create",
        "microsoft.directory/users",
        "microsoft.directory/robots/create",
        "microsoft.exchange/users/create",
        "microsoft.directory/users/a/b/c",
        "microsoft.directory/users/*",
        "microsoft.directory/users/",
    ] {
        let refused = define(&house, &[wrong]).await.unwrap_err();
        assert_eq!(blame(&refused), (Fault::Input, "Request_BadRequest", Some("rolePermissions")), "{wrong}");
    }
    for (more, target) in [
        (json!({"rolePermissions": []}), "rolePermissions"),
        (json!({"resourceScopes": ["/x"]}), "resourceScopes"),
        (json!({"displayName": ""}), "displayName"),
        (json!({"rolePermissions": [{"allowedResourceActions": [], "condition": "$Other"}]}), "rolePermissions"),
    ] {
        let mut body = map(json!({"displayName": "Ours", "rolePermissions": [{"allowedResourceActions": []}]}));
        body.extend(map(more));
        assert_eq!(blame(&ops::create_role_definition(&house.call(), body).await.unwrap_err()).2, Some(target));
    }
}

#[tokio::test]
async fn a_built_in_role_stays_as_it_is() {
    let house = House::open().await;
    ops::seed_built_in_roles(&house.tenant.store).await.unwrap();
    ops::seed_built_in_roles(&house.tenant.store).await.unwrap();
    let role = id(GLOBAL_ADMINISTRATOR);
    assert!(house.tenant.body(Id::<RoleDefinition>::of(role)).await.is_built_in);
    let patch = map(json!({"isEnabled": false}));
    for refused in [
        ops::update_role_definition(&house.call(), role, patch).await,
        ops::delete_role_definition(&house.call(), role).await,
    ] {
        assert_eq!(refused.unwrap_err().fault, Fault::Rights);
    }
}

#[tokio::test]
async fn a_role_that_somebody_has_is_not_deleted_and_one_that_is_disabled_allows_nothing() {
    let house = House::open().await;
    let ann = house.user("ann").await;
    let role = define(&house, &["microsoft.directory/users/basic/update"]).await.unwrap();
    let assignment = assign(&house, ann, &role.to_string(), RoleScope::Tenant).await.unwrap();
    assert!(may(&house, ann, "basic/update", ann).await);
    assert_eq!(ops::delete_role_definition(&house.call(), role).await.unwrap_err().fault, Fault::Conflict);
    ops::update_role_definition(&house.call(), role, map(json!({"isEnabled": false}))).await.unwrap();
    assert!(!may(&house, ann, "basic/update", ann).await);
    ops::unassign_role(&house.call(), assignment).await.unwrap();
    ops::delete_role_definition(&house.call(), role).await.unwrap();
}

#[tokio::test]
async fn a_role_is_given_to_a_principal_in_a_scope_that_exist() {
    let house = House::open().await;
    let ann = house.user("ann").await;
    let blueprint = house.blueprint(&[ann]).await;
    let assigned = house.group("assigned", json!({})).await;
    let nowhere = house.tenant.store.context().new_object_id();
    for (who, role, scope, target) in [
        (nowhere, REPORTS_READER.to_owned(), RoleScope::Tenant, "principalId"),
        (blueprint.id, REPORTS_READER.to_owned(), RoleScope::Tenant, "principalId"),
        (assigned, REPORTS_READER.to_owned(), RoleScope::Tenant, "principalId"),
        (ann, nowhere.to_string(), RoleScope::Tenant, "roleDefinitionId"),
        (ann, REPORTS_READER.to_owned(), RoleScope::Unit(ann), "directoryScopeId"),
        (ann, REPORTS_READER.to_owned(), RoleScope::Object(nowhere), "directoryScopeId"),
    ] {
        let refused = assign(&house, who, &role, scope).await.unwrap_err();
        assert_eq!(blame(&refused), (Fault::Input, "Request_BadRequest", Some(target)));
    }
    assign(&house, ann, REPORTS_READER, RoleScope::Tenant).await.unwrap();
    assert_eq!(assign(&house, ann, REPORTS_READER, RoleScope::Tenant).await.unwrap_err().fault, Fault::Conflict);
}

#[tokio::test]
async fn agents_are_given_no_privileged_role_and_groups_no_registry() {
    let house = House::open().await;
    let ann = house.user("ann").await;
    let blueprint = house.blueprint(&[ann]).await;
    let agent = house.agent(&blueprint, &[ann]).await.id;
    let writes = define(&house, &["microsoft.directory/users/basic/update"]).await.unwrap().to_string();
    let reads = define(&house, &["microsoft.directory/users/standard/read"]).await.unwrap().to_string();
    for role in [GLOBAL_ADMINISTRATOR, AGENT_ADMINISTRATOR, &writes] {
        let refused = assign(&house, agent, role, RoleScope::Tenant).await.unwrap_err();
        assert_eq!(blame(&refused).2, Some("roleDefinitionId"));
    }
    for role in [REPORTS_READER, &reads] {
        assign(&house, agent, role, RoleScope::Tenant).await.unwrap();
    }
    let group = house.group("admins", json!({"isAssignableToRole": true})).await;
    let refused = assign(&house, group, AGENT_REGISTRY, RoleScope::Tenant).await.unwrap_err();
    assert_eq!(blame(&refused).2, Some("roleDefinitionId"));
}

#[tokio::test]
async fn roles_reach_through_groups_and_as_far_as_their_scope() {
    let house = House::open().await;
    let (ann, bob, eve) = (house.user("ann").await, house.user("bob").await, house.user("eve").await);
    let call = house.tenant.call(&["RoleManagement.ReadWrite.Directory"]);
    let group = house.group("admins", json!({"isAssignableToRole": true})).await;
    ops::add_member::<Group>(&call, group, ann).await.unwrap();
    let unit = ops::create_administrative_unit(&call, map(json!({"displayName": "Berlin"}))).await.unwrap();
    ops::add_member::<AdministrativeUnit>(&call, unit, bob).await.unwrap();
    let role = define(&house, &["microsoft.directory/users/basic/update"]).await.unwrap().to_string();
    assign(&house, group, &role, RoleScope::Unit(unit)).await.unwrap();
    assert!(may(&house, ann, "basic/update", bob).await);
    assert!(!may(&house, ann, "basic/update", eve).await && !may(&house, bob, "basic/update", bob).await);
    assert!(!may(&house, ann, "delete", bob).await);
    ops::remove_member::<Group>(&call, group, ann).await.unwrap();
    assert!(!may(&house, ann, "basic/update", bob).await);
}

#[tokio::test]
async fn row_23_an_agent_administrator_reaches_agents_and_owns_nothing_else() {
    let house = House::open().await;
    let ann = house.user("ann").await;
    let blueprint = house.blueprint(&[ann]).await;
    let agent = house.agent(&blueprint, &[ann]).await.id;
    let custom = define(&house, &["microsoft.directory/agentIdentities/basic/update"]).await.unwrap().to_string();
    assign(&house, ann, &custom, RoleScope::Object(agent)).await.unwrap();
    assert!(may(&house, ann, "basic/update", agent).await && !may(&house, ann, "basic/update", blueprint.id).await);
    assign(&house, ann, AGENT_ADMINISTRATOR, RoleScope::Tenant).await.unwrap();
    assert!(may(&house, ann, "owners/update", blueprint.id).await);
    assert!(!may(&house, ann, "basic/update", ann).await);
    let held = held_by(&house.tenant.store, ann).await.unwrap();
    assert!(!allowed(&held, "create", &ActedOn::collection("servicePrincipal")));
}

#[tokio::test]
async fn what_a_principal_was_given_goes_and_comes_back_with_it_and_taken_it_may_be_given_again() {
    let house = House::open().await;
    let (ann, _root) = (house.user("ann").await, house.user("root").await);
    let assignment = assign(&house, ann, REPORTS_READER, RoleScope::Tenant).await.unwrap();
    let is_there = async || house.tenant.store.find(Id::<RoleAssignment>::of(assignment)).await.unwrap().is_some();
    ops::delete_user(&house.call(), ann).await.unwrap();
    assert!(!is_there().await);
    ops::restore::<signet_directory::User>(&house.call(), ann).await.unwrap();
    assert!(is_there().await);
    let before = house.tenant.store.position().await.unwrap();
    ops::unassign_role(&house.call(), assignment).await.unwrap();
    assert_eq!(house.tenant.store.position().await.unwrap().0, before.0 + 1, "invariant 10: one unit of work");
    assert_eq!(house.tenant.audits().await.last().unwrap().activity(), "Remove member from role");
    assign(&house, ann, REPORTS_READER, RoleScope::Tenant).await.unwrap();
}

#[tokio::test]
async fn directory_roles_are_listed_page_by_page() {
    let house = House::open().await;
    let mut seen = Vec::new();
    let mut request = PageRequest { filter: None, top: 10, after: None };
    loop {
        let page = DirectoryRoles.page(&house.call(), &request).await.unwrap().unwrap();
        seen.extend(page.items.into_iter().map(|item| item["roleTemplateId"].clone()));
        request.after = page.next;
        if request.after.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), signet_directory::roles::built_in_roles().len());
    let one = DirectoryRoles.item(&house.call(), AGENT_ADMINISTRATOR).await.unwrap().unwrap();
    assert_eq!(one["displayName"], Value::from("Agent ID Administrator"));
    assert!(DirectoryRoles.item(&house.call(), "x").await.is_none());
}
