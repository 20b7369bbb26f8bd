//! A change of a blueprint's credentials raises an alert, and has a second approver where the organization says so.

use crate::house::{Application, House, Pair};
use serde_json::json;
use signet_alerts::Alert;
use signet_credentials::approval::{APPROVAL_REQUIRED, ApprovalSetting, CredentialChangeRequest};
use signet_credentials::http::CredentialChangeRequests;
use signet_credentials::ops::{Verdict, decide_change};
use signet_credentials::{FederatedTerms, NewPassword, ops};
use signet_graph::{Call, Entity};
use signet_kernel::{Failure, Fault, ObjectId};
use signet_store::{Id, Kind, ListQuery, Liveness};
use signet_tenants::Tenant;
use signet_testkit::TestCaller;
use std::time::Duration;

async fn require_approval(house: &House) {
    let found = house.tenant.store.find(Tenant::id(house.tenant.id())).await.unwrap().unwrap();
    let mut body = found.body.clone();
    body.other.insert(ApprovalSetting::MEMBER.to_owned(), json!({"isRequired": true, "expiresAfterHours": 24}));
    let mut unit = house.tenant.store.unit();
    unit.update(&found, &body);
    house.tenant.store.commit(unit).await.unwrap();
}

async fn all<K: Kind>(house: &House) -> Vec<(ObjectId, K)> {
    let query = ListQuery { kinds: vec![K::NAME], liveness: Liveness::Live, after: None, limit: 100, index: None };
    let page = house.tenant.store.list(query).await.unwrap();
    page.items.iter().map(|row| (row.id, serde_json::from_slice(&row.body).unwrap())).collect()
}

fn admin(house: &House, name: u128) -> Call {
    let id = ObjectId::from_uuid(uuid::Uuid::from_u128(name));
    house.tenant.call_by(TestCaller::of_kind("user", id))
}

fn waits(failure: &Failure) -> ObjectId {
    assert_eq!((failure.fault, failure.code.as_ref()), (Fault::Conflict, APPROVAL_REQUIRED));
    let request = &failure.violations.as_ref().unwrap().0[0];
    assert_eq!(request.rule, "secondApprover");
    assert!(failure.message.contains(&format!("POST /directory/credentialChangeRequests/{}/approve", request.target)));
    request.target.parse().unwrap()
}

async fn add(house: &House, call: &Call, holder: ObjectId, name: &str) -> Result<(), Failure> {
    let _ = house;
    let new = NewPassword { display_name: Some(name.to_owned()), ..NewPassword::default() };
    ops::add_password::<Application>(call, holder, &new).await.map(drop)
}

#[tokio::test]
async fn row_23_every_change_of_a_blueprints_credentials_raises_an_alert() {
    let house = House::open().await;
    let (call, holder, pair, next) = (house.call(), house.holder().await, Pair::new(), Pair::new());
    house.give(holder, &pair).await;
    let terms = FederatedTerms {
        name: Some("ci".to_owned()),
        issuer: Some("https://idp.example".to_owned()),
        subject: Some("repo".to_owned()),
        audiences: Some(vec!["api://signet".to_owned()]),
        description: None,
    };
    let proof = house.proof(holder, &pair, json!({}));
    let own = &house.own;
    add(&house, &call, holder, "ci").await.unwrap();
    let password = house.body(holder).await.password_credentials[0].key_id;
    ops::remove_password::<Application>(&call, holder, password).await.unwrap();
    let key = ops::add_key::<Application>(&call, holder, &next.entry(), &proof).await.unwrap().key_id;
    ops::remove_key::<Application>(&call, holder, key, &proof).await.unwrap();
    let federated = ops::add_federated_credential::<Application>(&call, own, holder, &terms).await.unwrap();
    let other = FederatedTerms { subject: Some("other".to_owned()), ..FederatedTerms::default() };
    ops::change_federated_credential::<Application>(&call, own, holder, federated, &other).await.unwrap();
    ops::remove_federated_credential::<Application>(&call, holder, federated).await.unwrap();

    let alerts = all::<Alert>(&house).await;
    assert_eq!(alerts.len(), 7);
    for (_, alert) in &alerts {
        assert_eq!((alert.category.as_str(), alert.subject), ("blueprintCredentialChanged", holder));
        assert!(alert.description.contains("'HR' by 'Test caller'"), "{}", alert.description);
    }
    let audits = house.tenant.audits().await;
    assert_eq!(audits.iter().filter(|audit| audit.text("/body/Category") == "SecurityAlert").count(), 7);
}

#[tokio::test]
async fn row_23_where_the_organization_says_so_another_administrator_approves_first() {
    let house = House::open().await;
    require_approval(&house).await;
    let (ann, bob, holder) = (admin(&house, 1), admin(&house, 2), house.holder().await);
    let request = waits(&add(&house, &ann, holder, "ci").await.unwrap_err());
    assert!(house.body(holder).await.password_credentials.is_empty(), "nothing is changed yet");
    assert_eq!(waits(&add(&house, &ann, holder, "ci").await.unwrap_err()), request, "asking again asks the same");
    let row = house.tenant.store.read_row(request).await.unwrap().unwrap();
    let shown = CredentialChangeRequests.view(&row).unwrap();
    assert_eq!(
        (&shown["status"], &shown["action"], &shown["blueprintId"]),
        (&json!("pending"), &json!("addPassword"), &json!(holder))
    );

    decide_change(&bob, request, Verdict::Approve).await.unwrap();
    assert_ne!(waits(&add(&house, &bob, holder, "ci").await.unwrap_err()), request, "approved for who asked alone");
    assert_ne!(waits(&add(&house, &ann, holder, "other").await.unwrap_err()), request, "and for that change alone");
    add(&house, &ann, holder, "ci").await.unwrap();
    assert_ne!(waits(&add(&house, &ann, holder, "ci").await.unwrap_err()), request, "once");
    assert_eq!(house.body(holder).await.password_credentials.len(), 1);
    let alerts = all::<Alert>(&house).await;
    let done: Vec<_> = alerts.iter().filter(|(_, alert)| alert.category == "blueprintCredentialChanged").collect();
    assert_eq!(done.len(), 1);
    assert!(done[0].1.description.ends_with("approved by 'Test caller'."), "{}", done[0].1.description);
    let activities: Vec<String> = house.tenant.audits().await.iter().map(|audit| audit.activity().to_owned()).collect();
    for wanted in ["Request", "Approve"] {
        let name = format!("{wanted} change of agent blueprint credentials");
        assert!(activities.contains(&name), "{name}");
    }
}

#[tokio::test]
async fn row_23_nobody_approves_their_own_request_and_agents_approve_none() {
    let house = House::open().await;
    require_approval(&house).await;
    let (ann, bob, holder) = (admin(&house, 1), admin(&house, 2), house.holder().await);
    let request = waits(&add(&house, &ann, holder, "ci").await.unwrap_err());
    let own = decide_change(&ann, request, Verdict::Approve).await.unwrap_err();
    assert_eq!(own.fault, Fault::Rights);
    for kind in ["agentIdentity", "agentUser", "agentIdentityBlueprintPrincipal"] {
        let agent = TestCaller::of_kind(kind, house.tenant.store.context().new_object_id()).below(holder);
        let call = house.tenant.call_by(agent.with_roles(&["AgentIdentityBlueprint.AddRemoveCreds.All"]));
        for verdict in [Verdict::Approve, Verdict::Deny] {
            assert_eq!(decide_change(&call, request, verdict).await.unwrap_err().fault, Fault::Rights, "{kind}");
        }
    }
    // Nor does the client that it asked through, which whoever holds its secret speaks for.
    let mut client = TestCaller::application();
    client.app = ann.caller.app;
    let through = decide_change(&house.tenant.call_by(client), request, Verdict::Approve).await.unwrap_err();
    assert_eq!(through.fault, Fault::Rights);
    decide_change(&bob, request, Verdict::Deny).await.unwrap();
    assert_eq!(decide_change(&bob, request, Verdict::Approve).await.unwrap_err().fault, Fault::Conflict);
    let again = waits(&add(&house, &ann, holder, "ci").await.unwrap_err());
    assert_ne!(again, request, "a denied request is over");
    decide_change(&ann, again, Verdict::Deny).await.unwrap();
}

#[tokio::test]
async fn row_23_a_request_and_an_approval_expire() {
    let house = House::open().await;
    require_approval(&house).await;
    let (ann, bob, holder) = (admin(&house, 1), admin(&house, 2), house.holder().await);
    let late = waits(&add(&house, &ann, holder, "ci").await.unwrap_err());
    house.tenant.clock.advance(Duration::from_hours(24));
    assert_eq!(decide_change(&bob, late, Verdict::Approve).await.unwrap_err().fault, Fault::Conflict);
    let unused = waits(&add(&house, &ann, holder, "ci").await.unwrap_err());
    decide_change(&bob, unused, Verdict::Approve).await.unwrap();
    house.tenant.clock.advance(Duration::from_hours(24));
    assert_ne!(waits(&add(&house, &ann, holder, "ci").await.unwrap_err()), unused);
    assert!(house.body(holder).await.password_credentials.is_empty());
}

#[tokio::test]
async fn row_23_removal_and_a_blueprints_own_new_key_wait_too_and_requests_keep_no_secret() {
    let house = House::open().await;
    let (ann, bob, holder, pair, next) =
        (admin(&house, 1), admin(&house, 2), house.holder().await, Pair::new(), Pair::new());
    house.give(holder, &pair).await;
    add(&house, &ann, holder, "ci").await.unwrap();
    require_approval(&house).await;
    let password = house.body(holder).await.password_credentials[0].clone();
    let remove = async || ops::remove_password::<Application>(&ann, holder, password.key_id).await;
    let request = waits(&remove().await.unwrap_err());
    decide_change(&bob, request, Verdict::Approve).await.unwrap();
    remove().await.unwrap();
    assert!(house.body(holder).await.password_credentials.is_empty());

    let own = TestCaller::of_kind("agentIdentityBlueprintPrincipal", holder).below(holder);
    let own = house.tenant.call_by(own);
    let proof = house.proof(holder, &pair, json!({}));
    let add_key = async || ops::add_key::<Application>(&own, holder, &next.entry(), &proof).await.map(drop);
    let request = waits(&add_key().await.unwrap_err());
    decide_change(&bob, request, Verdict::Approve).await.unwrap();
    add_key().await.unwrap();
    assert_eq!(house.body(holder).await.key_credentials.len(), 2);
    for (id, _) in all::<CredentialChangeRequest>(&house).await {
        let row = house.tenant.store.read_row(id).await.unwrap().unwrap();
        let text = String::from_utf8(row.body).unwrap();
        assert!(!text.contains("hash") && !text.contains(&serde_json::to_string(&password.hash).unwrap()));
    }
}

#[tokio::test]
async fn row_23_another_person_at_the_same_client_approves_and_a_request_goes_with_its_blueprint() {
    let house = House::open().await;
    require_approval(&house).await;
    let (ann, holder) = (admin(&house, 1), house.holder().await);
    let request = waits(&add(&house, &ann, holder, "ci").await.unwrap_err());
    let mut bob = TestCaller::of_kind("user", ObjectId::from_uuid(uuid::Uuid::from_u128(2)));
    bob.app = ann.caller.app;
    decide_change(&house.tenant.call_by(bob), request, Verdict::Approve).await.unwrap();
    let found = house.tenant.store.find(Id::<Application>::of(holder)).await.unwrap().unwrap();
    let mut unit = house.tenant.store.unit();
    unit.delete(&found, uuid::Uuid::from_u128(9));
    house.tenant.store.commit(unit).await.unwrap();
    assert!(add(&house, &ann, holder, "ci").await.is_err(), "there is nothing to add it to");
    assert!(all::<CredentialChangeRequest>(&house).await.is_empty());
}
