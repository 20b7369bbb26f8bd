use crate::house::{Application, House, Pair};
use serde_json::json;
use signet_credentials::{FederatedTerms, NewPassword, ops};
use signet_kernel::Fault;
use signet_testkit::TestCaller;
use uuid::Uuid;

fn terms() -> FederatedTerms {
    FederatedTerms {
        name: Some("ci".to_owned()),
        issuer: Some("https://idp.example".to_owned()),
        subject: Some("repo".to_owned()),
        audiences: Some(vec!["api://signet".to_owned()]),
        description: None,
    }
}

#[tokio::test]
async fn a_blueprint_does_not_arm_itself_except_by_add_key_with_proof() {
    let house = House::open().await;
    let (blueprint, pair, new) = (house.holder().await, Pair::new(), Pair::new());
    let held = house.give(blueprint, &pair).await.key_id;
    let caller = TestCaller::of_kind("agentIdentityBlueprintPrincipal", blueprint).below(blueprint);
    let call = house.tenant.call_by(caller);
    let proof = house.proof(blueprint, &pair, json!({}));
    let none = NewPassword::default();
    let own = &house.own;
    let refused = [
        ops::add_password::<Application>(&call, blueprint, &none).await.map(drop),
        ops::remove_password::<Application>(&call, blueprint, Uuid::nil()).await,
        ops::remove_key::<Application>(&call, blueprint, held, &proof).await,
        ops::add_federated_credential::<Application>(&call, own, blueprint, &terms()).await.map(drop),
    ];
    for refused in refused {
        assert_eq!(refused.unwrap_err().fault, Fault::Rights);
    }
    ops::add_key::<Application>(&call, blueprint, &new.entry(), &proof).await.unwrap();

    let other = house.holder().await;
    house.give(other, &Pair::new()).await;
    let foreign = ops::add_key::<Application>(&call, other, &Pair::new().entry(), &proof).await.unwrap_err();
    assert_eq!(foreign.fault, Fault::Rights, "its proof is for itself");
    ops::add_password::<Application>(&call, other, &none).await.unwrap();
}

#[tokio::test]
async fn an_agent_changes_no_credentials_whatever_it_holds() {
    let house = House::open().await;
    let (blueprint, other, pair) = (house.holder().await, house.holder().await, Pair::new());
    house.give(blueprint, &pair).await;
    let caller = TestCaller::of_kind("agentIdentity", house.tenant.store.context().new_object_id()).below(blueprint);
    let call = house.tenant.call_by(caller.with_roles(&["Application.ReadWrite.All"]));
    let proof = house.proof(blueprint, &pair, json!({}));
    let none = NewPassword::default();
    for refused in [
        ops::add_key::<Application>(&call, blueprint, &Pair::new().entry(), &proof).await.map(drop),
        ops::add_password::<Application>(&call, blueprint, &none).await.map(drop),
        ops::add_password::<Application>(&call, other, &none).await.map(drop),
        ops::add_federated_credential::<Application>(&call, &house.own, other, &terms()).await.map(drop),
    ] {
        assert_eq!(refused.unwrap_err().fault, Fault::Rights);
    }
}
