use crate::house::{Application, House, blame};
use serde_json::json;
use signet_credentials::http::FederatedCredentials;
use signet_credentials::{FederatedIdentityCredential, FederatedTerms, ops};
use signet_graph::Contained;
use signet_kernel::{Failure, Fault, ObjectId};
use signet_store::Id;

fn terms(name: &str, subject: &str) -> FederatedTerms {
    FederatedTerms {
        name: Some(name.to_owned()),
        issuer: Some("https://idp.example".to_owned()),
        subject: Some(subject.to_owned()),
        audiences: Some(vec!["api://signet".to_owned()]),
        description: None,
    }
}

async fn add(house: &House, holder: ObjectId, terms: &FederatedTerms) -> Result<ObjectId, Failure> {
    ops::add_federated_credential::<Application>(&house.call(), &house.own, holder, terms).await
}

async fn change(house: &House, holder: ObjectId, id: ObjectId, terms: FederatedTerms) -> Result<(), Failure> {
    ops::change_federated_credential::<Application>(&house.call(), &house.own, holder, id, &terms).await
}

#[tokio::test]
async fn this_deployments_own_tokens_authenticate_nobody() {
    let house = House::open().await;
    let holder = house.holder().await;
    let issuer = format!("https://ID.example:443/{}/v2.0", house.tenant.id());
    let own = FederatedTerms { issuer: Some(issuer), ..terms("ci", "repo") };
    assert_eq!(blame(&add(&house, holder, &own).await.unwrap_err()), (Fault::Input, Some("issuer")));
    let id = add(&house, holder, &terms("ci", "repo")).await.unwrap();
    let own = FederatedTerms { issuer: own.issuer, ..FederatedTerms::default() };
    assert_eq!(blame(&change(&house, holder, id, own).await.unwrap_err()), (Fault::Input, Some("issuer")));
}

#[tokio::test]
async fn name_and_subject_are_unique_on_one_holder() {
    let house = House::open().await;
    let holder = house.holder().await;
    add(&house, holder, &terms("ci", "repo")).await.unwrap();
    for (taken, target) in [(terms("ci", "other"), "name"), (terms("cd", "repo"), "subject")] {
        assert_eq!(blame(&add(&house, holder, &taken).await.unwrap_err()), (Fault::Conflict, Some(target)));
    }
    add(&house, holder, &terms("cd", "REPO")).await.unwrap();
}

#[tokio::test]
async fn a_subject_of_another_holder_is_refused_unless_the_tenant_allows_it() {
    let house = House::open().await;
    let (first, second) = (house.holder().await, house.holder().await);
    let id = add(&house, first, &terms("ci", "repo")).await.unwrap();
    let refused = add(&house, second, &terms("ci", "repo")).await.unwrap_err();
    assert_eq!(blame(&refused), (Fault::Conflict, Some("subject")));
    let moved = add(&house, second, &terms("ci", "other")).await.unwrap();
    let to_taken = FederatedTerms { subject: Some("repo".to_owned()), ..FederatedTerms::default() };
    assert_eq!(change(&house, second, moved, to_taken.clone()).await.unwrap_err().fault, Fault::Conflict);
    house.allow_sharing().await;
    change(&house, second, moved, to_taken).await.unwrap();
    assert!(house.tenant.body(Id::<FederatedIdentityCredential>::of(moved)).await.shared);
    assert!(!house.tenant.body(Id::<FederatedIdentityCredential>::of(id)).await.shared);
}

#[tokio::test]
async fn a_holder_has_at_most_twenty() {
    let house = House::open().await;
    let holder = house.holder().await;
    for number in 0..20 {
        add(&house, holder, &terms(&format!("n{number}"), &format!("s{number}"))).await.unwrap();
    }
    assert_eq!(add(&house, holder, &terms("n20", "s20")).await.unwrap_err().fault, Fault::Input);
}

#[tokio::test]
async fn removing_one_ends_its_tokens_and_frees_its_name_and_subject_at_once() {
    let house = House::open().await;
    let (holder, other) = (house.holder().await, house.holder().await);
    let id = add(&house, holder, &terms("ci", "repo")).await.unwrap();
    let foreign = ops::remove_federated_credential::<Application>(&house.call(), other, id).await.unwrap_err();
    assert_eq!(foreign.fault, Fault::NotFound);
    let before = house.tenant.store.revocation();
    ops::remove_federated_credential::<Application>(&house.call(), holder, id).await.unwrap();
    assert!(house.tenant.store.revocation() > before);
    assert!(house.tenant.store.read_row(id).await.unwrap().is_none());
    let again = add(&house, holder, &terms("ci", "repo")).await.unwrap();
    assert_ne!(again, id);
}

#[tokio::test]
async fn whoever_is_no_longer_trusted_keeps_no_token() {
    let house = House::open().await;
    let holder = house.holder().await;
    let id = add(&house, holder, &terms("ci", "repo")).await.unwrap();
    let revoked =
        async || house.tenant.store.find(Id::<FederatedIdentityCredential>::of(id)).await.unwrap().unwrap().revoked;
    let before = revoked().await;
    let described = FederatedTerms { description: Some("x".to_owned()), ..FederatedTerms::default() };
    change(&house, holder, id, described).await.unwrap();
    assert_eq!(revoked().await, before, "a description trusts nobody else");
    let moved = FederatedTerms { subject: Some("other".to_owned()), ..FederatedTerms::default() };
    change(&house, holder, id, moved).await.unwrap();
    assert!(revoked().await > before);
    let renamed = FederatedTerms { name: Some("other".to_owned()), ..FederatedTerms::default() };
    assert_eq!(blame(&change(&house, holder, id, renamed).await.unwrap_err()), (Fault::Input, Some("name")));
}

#[tokio::test]
async fn the_audience_that_everybody_shares_is_taken_with_a_warning() {
    let house = House::open().await;
    let holder = house.holder().await;
    let collection = FederatedCredentials::<Application>::new(house.own.clone(), &[]);
    let body = json!({
        "@odata.type": "#microsoft.graph.federatedIdentityCredential",
        "name": "ci", "issuer": "https://idp.example", "subject": "repo", "description": null,
        "audiences": ["api://AzureADTokenExchange"],
    });
    let id = collection.create(&house.call(), holder, body.as_object().unwrap().clone()).await.unwrap();
    let view = collection.view(&house.tenant.store.read_row(id).await.unwrap().unwrap()).unwrap();
    assert!(view["warnings"][0].as_str().unwrap().contains("shared"));
    let audits = house.tenant.audits().await;
    assert_eq!(audits[0].activity(), "Update application");
    assert!(audits[0].json["body"]["AdditionalDetails"].to_string().contains("Warning"));

    let own = FederatedTerms { audiences: Some(vec!["api://signet".to_owned()]), ..FederatedTerms::default() };
    change(&house, holder, id, own).await.unwrap();
    let view = collection.view(&house.tenant.store.read_row(id).await.unwrap().unwrap()).unwrap();
    assert!(!view.contains_key("warnings") && !view.contains_key("holder") && !view.contains_key("shared"));
    let unknown = json!({"name": "x", "claimsMatchingExpression": {}});
    let refused = collection.create(&house.call(), holder, unknown.as_object().unwrap().clone()).await.unwrap_err();
    assert!(refused.message.contains("claimsMatchingExpression"));
}
