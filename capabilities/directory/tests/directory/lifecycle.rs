use crate::house::{House, map};
use serde_json::json;
use signet_credentials::{FederatedIdentityCredential, FederatedTerms};
use signet_directory::{Application, ServicePrincipal, User, ops};
use signet_kernel::{Fault, ObjectId};
use signet_store::Id;

async fn application_with_all(house: &House) -> (ObjectId, ObjectId, ObjectId) {
    let id = ops::create_application(&house.call(), &house.own, map(json!({"displayName": "HR"}))).await.unwrap();
    let app_id = house.tenant.body(Id::<Application>::of(id)).await.app_id;
    let principal = ops::create_service_principal(&house.call(), map(json!({"appId": app_id}))).await.unwrap();
    let terms = FederatedTerms {
        name: Some("ci".to_owned()),
        issuer: Some("https://idp.example".to_owned()),
        subject: Some("repo".to_owned()),
        audiences: Some(vec!["api://signet".to_owned()]),
        description: None,
    };
    let call = house.call();
    let federated = signet_credentials::ops::add_federated_credential::<Application>(&call, &house.own, id, &terms);
    (id, principal, federated.await.unwrap())
}

#[tokio::test]
async fn invariant_8_deleting_an_application_takes_along_what_hangs_off_it_and_restoring_brings_it_back() {
    let house = House::open().await;
    let (id, principal, federated) = application_with_all(&house).await;
    let alive = async || {
        let store = &house.tenant.store;
        let principal = store.find(Id::<ServicePrincipal>::of(principal)).await.unwrap();
        let federated = store.find(Id::<FederatedIdentityCredential>::of(federated)).await.unwrap();
        (principal.is_some(), federated.is_some())
    };
    let before = house.tenant.store.revocation();
    ops::delete::<Application>(&house.call(), id).await.unwrap();
    assert_eq!(alive().await, (false, false));
    ops::restore::<Application>(&house.call(), id).await.unwrap();
    assert_eq!(alive().await, (true, true));
    let restored = house.tenant.store.find(Id::<ServicePrincipal>::of(principal)).await.unwrap().unwrap();
    assert!(restored.revoked > before, "restoring revives no token");
    let names: Vec<_> = house.tenant.audits().await.iter().map(|audit| audit.activity().to_owned()).collect();
    assert!(names.ends_with(&["Delete application".to_owned(), "Restore application".to_owned()]));
}

#[tokio::test]
async fn only_what_is_deleted_is_restored_or_purged() {
    let house = House::open().await;
    let id = house.user("ann").await;
    for refused in [ops::restore::<User>(&house.call(), id).await, ops::purge::<User>(&house.call(), id).await] {
        assert_eq!(refused.unwrap_err().fault, Fault::NotFound);
    }
    assert_eq!(ops::delete::<Application>(&house.call(), id).await.unwrap_err().fault, Fault::NotFound);
    ops::delete_user(&house.call(), id).await.unwrap();
    assert_eq!(ops::create_user(&house.call(), crate::house::user("ann")).await.unwrap_err().fault, Fault::Conflict);
    ops::purge::<User>(&house.call(), id).await.unwrap();
    assert_eq!(ops::restore::<User>(&house.call(), id).await.unwrap_err().fault, Fault::NotFound);
    house.user("ann").await;
}
