//! What an application says of itself to people: addresses, a publisher; and what its service principal shows of it.

use crate::house::{House, blame, map};
use serde_json::{Value, json};
use signet_directory::http::{Applications, ServicePrincipals};
use signet_directory::{Application, ops};
use signet_graph::{Action, Entity};
use signet_kernel::{Fault, ObjectId};
use signet_store::Id;

async fn shown(house: &House, entity: &dyn Entity, id: ObjectId) -> Value {
    let row = house.tenant.store.read_row(id).await.unwrap().unwrap();
    let mut view = entity.view(&row).unwrap();
    entity.complete(&house.call(), &row, &mut view).await.unwrap();
    Value::Object(view)
}

fn action(house: &House, name: &str) -> Box<dyn Action> {
    let mut actions = Applications::new(house.own.clone()).actions();
    let place = actions.iter().position(|action| action.name() == name).unwrap();
    actions.remove(place)
}

#[tokio::test]
async fn an_address_that_nobody_should_be_sent_to_is_refused_with_its_place() {
    let house = House::open().await;
    for (wrong, place) in [
        (json!({"web": {"redirectUris": ["http://hr.example/back"]}}), "web/redirectUris"),
        (json!({"spa": {"redirectUris": ["https://*.hr.example"]}}), "spa/redirectUris"),
        (json!({"publicClient": {"redirectUris": ["javascript:alert(1)"]}}), "publicClient/redirectUris"),
        (json!({"info": {"termsOfServiceUrl": "terms"}}), "info/termsOfServiceUrl"),
        (json!({"optionalClaims": {"accessToken": [{}]}}), "optionalClaims/accessToken"),
        (
            json!({"api": {"preAuthorizedApplications": [{"appId": "0199a4b0-0000-7000-8000-000000000001",
            "delegatedPermissionIds": ["0199a4b0-0000-7000-8000-000000000002"]}]}}),
            "api",
        ),
    ] {
        let mut body = map(json!({"displayName": "HR"}));
        body.extend(map(wrong.clone()));
        let refused = ops::create_application(&house.call(), &house.own, body).await.unwrap_err();
        assert_eq!(blame(&refused), (Fault::Input, "Request_BadRequest", Some(place)), "{wrong}");
    }
}

#[tokio::test]
async fn a_service_principal_shows_what_its_application_says_of_itself() {
    let house = House::open().await;
    let scope = json!({"id": "0199a4b0-0000-7000-8000-000000000003", "value": "Files.Read", "type": "Admin",
        "isEnabled": true, "adminConsentDisplayName": "Read files"});
    let body = map(json!({
        "displayName": "HR",
        "web": {"redirectUris": ["https://hr.example/back"], "logoutUrl": "https://hr.example/out"},
        "publicClient": {"redirectUris": ["http://localhost"]},
        "info": {"supportUrl": "https://hr.example/help"},
        "api": {"oauth2PermissionScopes": [scope]},
    }));
    let application = ops::create_application(&house.call(), &house.own, body).await.unwrap();
    let app_id = house.tenant.body(Id::<Application>::of(application)).await.app_id;
    let id = ops::create_service_principal(&house.call(), map(json!({"appId": app_id}))).await.unwrap();
    let view = shown(&house, &ServicePrincipals::new(|| &[], Vec::new()), id).await;
    assert_eq!(view["replyUrls"], json!(["https://hr.example/back", "http://localhost"]));
    assert_eq!(view["logoutUrl"], "https://hr.example/out");
    assert_eq!(view["info"]["supportUrl"], "https://hr.example/help");
    assert_eq!(view["oauth2PermissionScopes"][0]["value"], "Files.Read");
    assert_eq!(view["isDisabled"], false);
    assert_eq!(view["createdByAppId"], house.call().caller.app.to_string());
    for list in ["alternativeNames", "keyCredentials", "notificationEmailAddresses", "passwordCredentials", "tags"] {
        assert_eq!(view[list], json!([]), "{list} is never null");
    }
    assert!(view.get("createdBy").is_none() && view.get("application").is_none(), "internal");
}

#[tokio::test]
async fn a_verified_publisher_is_the_tenants_organization_under_the_number_given() {
    let house = House::open().await;
    let id = ops::create_application(&house.call(), &house.own, map(json!({"displayName": "HR"}))).await.unwrap();
    for wrong in [json!({}), json!({"verifiedPublisherId": ""}), json!({"verifiedPublisherId": "a b"})] {
        let refused = action(&house, "setVerifiedPublisher").call(&house.call(), id, map(wrong)).await.unwrap_err();
        assert_eq!(blame(&refused), (Fault::Input, "Request_BadRequest", Some("verifiedPublisherId")));
    }
    let number = map(json!({"verifiedPublisherId": "1234567"}));
    action(&house, "setVerifiedPublisher").call(&house.call(), id, number).await.unwrap();
    let applications = Applications::new(house.own.clone());
    let view = shown(&house, &applications, id).await;
    assert_eq!(view["verifiedPublisher"]["verifiedPublisherId"], "1234567");
    assert!(view["verifiedPublisher"]["displayName"].is_string(), "{view}");
    assert!(view["verifiedPublisher"]["addedDateTime"].is_string());
    assert_eq!(view["web"]["redirectUris"], json!([]));

    action(&house, "unsetVerifiedPublisher").call(&house.call(), id, map(json!({}))).await.unwrap();
    let view = shown(&house, &applications, id).await;
    assert!(view.get("verifiedPublisher").is_none_or(Value::is_null));
}
