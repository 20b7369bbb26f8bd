//! Rotation against real tokens and a real copy of the published keys; the rules alone are tried harder beside them.

use crate::world::{World, audit, verifies};
use proptest::prelude::*;
use signet_jose::Algorithm::Es256;
use signet_jose::JwkSet;
use signet_kernel::Timestamp;
use signet_signing_keys::{JWKS_MAX_AGE, LONGEST_TOKEN};
use std::time::Duration;

#[derive(Debug, Clone)]
enum Step {
    Wait(u64),
    Rotate,
    Revoke,
    Maintain,
    Restart,
    Issue,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => prop::sample::select(vec![20, 580, 3_500, 20 * 24 * 3_600]).prop_map(Step::Wait),
        3 => Just(Step::Rotate),
        1 => Just(Step::Revoke),
        2 => Just(Step::Maintain),
        1 => Just(Step::Restart),
        4 => Just(Step::Issue),
    ]
}

struct Token {
    text: String,
    kid: String,
    expires: Timestamp,
}

/// A resource that keeps a copy of the keys for as long as it may, and fetches one early when it meets a replacement.
struct Resource {
    copy: JwkSet,
    fetched: Timestamp,
}

impl Resource {
    async fn fetch(world: &World) -> Self {
        Self { copy: world.published().await, fetched: world.now() }
    }
}

async fn walk(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let mut world = World::new().await;
    let (mut resource, mut tokens) = (Resource::fetch(&world).await, Vec::<Token>::new());
    for step in steps {
        match step {
            Step::Wait(seconds) => world.wait(Duration::from_secs(seconds)),
            Step::Rotate => drop(world.rotate(Some(Es256)).await),
            Step::Maintain => world.maintain().await,
            Step::Restart => world = world.restarted().await,
            Step::Revoke => {
                let kid = world.signs(Es256).await;
                world.keys.revoke(world.tenant, &kid, audit("")).await.unwrap();
                tokens.retain(|token| token.kid != kid);
                resource = Resource::fetch(&world).await;
            }
            Step::Issue => {
                let (kid, text) = (world.signs(Es256).await, world.token(Es256).await);
                tokens.push(Token { text, kid, expires: world.now().plus(LONGEST_TOKEN) });
            }
        }
        if world.now().since(resource.fetched) >= JWKS_MAX_AGE {
            resource = Resource::fetch(&world).await;
        }
        tokens.retain(|token| world.now() < token.expires);
        for token in &tokens {
            prop_assert!(world.is_ours(&token.text).await, "no published key verifies a token of {}", token.kid);
            prop_assert!(verifies(&resource.copy, &token.text), "no key of the copy verifies one of {}", token.kid);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn invariant_13_every_living_token_verifies_whatever_is_rotated(steps in prop::collection::vec(step(), 1..30)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(walk(steps))?;
    }
}
