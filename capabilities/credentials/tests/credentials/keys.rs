use crate::house::{Application, House, Pair};
use serde_json::json;
use signet_credentials::ops;
use signet_kernel::{Fault, ObjectId};
use std::time::Duration;
use uuid::Uuid;

async fn add(house: &House, holder: ObjectId, new: &Pair, proof: &str) -> Result<Uuid, signet_kernel::Failure> {
    let added = ops::add_key::<Application>(&house.call(), holder, &new.entry(), proof).await?;
    Ok(added.key_id)
}

#[tokio::test]
async fn a_proof_is_fresh_about_the_holder_and_signed_with_a_certificate_it_has() {
    let house = House::open().await;
    let (holder, other, pair, new) = (house.holder().await, house.holder().await, Pair::new(), Pair::new());
    let unarmed = add(&house, holder, &new, &house.proof(holder, &pair, json!({}))).await.unwrap_err();
    assert!(unarmed.message.contains("no certificate"), "{}", unarmed.message);
    house.give(holder, &pair).await;
    let now = house.now();
    for claims in [
        json!({"aud": "00000003-0000-0000-c000-000000000000"}),
        json!({"aud": ["00000002-0000-0000-c000-000000000000", "x"]}),
        json!({"iss": other.to_string()}),
        json!({"iss": null}),
        json!({"nbf": now - 10, "exp": now + 591}),
        json!({"nbf": now - 700, "exp": now - 100}),
        json!({"nbf": now + 100, "exp": now + 200}),
        json!({"exp": now + 700}),
    ] {
        let refused = add(&house, holder, &new, &house.proof(holder, &pair, claims.clone())).await.unwrap_err();
        assert_eq!((refused.fault, refused.target.as_deref()), (Fault::Input, Some("proof")), "{claims}");
    }
    for proof in ["", "a.b.c", &house.proof(holder, &new, json!({}))] {
        assert_eq!(add(&house, holder, &new, proof).await.unwrap_err().target.as_deref(), Some("proof"));
    }
    assert_eq!(house.body(holder).await.key_credentials.len(), 1);
}

#[tokio::test]
async fn a_proof_with_a_certificate_that_is_over_is_refused() {
    let house = House::open().await;
    let (holder, pair, new) = (house.holder().await, Pair::new(), Pair::new());
    house.give(holder, &pair).await;
    house.tenant.clock.advance(Duration::from_secs(2 * 366 * 86_400));
    let proof = house.proof(holder, &pair, json!({}));
    assert_eq!(add(&house, holder, &new, &proof).await.unwrap_err().target.as_deref(), Some("proof"));
}

#[tokio::test]
async fn a_client_rolls_its_own_certificate() {
    let house = House::open().await;
    let (holder, old, new) = (house.holder().await, Pair::new(), Pair::new());
    let first = house.give(holder, &old).await.key_id;
    let second = add(&house, holder, &new, &house.proof(holder, &old, json!({}))).await.unwrap();
    let twice = add(&house, holder, &new, &house.proof(holder, &old, json!({}))).await.unwrap_err();
    assert_eq!(twice.fault, Fault::Input, "it holds this one already");
    let before = house.tenant.store.revocation();
    let proof = house.proof(holder, &new, json!({}));
    let unknown = ops::remove_key::<Application>(&house.call(), holder, Uuid::nil(), &proof).await.unwrap_err();
    assert_eq!(unknown.fault, Fault::NotFound);
    ops::remove_key::<Application>(&house.call(), holder, first, &proof).await.unwrap();
    assert!(house.tenant.store.revocation() > before);
    let left = house.body(holder).await.key_credentials;
    assert_eq!(left.iter().map(|key| key.key_id).collect::<Vec<_>>(), [second]);
    let stale = house.proof(holder, &old, json!({}));
    assert!(add(&house, holder, &Pair::new(), &stale).await.is_err(), "a removed certificate proves nothing");
}
