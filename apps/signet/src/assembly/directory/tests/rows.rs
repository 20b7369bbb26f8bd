//! Known complaints about the model, and that they do not hold here: rows of part (b) of the specification.

use super::world::{Who, World};
use axum::http::Method;
use serde_json::{Value, json};

const BLUEPRINTS: &str = "applications/microsoft.graph.agentIdentityBlueprint";
const AGENTS: &str = "servicePrincipals/microsoft.graph.agentIdentity";

/// The administrator, with other permissions.
fn with(permissions: &'static str) -> Who {
    Who { kind: "servicePrincipal", id: uuid::Uuid::from_u128(0xad).to_string(), permissions }
}

#[tokio::test(flavor = "multi_thread")]
async fn row_01_a_missing_sponsor_is_refused_at_once_and_named_in_the_details() {
    let world = World::open().await;
    let admin = world.admin();
    for (path, body) in [
        (BLUEPRINTS, json!({"displayName": "Desk"})),
        (BLUEPRINTS, json!({"displayName": "Desk", "sponsors@odata.bind": []})),
    ] {
        let refused = world.post(&admin, path, &body).await;
        assert_eq!(refused.code(), (400, "Request_BadRequest"));
        let error = &refused.body["error"];
        assert!(error["message"].as_str().unwrap().starts_with("No sponsor specified."), "{error}");
        assert!(error["details"][0]["target"].as_str().unwrap().starts_with("sponsors"), "{error}");
    }
    assert_eq!(world.get(&admin, BLUEPRINTS).await.each("id"), Vec::<&str>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn row_02_the_principal_comes_with_the_blueprint_if_wanted_and_its_absence_says_which_call_to_make() {
    let world = World::open().await;
    let (admin, ann) = (world.admin(), world.user("ann").await);
    let sponsors = json!([World::reference(&ann.id)]);
    let bare = json!({"displayName": "Bare", "sponsors@odata.bind": sponsors});
    let bare = world.post(&admin, BLUEPRINTS, &bare).await;
    let agent =
        json!({"displayName": "a", "agentIdentityBlueprintId": bare.body["appId"], "sponsors@odata.bind": sponsors});
    let refused = world.post(&admin, AGENTS, &agent).await;
    assert_eq!(refused.code(), (400, "AgentIdentity_AgentBlueprintPrincipalDoesNotExist"));
    let message = refused.body["error"]["message"].as_str().unwrap();
    assert!(message.contains("POST /servicePrincipals/microsoft.graph.agentIdentityBlueprintPrincipal"), "{message}");
    // The call that it says.
    let principal = json!({"appId": bare.body["appId"]});
    let principals = "servicePrincipals/microsoft.graph.agentIdentityBlueprintPrincipal";
    world.post(&admin, principals, &principal).await.id();
    world.post(&admin, AGENTS, &agent).await.id();

    let whole = world.blueprint(&ann).await;
    world.agent(&whole, "b", &ann).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_03_a_caller_with_more_permissions_than_needed_is_let_in_by_those_that_suffice() {
    let world = World::open().await;
    let ann = world.user("ann").await;
    let blueprint = world.blueprint(&ann).await;
    let broad =
        with("Directory.AccessAsUser.All,Directory.ReadWrite.All,AgentIdentity.Create.All,AgentIdentity.Read.All");
    let body = json!({"displayName": "a", "agentIdentityBlueprintId": blueprint.body["appId"],
        "sponsors@odata.bind": [World::reference(&ann.id)]});
    let id = world.post(&broad, AGENTS, &body).await.id();
    assert_eq!(world.get(&broad, AGENTS).await.each("id"), [id.as_str()]);
    let only = with("Directory.AccessAsUser.All");
    assert_eq!(world.post(&only, AGENTS, &body).await.status, 403, "what does not suffice does not");
}

#[tokio::test(flavor = "multi_thread")]
async fn row_06_nothing_is_left_behind_by_deleting_and_purging_a_blueprint() {
    let world = World::open().await;
    let (admin, ann) = (world.admin(), world.user("ann").await);
    let blueprint = world.blueprint(&ann).await;
    let agent = world.agent(&blueprint, "a", &ann).await;
    let user = json!({"@odata.type": "#microsoft.graph.agentUser", "displayName": "Bot", "mailNickname": "bot",
        "userPrincipalName": "bot@contoso.test", "accountEnabled": true, "identityParentId": agent});
    let user = world.post(&admin, "users", &user).await.id();
    let service = world.service("orders").await;
    let zero = uuid::Uuid::nil().to_string();
    let assignment = json!({"principalId": agent, "resourceId": service.id, "appRoleId": zero});
    world.post(&admin, &format!("servicePrincipals/{agent}/appRoleAssignments"), &assignment).await.id();
    let orphans = async || world.get(&with("Directory.Read.All"), "directory/orphanedObjects").await;
    assert_eq!(orphans().await.each("id"), Vec::<&str>::new());
    assert_eq!(world.get(&with("User.Read.All"), "directory/orphanedObjects").await.status, 403);

    let path = format!("applications/{}", blueprint.id());
    assert_eq!(world.delete(&admin, &path).await.status, 204);
    assert_eq!(orphans().await.each("id"), Vec::<&str>::new());
    for gone in [&agent, &user] {
        let path = format!("directoryObjects/{gone}");
        assert_eq!(world.get(&with("Directory.Read.All"), &path).await.status, 404, "it went along");
    }
    assert_eq!(world.delete(&admin, &format!("directory/deletedItems/{}", blueprint.id())).await.status, 204);
    assert_eq!(orphans().await.each("id"), Vec::<&str>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn row_19_sponsors_are_listed_with_their_names_and_types() {
    let world = World::open().await;
    let (admin, ann) = (world.admin(), world.user("ann").await);
    let blueprint = world.blueprint(&ann).await;
    let agent = world.agent(&blueprint, "a", &ann).await;
    let group = json!({"displayName": "Desk team", "mailEnabled": true, "mailNickname": "desk", "securityEnabled": false,
        "groupTypes": ["Unified"]});
    let group = world.post(&admin, "groups", &group).await.id();
    let added = json!({"@odata.id": World::reference(&group)});
    let path = format!("{AGENTS}/{agent}/sponsors");
    assert_eq!(world.post(&admin, &format!("{path}/$ref"), &added).await.status, 204);
    let listed = world.get(&admin, &path).await;
    let mut sponsors: Vec<(&str, &str)> =
        listed.each("@odata.type").into_iter().zip(listed.each("displayName")).collect();
    sponsors.sort_unstable();
    assert_eq!(sponsors, [("#microsoft.graph.group", "Desk team"), ("#microsoft.graph.user", "ann")]);
}

/// The documentation of the model contradicts itself here; this is what holds.
#[tokio::test(flavor = "multi_thread")]
async fn row_27_an_agent_user_goes_and_comes_back_with_its_agent_and_custom_roles_hold_agent_actions() {
    let world = World::open().await;
    let (admin, ann) = (world.admin(), world.user("ann").await);
    let blueprint = world.blueprint(&ann).await;
    let agent = world.agent(&blueprint, "a", &ann).await;
    let user = json!({"@odata.type": "#microsoft.graph.agentUser", "displayName": "Bot", "mailNickname": "bot",
        "userPrincipalName": "bot@contoso.test", "accountEnabled": true, "identityParentId": agent});
    let user = world.post(&admin, "users", &user).await.id();
    let is_there = async || world.get(&admin, &format!("users/{user}")).await.status;
    assert_eq!(world.delete(&admin, &format!("{AGENTS}/{agent}")).await.status, 204);
    assert_eq!(is_there().await, 404);
    assert_eq!(world.post(&admin, &format!("directory/deletedItems/{agent}/restore"), &json!({})).await.status, 200);
    assert_eq!(is_there().await, 200);
    world.custom_role(&["agentIdentities/enable"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_23_a_second_administrator_approves_over_the_wire_and_the_alert_is_there_to_read() {
    let world = World::open().await;
    let (admin, ann) = (world.admin(), world.user("ann").await);
    let blueprint = world.blueprint(&ann).await.id();
    let organization = with("Organization.ReadWrite.All");
    let id = world.get(&organization, "organization").await.each("id")[0].to_owned();
    let setting = json!({"credentialChangeApproval": {"isRequired": true}});
    assert_eq!(world.patch(&organization, &format!("organization/{id}"), &setting).await.status, 204);

    let add = async || world.post(&admin, &format!("applications/{blueprint}/addPassword"), &json!({})).await;
    let refused = add().await;
    assert_eq!(refused.code(), (409, "CredentialChange_ApprovalRequired"));
    let request = refused.body["error"]["details"][0]["target"].as_str().unwrap().to_owned();
    let path = format!("directory/credentialChangeRequests/{request}");
    assert_eq!(world.post(&admin, &format!("{path}/approve"), &json!({})).await.status, 403, "not by who asked");
    let second = Who { kind: "servicePrincipal", id: uuid::Uuid::from_u128(2).to_string(), ..admin.clone() };
    assert_eq!(world.post(&second, &format!("{path}/approve"), &json!({})).await.status, 204);
    assert_eq!(world.get(&second, &path).await.body["status"], "approved");
    assert!(add().await.body["secretText"].is_string());
    assert_eq!(world.get(&second, &path).await.body["status"], "completed");

    let alerts = world.get(&with("SecurityEvents.Read.All"), "security/alerts").await;
    assert_eq!(alerts.each("category"), ["blueprintCredentialChangeRequested", "blueprintCredentialChanged"]);
    assert_eq!(world.get(&admin, "security/alerts").await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn policies_of_which_there_is_one_are_read_and_written_at_their_own_path() {
    let world = World::open().await;
    let writer = with("Policy.ReadWrite.ApplicationConfiguration,Policy.ReadWrite.Authorization");
    for path in ["policies/defaultAppManagementPolicy", "policies/authorizationPolicy"] {
        let shown = world.get(&with("Policy.Read.All"), path).await;
        assert_eq!(shown.status, 200, "{}", shown.body);
        assert!(shown.body["id"].is_string() && shown.body["value"].is_null(), "{}", shown.body);
        assert_eq!(world.get(&with("User.Read.All"), path).await.status, 403);
        assert_eq!(world.patch(&with("Policy.Read.All"), path, &json!({})).await.status, 403);
        assert_eq!(world.ask(&writer, Method::DELETE, path, None).await.status, 405);
        assert_eq!(world.patch(&writer, path, &json!({"nonsense": 1})).await.status, 400);
    }
    let no_secrets = json!({"isEnabled": true, "applicationRestrictions": {
        "passwordCredentials": [{"restrictionType": "passwordAddition", "state": "enabled"}]}});
    let path = "policies/defaultAppManagementPolicy";
    assert_eq!(world.patch(&writer, path, &no_secrets).await.status, 204);
    assert_eq!(world.get(&writer, path).await.body["isEnabled"], Value::Bool(true));

    let (admin, ann) = (world.admin(), world.user("ann").await);
    let blueprint = world.blueprint(&ann).await.id();
    let add = async || world.post(&admin, &format!("applications/{blueprint}/addPassword"), &json!({})).await;
    assert_eq!(add().await.code(), (400, "CredentialTypeNotAllowedAsPerAppPolicy"));
    let own = json!({"displayName": "Lenient", "isEnabled": true, "restrictions": {
        "passwordCredentials": [{"restrictionType": "passwordAddition", "state": "disabled"}]}});
    let own = world.post(&writer, "policies/appManagementPolicies", &own).await.id();
    let reference = json!({"@odata.id": World::reference(&own)});
    let assigned = format!("{BLUEPRINTS}/{blueprint}/appManagementPolicies/$ref");
    assert_eq!(world.post(&admin, &assigned, &reference).await.status, 403, "not by who may change the blueprint");
    assert_eq!(world.post(&writer, &assigned, &reference).await.status, 204);
    assert!(add().await.body["secretText"].is_string());
    let bound = world.get(&writer, &format!("policies/appManagementPolicies/{own}/appliesTo")).await;
    assert_eq!(bound.status, 200, "{}", bound.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permission_grant_policy_goes_by_its_name_in_paths() {
    let world = World::open().await;
    let writer = with("Policy.ReadWrite.PermissionGrant");
    let made = world
        .post(&writer, "policies/permissionGrantPolicies", &json!({"id": "agents-low", "displayName": "Low"}))
        .await;
    assert_eq!((made.status, &made.body["id"]), (201, &json!("agents-low")));
    let path = "policies/permissionGrantPolicies/agents-low";
    let set = json!({"permissionType": "application", "permissions": ["all"]});
    let set = world.post(&writer, &format!("{path}/includes"), &set).await;
    assert_eq!(set.status, 201, "{}", set.body);
    assert_eq!(world.get(&writer, &format!("{path}/includes")).await.each("permissionType"), ["application"]);
    let one = format!("{path}/includes/{}", set.id());
    assert_eq!(world.patch(&writer, &one, &json!({"permissions": ["User.Read.All"]})).await.status, 204);
    assert_eq!(world.delete(&writer, &one).await.status, 204);
    assert_eq!(world.delete(&writer, path).await.status, 204);
    assert_eq!(world.get(&writer, path).await.status, 404);
}

/// Row 15, as far as it does not wait for risk: who is refused a grant is told which policy refuses it, and why.
#[tokio::test(flavor = "multi_thread")]
async fn row_15_a_grant_that_is_refused_says_by_which_policy() {
    let world = World::open().await;
    let (admin, ann) = (world.admin(), world.user("ann").await);
    let blueprint = world.blueprint(&ann).await;
    let agent = world.agent(&blueprint, "a", &ann).await;
    let service = world.service("orders").await;
    let policies = with("Policy.ReadWrite.Authorization,Policy.Read.All");
    let nobody = json!({"agentPermissionGrantPoliciesAssigned": []});
    assert_eq!(world.patch(&policies, "policies/authorizationPolicy", &nobody).await.status, 204);
    let assignment = json!({"principalId": agent, "resourceId": service.id, "appRoleId": uuid::Uuid::nil()});
    let refused = world.post(&admin, &format!("servicePrincipals/{agent}/appRoleAssignments"), &assignment).await;
    assert_eq!(refused.status, 403, "{}", refused.body);
    let error = refused.body["error"].to_string();
    assert!(error.contains("agentPermissionGrantPoliciesAssigned") || error.contains("grant polic"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn delta_tells_that_a_subtree_went_and_that_it_came_back() {
    let world = World::open().await;
    let (admin, ann) = (world.admin(), world.user("ann").await);
    let blueprint = world.blueprint(&ann).await;
    let agents = [world.agent(&blueprint, "a", &ann).await, world.agent(&blueprint, "b", &ann).await];
    let since = async |link: &str| {
        let path = link.split("/v1.0/").nth(1).unwrap().to_owned();
        let page = world.get(&admin, &path).await;
        assert!(page.body.get("@odata.nextLink").is_none(), "{}", page.body);
        let of = |item: &Value| (item["id"].as_str().unwrap().to_owned(), item["@removed"]["reason"].clone());
        let told: std::collections::BTreeMap<String, Value> =
            page.body["value"].as_array().unwrap().iter().map(of).collect();
        (told, page.body["@odata.deltaLink"].as_str().unwrap().to_owned())
    };
    let (first, link) = since(&format!("/v1.0/{AGENTS}/delta")).await;
    assert!(agents.iter().all(|agent| first[agent].is_null()));
    let path = format!("applications/{}", blueprint.id());
    assert_eq!(world.delete(&admin, &path).await.status, 204);
    let (gone, link) = since(&link).await;
    assert!(agents.iter().all(|agent| gone[agent] == "changed"), "{gone:?}");
    let restore = format!("directory/deletedItems/{}/restore", blueprint.id());
    assert_eq!(world.post(&admin, &restore, &json!({})).await.status, 200);
    let (back, link) = since(&link).await;
    assert!(agents.iter().all(|agent| back[agent].is_null()), "each is shown again: {back:?}");
    assert_eq!(since(&link).await.0.len(), 0);
    // Who was away for all of it hears of what is there now, and of nothing that is not.
    assert_eq!(world.delete(&admin, &path).await.status, 204);
    assert_eq!(world.post(&admin, &restore, &json!({})).await.status, 200);
    let (whole, _) = since(&link).await;
    assert!(agents.iter().all(|agent| whole[agent].is_null()), "{whole:?}");
}

/// A create without what it needs is refused before anything else is asked, with every missing member by name; the
/// description of the API says the same.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_create_needs_is_named_in_the_answer_and_in_the_description() {
    let world = World::open().await;
    let everything = with(
        "User.ReadWrite.All,Group.ReadWrite.All,Application.ReadWrite.All,AgentIdentity.Create.All,\
         AgentIdUser.ReadWrite.All,AgentIdentityBlueprint.Create,AgentIdentityBlueprintPrincipal.Create,\
         AdministrativeUnit.ReadWrite.All,RoleManagement.ReadWrite.Directory,Policy.ReadWrite.PermissionGrant,\
         Policy.ReadWrite.ApplicationConfiguration,\
         CustomSecAttributeDefinition.ReadWrite.All,DelegatedPermissionGrant.ReadWrite.All,\
         CustomDetection.ReadWrite.All,LogRetention.ReadWrite.All",
    );
    let document = world.get(&everything, "openapi.json").await.body;
    let mut asked = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let schema = &item["post"]["requestBody"]["content"]["application/json"]["schema"];
        let Some(required) = schema["allOf"][1]["required"].as_array().filter(|_| !path.contains('{')) else {
            continue;
        };
        let refused = world.post(&everything, path.strip_prefix("/v1.0/").unwrap(), &json!({})).await;
        let details = refused.body["error"]["details"].as_array().cloned().unwrap_or_default();
        let named: Vec<&Value> = details.iter().map(|detail| &detail["target"]).collect();
        assert_eq!((refused.status, named), (400, required.iter().collect()), "{path}: {}", refused.body);
        assert!(details.iter().all(|detail| detail["code"] == "required"), "{path}");
        asked += 1;
    }
    assert!(asked >= 12, "{asked}");
}
