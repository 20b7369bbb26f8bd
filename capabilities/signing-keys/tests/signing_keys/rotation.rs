//! Keys that come and go by command and by time.

use crate::world::{World, audit, verifies};
use signet_jose::Algorithm::{Es256, Rs256};
use signet_signing_keys::schedule::{JWKS_MAX_AGE, LEEWAY, LONGEST_TOKEN, MARGIN};
use std::collections::BTreeSet;
use std::time::Duration;

const PERIOD: Duration = Duration::from_hours(90 * 24);

fn until_it_signs() -> Duration {
    JWKS_MAX_AGE + MARGIN
}

fn until_it_retires() -> Duration {
    LONGEST_TOKEN + LEEWAY
}

#[tokio::test]
async fn the_first_keys_of_a_tenant_sign_at_once_and_say_what_they_are_for() {
    let world = World::new().await;
    let copy = world.published().await;
    assert_eq!(copy.keys().len(), 2);
    for algorithm in [Es256, Rs256] {
        let token = world.token(algorithm).await;
        assert!(verifies(&copy, &token) && world.is_ours(&token).await);
        // SPEC: RFC 7638: the id is the thumbprint
        let kid = world.signs(algorithm).await;
        assert_eq!(copy.find(&kid).unwrap().key().thumbprint(), kid);
    }
    let text = world.keys.keys(world.tenant).await.unwrap().jwks_json(world.now()).unwrap();
    for key in serde_json::from_str::<serde_json::Value>(&text).unwrap()["keys"].as_array().unwrap() {
        assert_eq!(key["use"], "sig");
        assert_eq!(key["kty"], if key["alg"] == "RS256" { "RSA" } else { "EC" });
    }
}

#[tokio::test]
async fn of_two_preparations_of_one_tenant_at_once_one_is_refused_whole() {
    let world = World::new().await;
    let tenant = world.context.new_tenant_id();
    let (one, other) = tokio::join!(world.add_tenant(tenant), world.add_tenant(tenant));
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    assert_eq!(world.keys.list(tenant).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_successor_is_published_first_signs_by_time_alone_and_the_old_key_leaves_by_time_alone() {
    let world = World::new().await;
    let old = world.signs(Rs256).await;
    let [new] = world.rotate(Some(Rs256)).await.try_into().unwrap();
    assert_eq!(world.signs(Rs256).await, old);
    assert!(world.published().await.find(&new).is_some());
    world.wait(until_it_signs() - Duration::from_micros(1));
    assert_eq!(world.signs(Rs256).await, old);
    let last = world.token(Rs256).await;
    world.wait(Duration::from_micros(1));
    assert_eq!(world.signs(Rs256).await, new);
    world.wait(until_it_retires() - Duration::from_micros(1));
    assert!(verifies(&world.published().await, &last) && world.is_ours(&last).await);
    world.wait(Duration::from_micros(1));
    assert!(world.published().await.find(&old).is_none() && !world.is_ours(&last).await);
    assert_eq!(world.audited().await, ["rotated"]);
}

#[tokio::test]
async fn a_restart_finds_the_same_keys() {
    let world = World::new().await;
    world.rotate(Some(Es256)).await;
    let (token, copy) = (world.token(Es256).await, world.published().await);
    let world = world.restarted().await;
    assert_eq!(world.published().await, copy);
    assert!(world.is_ours(&token).await);
}

#[tokio::test]
async fn when_the_period_is_over_each_key_gets_one_successor_though_two_look_at_once() {
    let world = World::new().await;
    world.maintain().await;
    assert_eq!(world.keys.list(world.tenant).await.unwrap().len(), 2, "nothing is due yet");
    world.wait(PERIOD);
    let other = world.service(world.master("master.key"));
    let entry = |_, kids: &[String]| audit(&kids.join(" "));
    let (one, two) = tokio::join!(world.keys.maintain(entry), other.maintain(entry));
    assert_eq!((one, two), (Ok(()), Ok(())));
    world.maintain().await;
    let keys = world.keys.list(world.tenant).await.unwrap();
    assert_eq!(keys.len(), 4);
    let [audited] = world.audited().await.try_into().unwrap();
    let kids = |keys: &[signet_store::Object<signet_signing_keys::SigningKey>]| {
        keys.iter().map(|key| key.body.kid.clone()).collect::<BTreeSet<_>>()
    };
    assert_eq!(audited.split(' ').map(str::to_owned).collect::<BTreeSet<_>>(), kids(&keys[2..]));
}

#[tokio::test]
async fn the_private_half_is_forgotten_when_the_key_is_retired_and_not_before() {
    let world = World::new().await;
    world.rotate(None).await;
    let with_private_half = async || {
        let keys = world.keys.list(world.tenant).await.unwrap();
        keys.iter().filter(|key| key.body.private.is_some()).count()
    };
    world.wait(until_it_signs() + until_it_retires() - Duration::from_micros(1));
    world.maintain().await;
    assert_eq!(with_private_half().await, 4);
    world.wait(Duration::from_micros(1));
    world.maintain().await;
    assert_eq!(with_private_half().await, 2);
    assert!(world.is_ours(&world.token(Es256).await).await);
}

#[tokio::test]
async fn a_tenant_whose_keys_do_not_open_keeps_no_other_waiting() {
    let world = World::new().await;
    let foreign = world.context.new_tenant_id();
    let scoped = world.store.tenant(foreign);
    let mut unit = scoped.unit();
    world.service(world.master("other.key")).prepare(foreign, &mut unit).await.unwrap();
    scoped.commit(unit).await.unwrap();
    world.wait(PERIOD);
    let refused = world.keys.maintain(|_, _| audit("")).await.unwrap_err();
    assert!(refused.detail.unwrap().contains(&foreign.to_string()));
    assert_eq!(world.keys.list(foreign).await.unwrap().len(), 2);
    assert_eq!(world.keys.list(world.tenant).await.unwrap().len(), 4);
}
