use crate::house::{House, blame, map};
use serde_json::{Value, json};
use signet_directory::http::Applications;
use signet_directory::{Application, ops};
use signet_graph::Entity;
use signet_kernel::{Fault, ObjectId};
use signet_store::{Id, IndexKey};

async fn create(house: &House, more: Value) -> Result<ObjectId, signet_kernel::Failure> {
    let mut body = map(json!({"displayName": "HR"}));
    body.extend(map(more));
    ops::create_application(&house.call(), &house.own, body).await
}

async fn update(house: &House, id: ObjectId, patch: Value) -> Result<(), signet_kernel::Failure> {
    ops::update_application(&house.call(), &house.own, id, map(patch)).await
}

fn role(enabled: bool) -> Value {
    json!({
        "id": "0199a4b0-0000-7000-8000-000000000001",
        "allowedMemberTypes": ["Application"],
        "displayName": "Read",
        "value": "Read",
        "isEnabled": enabled,
    })
}

#[tokio::test]
async fn a_member_that_breaks_a_rule_is_named() {
    let house = House::open().await;
    let access = |id: &str, kind: &str| json!([{"resourceAppId": "00000003-0000-0000-c000-000000000000", "resourceAccess": [{"id": id, "type": kind}]}]);
    let guid = "0199a4b0-0000-7000-8000-000000000001";
    for (member, value) in [
        ("displayName", json!("")),
        ("signInAudience", json!("Everyone")),
        ("identifierUris", json!(["http://hr.example"])),
        ("identifierUris", json!(["https://graph.microsoft.com"])),
        ("identifierUris", json!(["https://id.example/hr"])),
        ("identifierUris", json!(["api://AzureADTokenExchange"])),
        ("identifierUris", json!(["https://hr.example", "https://HR.example"])),
        ("api", json!({"requestedAccessTokenVersion": 3})),
        ("accessTokenLifetimeMinutes", json!(9)),
        ("accessTokenLifetimeMinutes", json!(61)),
        ("uniqueName", json!("a b")),
        ("requiredResourceAccess", json!([{"resourceAppId": "x", "resourceAccess": []}])),
        ("requiredResourceAccess", access("x", "Role")),
        ("requiredResourceAccess", access(guid, "role")),
        ("requiredResourceAccess", json!(vec![access(guid, "Role")[0].clone(); 51])),
        ("keyCredentials", json!("x")),
        ("passwordCredentials", json!([])),
    ] {
        let refused = create(&house, json!({member: value})).await.unwrap_err();
        assert_eq!(blame(&refused), (Fault::Input, "Request_BadRequest", Some(member)), "{value}");
    }
    let too_many: Vec<_> = (0..401).map(|_| json!({"id": guid, "type": "Scope"})).collect();
    let required = json!([{"resourceAppId": guid, "resourceAccess": too_many}]);
    assert!(create(&house, json!({"requiredResourceAccess": required})).await.is_err());
}

#[tokio::test]
async fn behaviour_01_a_new_application_gets_a_client_id_and_the_defaults() {
    let house = House::open().await;
    let id = create(&house, json!({"api": null, "tags": ["a"], "requiredResourceAccess": []})).await.unwrap();
    let row = house.tenant.store.read_row(id).await.unwrap().unwrap();
    let view = Applications::new(house.own.clone()).view(&row).unwrap();
    assert_eq!(view["signInAudience"], "AzureADMyOrg");
    assert_eq!(view["identifierUris"], json!([]));
    assert_eq!((&view["id"], &view["tags"]), (&json!(id.to_string()), &json!(["a"])));
    let app_id: signet_kernel::AppId = view["appId"].as_str().unwrap().parse().unwrap();
    let key = IndexKey::uuid(app_id.uuid());
    assert_eq!(house.tenant.store.find_key(Application::APP_ID, &key).await.unwrap(), Some(id));
    let own_uri = format!("api://{app_id}");
    update(&house, id, json!({"identifierUris": [own_uri]})).await.unwrap();
    let foreign = create(&house, json!({"identifierUris": [own_uri]})).await.unwrap_err();
    assert_eq!(foreign.fault, Fault::Input, "another application's appId is not a name for this one");
}

#[tokio::test]
async fn two_applications_do_not_go_by_one_name() {
    let house = House::open().await;
    create(&house, json!({"identifierUris": ["https://hr.example"], "uniqueName": "hr"})).await.unwrap();
    for taken in [json!({"identifierUris": ["https://HR.example"]}), json!({"uniqueName": "HR"})] {
        assert_eq!(create(&house, taken).await.unwrap_err().fault, Fault::Conflict);
    }
}

#[tokio::test]
async fn behaviour_11_a_unique_name_finds_its_application_and_stays() {
    let house = House::open().await;
    let id = create(&house, json!({"uniqueName": "hr"})).await.unwrap();
    let found = house.tenant.store.find_key(Application::UNIQUE_NAME, &IndexKey::text("hr")).await.unwrap();
    assert_eq!(found, Some(id));
    update(&house, id, json!({"uniqueName": "hr", "notes": "x"})).await.unwrap();
    for other in [json!("hr2"), Value::Null] {
        let refused = update(&house, id, json!({"uniqueName": other})).await.unwrap_err();
        assert_eq!(blame(&refused).2, Some("uniqueName"));
    }
}

#[tokio::test]
async fn behaviour_08_secrets_are_not_patched() {
    let house = House::open().await;
    let id = create(&house, json!({})).await.unwrap();
    let refused = update(&house, id, json!({"passwordCredentials": [{"secretText": "x"}]})).await.unwrap_err();
    assert_eq!(blame(&refused), (Fault::Input, "Request_BadRequest", Some("passwordCredentials")));
    assert!(refused.message.contains("addPassword"));
}

#[tokio::test]
async fn an_app_role_is_disabled_before_it_is_removed_and_in_flight_tokens_with_it_do_not_leave() {
    let house = House::open().await;
    let id = create(&house, json!({"appRoles": [role(true)]})).await.unwrap();
    let refused = update(&house, id, json!({"appRoles": []})).await.unwrap_err();
    assert_eq!(refused.code, "CannotDeleteOrUpdateEnabledEntitlement");
    let before = house.tenant.store.revocation();
    update(&house, id, json!({"appRoles": [role(false)]})).await.unwrap();
    assert!(house.tenant.store.revocation() > before);
    update(&house, id, json!({"appRoles": []})).await.unwrap();
}

#[tokio::test]
async fn the_shape_of_tokens_is_the_resources_choice_and_null_is_the_default() {
    let house = House::open().await;
    let scopes = json!([{"id": "0199a4b0-0000-7000-8000-000000000001", "value": "Read"}]);
    let id = create(&house, json!({"api": {"oauth2PermissionScopes": scopes}})).await.unwrap();
    for version in [json!(1), json!(2), json!(9068), Value::Null] {
        update(&house, id, json!({"api": {"requestedAccessTokenVersion": version}})).await.unwrap();
    }
    let application = house.tenant.body(Id::<Application>::of(id)).await;
    assert_eq!(application.api.requested_access_token_version, None);
    let kept = application.api.oauth2_permission_scopes.first().and_then(|scope| scope.value.clone());
    assert_eq!(kept.as_deref(), Some("Read"), "the rest of the complex member stays");
}

#[tokio::test]
async fn invariant_1_switching_an_application_off_voids_what_it_holds() {
    let house = House::open().await;
    let id = create(&house, json!({})).await.unwrap();
    let before = house.tenant.store.revocation();
    update(&house, id, json!({"isDisabled": true})).await.unwrap();
    let found = house.tenant.store.find(Id::<Application>::of(id)).await.unwrap().unwrap();
    assert!(found.body.is_disabled && found.revoked > before);
    update(&house, id, json!({"isDisabled": false})).await.unwrap();
    assert_eq!(house.tenant.store.find(Id::<Application>::of(id)).await.unwrap().unwrap().revoked, found.revoked);
}

#[tokio::test]
async fn a_change_is_told_with_its_values_before_and_after() {
    let house = House::open().await;
    let id = create(&house, json!({})).await.unwrap();
    update(&house, id, json!({"displayName": "People"})).await.unwrap();
    let audits = house.tenant.audits().await;
    assert_eq!(
        audits.iter().map(|audit| audit.activity()).collect::<Vec<_>>(),
        ["Add application", "Update application"]
    );
    let modified = &audits[1].targets()[0]["modifiedProperties"][0];
    assert_eq!(modified["displayName"], "DisplayName");
    assert_eq!((&modified["oldValue"], &modified["newValue"]), (&json!("[\"HR\"]"), &json!("[\"People\"]")));
}
