use crate::house::{House, blame, map, user};
use serde_json::json;
use signet_directory::http::Users;
use signet_directory::{User, ops};
use signet_graph::Entity;
use signet_kernel::Fault;
use signet_store::Id;

#[tokio::test]
async fn a_person_has_a_name_a_sign_in_name_and_no_password() {
    let house = House::open().await;
    for (member, value) in [
        ("displayName", json!(" ")),
        ("displayName", json!("x".repeat(257))),
        ("userPrincipalName", json!("ann")),
        ("userPrincipalName", json!("@contoso.example")),
        ("userPrincipalName", json!("ann@")),
        ("userPrincipalName", json!("a b@contoso.example")),
        ("userPrincipalName", json!("a@b@c")),
        ("mailNickname", json!("a@b")),
        ("passwordProfile", json!({"password": "x"})),
        ("userType", json!("Robot")),
        ("ageGroup", json!("minor")),
        ("usageLocation", json!("de")),
        ("businessPhones", json!(["1", "2"])),
    ] {
        let mut body = user("ann");
        body.insert(member.to_owned(), value.clone());
        let refused = ops::create_user(&house.call(), body).await.unwrap_err();
        assert_eq!(blame(&refused), (Fault::Input, "Request_BadRequest", Some(member)), "{value}");
    }
    for member in ["displayName", "userPrincipalName", "accountEnabled"] {
        let mut body = user("ann");
        body.shift_remove(member);
        let refused = ops::create_user(&house.call(), body).await.unwrap_err();
        assert!(refused.fault == Fault::Input && refused.message.contains(member), "{}", refused.message);
    }
    assert!(house.tenant.audits().await.is_empty());
}

#[tokio::test]
async fn a_sign_in_name_belongs_to_one_person_without_regard_to_case() {
    let house = House::open().await;
    house.user("ann").await;
    let refused = ops::create_user(&house.call(), user("ANN")).await.unwrap_err();
    assert_eq!(refused.fault, Fault::Conflict);
}

#[tokio::test]
async fn members_that_decide_nothing_are_kept_and_shown() {
    let house = House::open().await;
    let mut body = user("ann");
    body.insert("jobTitle".to_owned(), json!("Head of HR"));
    let id = ops::create_user(&house.call(), body).await.unwrap();
    ops::update_user(&house.call(), id, map(json!({"department": "HR"}))).await.unwrap();
    let row = house.tenant.store.read_row(id).await.unwrap().unwrap();
    let view = Users.view(&row).unwrap();
    assert_eq!((&view["jobTitle"], &view["department"]), (&json!("Head of HR"), &json!("HR")));
    ops::update_user(&house.call(), id, map(json!({"jobTitle": null}))).await.unwrap();
    let person = house.tenant.body(Id::<User>::of(id)).await;
    assert!(!person.other.contains_key("jobTitle") && person.other.contains_key("department"));
}

#[tokio::test]
async fn invariant_1_disabling_a_person_voids_what_they_hold_and_enabling_revives_nothing() {
    let house = House::open().await;
    let id = house.user("ann").await;
    let before = house.tenant.store.revocation();
    ops::update_user(&house.call(), id, map(json!({"accountEnabled": false}))).await.unwrap();
    let revoked = house.tenant.store.find(Id::<User>::of(id)).await.unwrap().unwrap().revoked;
    assert!(revoked > before);
    ops::update_user(&house.call(), id, map(json!({"accountEnabled": true}))).await.unwrap();
    assert_eq!(house.tenant.store.find(Id::<User>::of(id)).await.unwrap().unwrap().revoked, revoked);
}

#[tokio::test]
async fn if_match_is_compared_again_when_the_operation_runs() {
    let house = House::open().await;
    let id = house.user("ann").await;
    let mut call = house.call();
    call.if_match = Some(7);
    let refused = ops::update_user(&call, id, map(json!({"department": "HR"}))).await.unwrap_err();
    assert_eq!(refused.fault, Fault::Precondition);
    call.if_match = Some(1);
    ops::update_user(&call, id, map(json!({"department": "HR"}))).await.unwrap();
}

#[tokio::test]
async fn personal_values_of_a_person_lie_beside_the_audit_entry() {
    let house = House::open().await;
    house.user("ann").await;
    let audits = house.tenant.audits().await;
    assert_eq!(audits[0].activity(), "Add user");
    let columns = audits[0].json["body"].to_string();
    assert!(!columns.contains("ann@contoso.example"), "{columns}");
    assert!(audits[0].json["personal"].to_string().contains("ann@contoso.example"));
}
