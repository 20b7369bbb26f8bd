//! Client assertions: a certificate's key, an outside issuer.

use crate::world::{World, assertion_form};
use serde_json::{Value, json};
use signet_blueprints::Blueprint;
use signet_credentials::KeyCredential;
use signet_jose::Algorithm;
use signet_store::Id;

const DIRECTORY: &str = "https://id.example/.default";

fn claims(world: &World) -> Value {
    let app = world.seed.blueprint_app;
    let now = world.now();
    json!({
        "iss": app, "sub": app, "aud": world.endpoint("token"), "jti": "1",
        // As MSAL for Python sends them.
        "iat": f64::from(u32::try_from(now).unwrap()) + 0.25, "exp": f64::from(u32::try_from(now).unwrap()) + 600.5,
    })
}

async fn number(world: &World, claims: &Value) -> u64 {
    let (status, answer) = world.with_assertion(&world.signed(claims)).await;
    assert!((400..500).contains(&status), "{status} {answer}");
    answer["error_codes"][0].as_u64().unwrap()
}

#[tokio::test]
async fn rfc7523_a_certificate_authenticates_by_an_assertion_for_endpoint_or_issuer() {
    let world = World::new().await;
    for audience in [world.endpoint("token"), format!("https://id.example/{}/v2.0", world.seed.tenant)] {
        let mut claims = claims(&world);
        claims["aud"] = json!(audience);
        let (status, answer) = world.with_assertion(&world.signed(&claims)).await;
        assert_eq!(status, 200, "{answer}");
        assert_eq!(world.claims(&answer)["azpacr"], "2");
    }
    let form = assertion_form(&world.signed(&claims(&world)), DIRECTORY);
    let without_client_id: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let (status, _) = world.post(&world.path("token"), &without_client_id, None).await;
    assert_eq!(status, 200, "client_id comes from the subject");
}

#[tokio::test]
async fn rfc7523_audience_time_and_parties_are_checked() {
    let world = World::new().await;
    let with = |name: &str, value: Value| {
        let mut claims = claims(&world);
        claims[name] = value;
        claims
    };
    let now = world.now();
    let endpoint = world.endpoint("token");
    for (claims, expected) in [
        (with("aud", json!([endpoint, "https://other.example"])), 700_023),
        (with("aud", json!("https://id.example/")), 700_023),
        (with("aud", json!(endpoint.to_uppercase())), 700_023),
        (with("exp", json!(now - 61)), 700_024),
        (with("exp", json!(now + 3_700)), 700_024),
        (with("nbf", json!(now + 120)), 700_024),
        (with("iss", json!(world.seed.stranger)), 700_021),
    ] {
        assert_eq!(number(&world, &claims).await, expected, "{claims}");
    }
    let mut eternal = claims(&world);
    eternal.as_object_mut().unwrap().remove("exp");
    assert_eq!(number(&world, &eternal).await, 700_024);
}

#[tokio::test]
async fn an_assertion_repeats_until_exp_unless_the_application_wants_each_once() {
    let world = World::new().await;
    let assertion = world.signed(&claims(&world));
    assert_eq!(world.with_assertion(&assertion).await.0, 200);
    assert_eq!(world.with_assertion(&assertion).await.0, 200, "MSAL sends the same one again");
    let blueprint = Id::<Blueprint>::of(world.seed.blueprint);
    world.change(blueprint, |body| body.application.single_use_assertions = true).await;
    assert_eq!(world.with_assertion(&assertion).await.0, 200);
    let (status, refused) = world.with_assertion(&assertion).await;
    assert_eq!((status, refused["error_codes"].clone()), (401, json!([70_002])));
}

#[tokio::test]
async fn a_certificate_out_of_its_time_authenticates_nobody() {
    for (from, to) in [((2020, 1, 1), (2026, 1, 1)), ((2027, 1, 1), (2028, 1, 1))] {
        let world = World::new().await;
        let (key, der) = crate::seed::certificate(from, to);
        let credential =
            KeyCredential::from_certificate(uuid::Uuid::from_u128(5), None, &crate::world::base64(&der)).unwrap();
        world
            .change(Id::<Blueprint>::of(world.seed.blueprint), |body| {
                body.application.key_credentials = vec![credential.clone()];
            })
            .await;
        let assertion = crate::world::sign(&key, &claims(&world), &[]);
        let (status, refused) = world.with_assertion(&assertion).await;
        assert_eq!((status, refused["error_codes"].clone()), (401, json!([700_027])));
    }
}

#[tokio::test]
async fn a_key_that_is_not_the_clients_authenticates_nobody() {
    let world = World::new().await;
    let (key, _) = crate::seed::certificate((2026, 1, 1), (2027, 1, 1));
    let (status, refused) = world.with_assertion(&crate::world::sign(&key, &claims(&world), &[])).await;
    assert_eq!((status, refused["error_codes"].clone()), (401, json!([700_027])));
}

#[tokio::test]
async fn an_outside_subject_is_trusted_to_the_letter() {
    let world = World::new().await;
    let outside = world.outside_issuer().await;
    let claims = |subject: &str, audience: Value| json!({"iss": outside.issuer, "sub": subject, "aud": audience, "exp": world.now() + 300});
    let attempt = |claims: Value| {
        let assertion = outside.sign(&claims);
        let world = &world;
        async move {
            let (status, answer) = world.with_assertion_as(world.seed.blueprint_app, &assertion).await;
            if status == 200 { 0 } else { answer["error_codes"][0].as_u64().unwrap() }
        }
    };
    assert_eq!(attempt(claims("pod-1", json!("api://signet"))).await, 70_025, "no federated credential yet");
    world.trust(&outside, "pod-1", "api://signet").await;
    assert_eq!(attempt(claims("pod-1", json!("api://signet"))).await, 0);
    assert_eq!(attempt(claims("POD-1", json!("api://signet"))).await, 700_213);
    assert_eq!(attempt(claims("pod-1", json!("api://other"))).await, 700_212);
    assert_eq!(attempt(claims("pod-1", json!(["api://signet", "api://other"]))).await, 700_212);
    let mut elsewhere = claims("pod-1", json!("api://signet"));
    elsewhere["iss"] = json!("https://elsewhere.example");
    assert_eq!(attempt(elsewhere).await, 700_211);
    let mut expired = claims("pod-1", json!("api://signet"));
    expired["exp"] = json!(world.now() - 61);
    assert_eq!(attempt(expired).await, 700_024);
}

#[tokio::test]
async fn no_token_of_this_deployment_speaks_for_a_blueprint() {
    let world = World::new().await;
    for token in [world.t1().await, world.access_token().await] {
        let (status, refused) = world.with_assertion_as(world.seed.blueprint_app, &token).await;
        assert_eq!((status, refused["error_codes"].clone()), (401, json!([700_211])));
    }
}

#[test]
fn the_test_signer_signs_as_clients_do() {
    let (key, _) = crate::seed::certificate((2026, 1, 1), (2027, 1, 1));
    let signer = signet_jose::SigningKey::from_pkcs8(Algorithm::Es256, &key.serialize_der());
    assert!(signer.is_ok());
}
