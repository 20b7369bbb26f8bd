//! What the master key opens, and what lies in the database.

use crate::world::{RSA, World, audit};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use signet_jose::Algorithm::Rs256;
use signet_signing_keys::{MasterRing, TenantKey, rotate_master};

#[tokio::test]
async fn another_master_key_opens_nothing_and_the_failure_names_both() {
    let world = World::new().await;
    let (right, wrong) = (world.master("master.key"), world.master("wrong.key"));
    let names = [right.fingerprint().to_owned(), wrong.fingerprint().to_owned()];
    let refused = world.service(wrong).keys(world.tenant).await.unwrap_err();
    let detail = refused.detail.unwrap();
    assert!(names.iter().all(|name| detail.contains(name)), "{detail}");
}

#[tokio::test]
async fn a_tenant_that_was_not_created_whole_is_named() {
    let world = World::new().await;
    let nobody = world.context.new_tenant_id();
    let refused = world.keys.keys(nobody).await.unwrap_err();
    assert!(refused.detail.unwrap().contains(&nobody.to_string()));
}

#[tokio::test]
async fn rotating_it_rewraps_tenant_keys_alone_and_once() {
    let world = World::new().await;
    world.add_tenant(world.context.new_tenant_id()).await.unwrap();
    let (old, new) = (world.master("master.key"), world.master("new.key"));
    let (before, copy) = (world.keys.list(world.tenant).await.unwrap(), world.published().await);
    assert_eq!(rotate_master(&world.store, &old, &new, |_| audit("rewrapped")).await, Ok(2));
    assert_eq!(rotate_master(&world.store, &old, &new, |_| audit("rewrapped")).await, Ok(0));
    let after = world.keys.list(world.tenant).await.unwrap();
    let versions = |keys: &[signet_store::Object<_>]| keys.iter().map(|key| key.version).collect::<Vec<_>>();
    assert_eq!(versions(&before), versions(&after), "no signing key was written");
    assert!(world.service(old).keys(world.tenant).await.is_err());
    let opened = world.service(new).keys(world.tenant).await.unwrap();
    let text = opened.jwks_json(world.now()).unwrap();
    assert_eq!(signet_jose::JwkSet::parse(text.as_bytes()).unwrap(), copy);
}

#[tokio::test]
async fn while_it_is_rotated_keys_are_used_as_ever() {
    let world = World::new().await;
    let second = world.context.new_tenant_id();
    world.add_tenant(second).await.unwrap();
    let (old, token) = (world.master("master.key"), world.token(Rs256).await);
    // A rotation that came as far as one tenant of two, in a process that serves.
    let halfway = world.service(world.master("master.key"));
    let first = TenantKey::rewrap(&world.store.tenant(world.tenant), &old, &world.master("new.key"), audit("")).await;
    assert_eq!(first, Ok(true));
    assert_eq!(halfway.rotate_master(world.master("new.key"), |_| audit("rewrapped")).await, Ok(1));
    assert_eq!(halfway.master().fingerprint(), world.master("new.key").fingerprint());
    for tenant in [world.tenant, second] {
        halfway.keys(tenant).await.unwrap();
    }
    assert!(world.is_ours(&token).await);
    assert_eq!(halfway.rotate_master(world.master("new.key"), |_| audit("rewrapped")).await, Ok(0));
    let third = world.context.new_tenant_id();
    let scoped = world.store.tenant(third);
    let mut unit = scoped.unit();
    halfway.prepare(third, &mut unit).await.unwrap();
    scoped.commit(unit).await.unwrap();
    world.service(world.master("new.key")).keys(third).await.unwrap();
    assert_eq!(world.audited().await.iter().filter(|text| *text == "rewrapped").count(), 1);
}

#[tokio::test]
async fn nodes_that_rotate_one_after_another_open_what_the_others_have_wrapped() {
    let world = World::new().await;
    let at = [world.path("master.key"), world.path("new.key")];
    world.master("new.key");
    let node = || {
        let both = at.clone();
        let others = move |fingerprint: &str| {
            let keys = both.iter().filter_map(|path| signet_signing_keys::MasterKey::load(path).ok());
            keys.into_iter().find(|key| key.fingerprint() == fingerprint)
        };
        world.ring(MasterRing::new(world.master("master.key"), others))
    };
    let (first, second) = (node(), node());
    let by_second = world.context.new_tenant_id();
    assert_eq!(first.rotate_master(world.master("new.key"), |_| audit("")).await, Ok(1));
    second.keys(world.tenant).await.unwrap();
    let scoped = world.store.tenant(by_second);
    let mut unit = scoped.unit();
    second.prepare(by_second, &mut unit).await.unwrap();
    scoped.commit(unit).await.unwrap();
    first.keys(by_second).await.unwrap();
    assert_eq!(second.rotate_master(world.master("new.key"), |_| audit("")).await, Ok(1), "what was made meanwhile");
    assert_eq!(first.rotate_master(world.master("new.key"), |_| audit("")).await, Ok(0));
    for tenant in [world.tenant, by_second] {
        world.service(world.master("new.key")).keys(tenant).await.unwrap();
    }
}

#[tokio::test]
async fn a_rotation_with_the_wrong_old_key_changes_nothing() {
    let world = World::new().await;
    let wrong = world.master("wrong.key");
    assert!(rotate_master(&world.store, &wrong, &world.master("new.key"), |_| audit("")).await.is_err());
    world.service(world.master("master.key")).keys(world.tenant).await.unwrap();
}

#[tokio::test]
async fn invariant_12_no_private_half_lies_in_the_database() {
    let world = World::new().await;
    world.token(Rs256).await;
    let mut stored = Vec::new();
    for entry in std::fs::read_dir(world.path("")).unwrap() {
        stored.extend(std::fs::read(entry.unwrap().path()).unwrap());
    }
    let lies_there = |needle: &[u8]| stored.windows(needle.len()).any(|window| window == needle);
    let public = world.published().await;
    assert!(lies_there(public.keys()[0].kid().unwrap().as_bytes()), "the search finds what lies there");
    for key in RSA {
        // The private exponent and the primes lie behind the modulus: past the first 400 bytes nothing is public.
        let private = &key[450..900];
        let inside = |text: String| text.as_bytes()[8..120].to_vec();
        assert!(!lies_there(&private[..64]));
        for shift in 0..3 {
            assert!(!lies_there(&inside(STANDARD.encode(&private[shift..]))));
            assert!(!lies_there(&inside(URL_SAFE_NO_PAD.encode(&private[shift..]))));
        }
        assert!(!lies_there(hex::encode(&private[..64]).as_bytes()));
    }
}
