//! `signet keys revoke KID --compromised`: the one exception to invariant 13.

use crate::world::{World, audit, verifies};
use signet_jose::Algorithm::{Es256, Rs256};
use signet_kernel::Fault;
use signet_signing_keys::schedule::{JWKS_MAX_AGE, MARGIN};

#[tokio::test]
async fn a_key_that_does_not_exist_or_is_withdrawn_is_not_withdrawn_again() {
    let world = World::new().await;
    let unknown = world.keys.revoke(world.tenant, "unknown", audit("")).await.unwrap_err();
    assert_eq!(unknown.fault, Fault::NotFound);
    let kid = world.signs(Es256).await;
    world.keys.revoke(world.tenant, &kid, audit("revoked")).await.unwrap();
    let again = world.keys.revoke(world.tenant, &kid, audit("again")).await.unwrap_err();
    assert_eq!(again.fault, Fault::Conflict);
    assert_eq!(world.keys.list(world.tenant).await.unwrap().len(), 3);
    assert_eq!(world.audited().await, ["revoked"]);
}

#[tokio::test]
async fn a_key_of_another_tenant_is_not_found() {
    let world = World::new().await;
    let other = world.context.new_tenant_id();
    world.add_tenant(other).await.unwrap();
    let kid = world.signs(Es256).await;
    let refused = world.keys.revoke(other, &kid, audit("")).await.unwrap_err();
    assert_eq!(refused.fault, Fault::NotFound);
    assert_eq!(world.signs(Es256).await, kid);
}

#[tokio::test]
async fn it_leaves_at_once_its_tokens_are_void_and_a_replacement_signs_at_once() {
    let world = World::new().await;
    let (kid, token, untouched) = (world.signs(Es256).await, world.token(Es256).await, world.token(Rs256).await);
    let before = world.store.tenant(world.tenant).revocation();
    let replacement = world.keys.revoke(world.tenant, &kid, audit("revoked")).await.unwrap();
    assert_eq!(world.signs(Es256).await, replacement);
    let copy = world.published().await;
    assert!(copy.find(&kid).is_none() && !verifies(&copy, &token) && !world.is_ours(&token).await);
    assert!(verifies(&copy, &world.token(Es256).await));
    assert!(world.is_ours(&untouched).await);
    assert!(world.store.tenant(world.tenant).revocation() > before, "what was being decided must not leave");
    let keys = world.keys.list(world.tenant).await.unwrap();
    let withdrawn = keys.iter().find(|key| key.body.kid == kid).unwrap();
    assert_eq!((withdrawn.body.compromised, &withdrawn.body.private), (Some(world.now()), &None));
    let world = world.restarted().await;
    assert_eq!(world.signs(Es256).await, replacement);
}

#[tokio::test]
async fn one_that_does_not_sign_is_withdrawn_without_a_replacement() {
    let world = World::new().await;
    let old = world.signs(Es256).await;
    let [coming] = world.rotate(Some(Es256)).await.try_into().unwrap();
    assert_eq!(world.keys.revoke(world.tenant, &coming, audit("")).await.unwrap(), old);
    let [new] = world.rotate(Some(Es256)).await.try_into().unwrap();
    world.wait(JWKS_MAX_AGE + MARGIN);
    assert_eq!(world.signs(Es256).await, new, "the withdrawn key never had its turn");
    assert_eq!(world.keys.revoke(world.tenant, &old, audit("")).await.unwrap(), new);
    assert_eq!(world.keys.list(world.tenant).await.unwrap().len(), 4);
}

#[tokio::test]
async fn two_at_once_withdraw_it_once() {
    let world = World::new().await;
    let kid = world.signs(Rs256).await;
    let revoke = || world.keys.revoke(world.tenant, &kid, audit("revoked"));
    let (one, other) = tokio::join!(revoke(), revoke());
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    assert_eq!(world.keys.list(world.tenant).await.unwrap().len(), 3);
    assert_eq!(world.audited().await, ["revoked"]);
}
