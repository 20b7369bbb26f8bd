use crate::house::{House, blame, map};
use serde_json::json;
use signet_directory::http::ServicePrincipals;
use signet_directory::{AppRole, Application, DIRECTORY_APP_ID, ServicePrincipal, ServicePrincipalType, ops};
use signet_graph::Entity;
use signet_kernel::{AppId, Fault, ObjectId};
use signet_store::Id;

fn directory_roles() -> &'static [AppRole] {
    &[]
}

async fn application(house: &House) -> (ObjectId, AppId) {
    let body = map(json!({"displayName": "HR", "identifierUris": ["https://hr.example"]}));
    let id = ops::create_application(&house.call(), &house.own, body).await.unwrap();
    (id, house.tenant.body(Id::<Application>::of(id)).await.app_id)
}

async fn principal(house: &House) -> ObjectId {
    let (_, app_id) = application(house).await;
    ops::create_service_principal(&house.call(), map(json!({"appId": app_id}))).await.unwrap()
}

#[tokio::test]
async fn a_service_principal_belongs_to_an_application_of_this_tenant_once() {
    let house = House::open().await;
    let unknown = json!({"appId": "0199a4b0-0000-7000-8000-000000000001"});
    let refused = ops::create_service_principal(&house.call(), map(unknown)).await.unwrap_err();
    assert_eq!(blame(&refused), (Fault::Input, "NoBackingApplicationObject", Some("appId")));
    for malformed in [json!({}), json!({"appId": 1}), json!({"appId": "x"})] {
        let refused = ops::create_service_principal(&house.call(), map(malformed)).await.unwrap_err();
        assert_eq!(blame(&refused), (Fault::Input, "Request_BadRequest", Some("appId")));
    }
    let (_, app_id) = application(&house).await;
    let body = map(json!({"appId": app_id}));
    ops::create_service_principal(&house.call(), body.clone()).await.unwrap();
    let twice = ops::create_service_principal(&house.call(), body).await.unwrap_err();
    assert_eq!(twice.fault, Fault::Conflict);
}

#[tokio::test]
async fn what_its_application_defines_is_derived_when_asked() {
    let house = House::open().await;
    let (application, app_id) = application(&house).await;
    let id = ops::create_service_principal(&house.call(), map(json!({"appId": app_id}))).await.unwrap();
    let patch = map(json!({"displayName": "People"}));
    ops::update_application(&house.call(), &house.own, application, patch).await.unwrap();
    let row = house.tenant.store.read_row(id).await.unwrap().unwrap();
    let entity = ServicePrincipals::new(directory_roles, Vec::new());
    let mut view = entity.view(&row).unwrap();
    assert!(!view.contains_key("application"), "internal");
    entity.complete(&house.call(), &row, &mut view).await.unwrap();
    assert_eq!(view["appDisplayName"], "People");
    assert_eq!(view["servicePrincipalNames"], json!(["https://hr.example", app_id.to_string()]));
    assert_eq!(view["appOwnerOrganizationId"], house.tenant.id().to_string());
    assert_eq!(view["servicePrincipalType"], "Application");
}

#[tokio::test]
async fn invariant_1_disabling_a_service_principal_voids_what_it_holds_and_enabling_revives_nothing() {
    let house = House::open().await;
    let id = principal(&house).await;
    let before = house.tenant.store.revocation();
    ops::update_service_principal(&house.call(), id, map(json!({"accountEnabled": false}))).await.unwrap();
    let revoked = house.tenant.store.find(Id::<ServicePrincipal>::of(id)).await.unwrap().unwrap().revoked;
    assert!(revoked > before);
    ops::update_service_principal(&house.call(), id, map(json!({"accountEnabled": true}))).await.unwrap();
    assert_eq!(house.tenant.store.find(Id::<ServicePrincipal>::of(id)).await.unwrap().unwrap().revoked, revoked);
}

#[tokio::test]
async fn its_app_id_stays() {
    let house = House::open().await;
    let id = principal(&house).await;
    let patch = map(json!({"appId": "0199a4b0-0000-7000-8000-000000000001"}));
    let refused = ops::update_service_principal(&house.call(), id, patch).await.unwrap_err();
    assert_eq!(blame(&refused).2, Some("appId"));
}

#[tokio::test]
async fn the_directory_apis_own_principal_is_neither_disabled_nor_deleted() {
    let house = House::open().await;
    let directory = ServicePrincipal {
        app_id: DIRECTORY_APP_ID,
        application: None,
        display_name: "Signet".to_owned(),
        account_enabled: true,
        app_role_assignment_required: false,
        service_principal_type: ServicePrincipalType::Application,
        other: serde_json::Map::new(),
    };
    let id = house.tenant.put(&directory).await.object();
    let off = map(json!({"accountEnabled": false}));
    assert_eq!(ops::update_service_principal(&house.call(), id, off).await.unwrap_err().fault, Fault::Rights);
    assert_eq!(ops::delete_service_principal(&house.call(), id).await.unwrap_err().fault, Fault::Rights);
    ops::update_service_principal(&house.call(), id, map(json!({"notes": "x"}))).await.unwrap();
}
