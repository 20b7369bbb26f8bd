//! The invariants that the token path keeps.

use crate::seed::RESOURCE;
use crate::world::World;
use serde_json::json;
use signet_agents::AgentIdentity;
use signet_blueprints::{Blueprint, BlueprintPrincipal};
use signet_directory::ServicePrincipal;
use signet_kernel::{AppId, ObjectId};
use signet_store::Id;
use signet_tenants::Tenant;

#[tokio::test]
async fn invariant_1_nothing_is_issued_to_or_under_what_is_disabled() {
    let world = World::new().await;
    let t1 = world.t1().await;
    let agent = ObjectId::from_uuid(world.seed.agent.uuid());
    type Switch = fn(&World) -> futures_util::future::BoxFuture<'_, ()>;
    let switches: [(&str, Switch); 4] = [
        ("tenant", |world| Box::pin(world.change(Tenant::id(world.seed.tenant), |body| body.enabled = false))),
        ("blueprint", |world| {
            Box::pin(
                world.change(Id::<Blueprint>::of(world.seed.blueprint), |body| body.application.is_disabled = true),
            )
        }),
        ("principal", |world| {
            Box::pin(
                world.change(Id::<BlueprintPrincipal>::of(world.seed.principal), |body| body.account_enabled = false),
            )
        }),
        ("resource", |world| {
            Box::pin(world.change(Id::<ServicePrincipal>::of(world.seed.resource), |body| body.account_enabled = false))
        }),
    ];
    for (what, switch) in switches {
        let world = World::new().await;
        let t1 = world.t1().await;
        switch(&world).await;
        let (status, answer) = world.agent_token(&t1, RESOURCE).await;
        assert!(status >= 400 && answer.get("access_token").is_none(), "{what}: {answer}");
    }
    world.change(Id::<AgentIdentity>::of(agent), |body| body.account_enabled = false).await;
    assert_eq!(world.agent_token(&t1, RESOURCE).await.0, 401);
    let path = [("fmi_path", &*world.seed.agent.to_string())];
    let (status, refused) = world.token_with_secret("api://AzureADTokenExchange/.default", &path).await;
    assert_eq!((status, refused["error_codes"].clone()), (400, json!([7_000_112])));
    let path = [("fmi_path", &*world.seed.sibling.to_string())];
    assert_eq!(
        world.token_with_secret("api://AzureADTokenExchange/.default", &path).await.0,
        200,
        "its sibling is not touched"
    );
}

#[tokio::test]
async fn invariant_1_enabling_again_revives_nothing() {
    let world = World::new().await;
    let (t1, token) = (world.t1().await, world.access_token().await);
    assert_eq!(world.introspect(&token).await["active"], true);
    let principal = Id::<BlueprintPrincipal>::of(world.seed.principal);
    world.change(principal, |body| body.account_enabled = false).await;
    assert_eq!(world.introspect(&token).await, json!({"active": false}));
    world.change(principal, |body| body.account_enabled = true).await;
    assert_eq!(world.introspect(&token).await, json!({"active": false}));
    assert_eq!(world.agent_token(&t1, RESOURCE).await.0, 401);
    let fresh = world.access_token().await;
    assert_eq!(world.introspect(&fresh).await["active"], true);
}

#[tokio::test]
async fn invariant_1_removing_a_credential_ends_what_came_from_it() {
    let world = World::new().await;
    let token = world.access_token().await;
    let secret = world.seed.secret_id;
    world
        .change(Id::<Blueprint>::of(world.seed.blueprint), |body| {
            body.application.password_credentials.retain(|kept| kept.key_id != secret);
        })
        .await;
    assert_eq!(world.introspect(&token).await, json!({"active": false}));
}

#[tokio::test]
async fn invariant_1_a_federated_credential_that_trusts_somebody_else_voids_what_came_from_it() {
    let world = World::new().await;
    let outside = world.outside_issuer().await;
    let credential = world.trust(&outside, "pod-1", "api://signet").await;
    let claims = json!({"iss": outside.issuer, "sub": "pod-1", "aud": "api://signet", "exp": world.now() + 300});
    let (status, answer) = world.with_assertion_as(world.seed.blueprint_app, &outside.sign(&claims)).await;
    assert_eq!(status, 200, "{answer}");
    let token = answer["access_token"].as_str().unwrap();
    assert!(world.admit(token).await.is_ok());
    world.change(credential, |body| body.subject = "pod-2".to_owned()).await;
    assert!(world.admit(token).await.unwrap_err().contains("insufficient_claims"), "a claims challenge");
}

#[tokio::test]
async fn invariant_2_every_request_is_in_the_record_when_its_answer_leaves() {
    let world = World::new().await;
    let (_, granted) = world.token_with_secret("https://id.example/.default", &[]).await;
    let uti = world.claims(&granted)["uti"].as_str().unwrap().to_owned();
    let (status, _) = world.secret_token(world.seed.blueprint_app, "wrong", "https://id.example/.default", &[]).await;
    assert_eq!(status, 401);
    let records = world.sign_ins().await;
    assert_eq!(records.len(), 2);
    assert_eq!(records[0]["ResultType"], "7000215");
    assert_eq!((&records[1]["ResultType"], &records[1]["UniqueTokenIdentifier"]), (&json!("0"), &json!(uti)));
}

#[tokio::test]
async fn invariant_4_the_record_names_the_whole_chain() {
    let world = World::new().await;
    world.access_token().await;
    let record = world.sign_ins().await.remove(0);
    assert_eq!(record["ServicePrincipalId"], world.seed.agent.to_string());
    assert_eq!(record["ServicePrincipalName"], "Agent-One");
    let agent: serde_json::Value = serde_json::from_str(record["Agent"].as_str().unwrap()).unwrap();
    assert_eq!(agent["agentType"], "agenticAppInstance");
    assert_eq!(agent["parentAppId"], world.seed.blueprint_app.to_string());
    assert_eq!(record["ResourceServicePrincipalId"], world.seed.resource.to_string());
}

#[tokio::test]
async fn invariant_6_an_agent_has_no_secret_of_its_own() {
    let world = World::new().await;
    let (status, refused) =
        world.secret_token(world.seed.agent, &world.seed.secret, &format!("{RESOURCE}/.default"), &[]).await;
    assert_eq!((status, refused["error_codes"].clone()), (401, json!([7_000_216])));
}

#[tokio::test]
async fn invariant_11_another_tenant_knows_neither_client_nor_token() {
    let world = World::new().await;
    let other = crate::seed::seed(&world.store, "fabrikam.example").await;
    world.prepare_keys(other.tenant).await;
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", &*world.seed.blueprint_app.to_string()),
        ("client_secret", &*world.seed.secret),
        ("scope", "https://id.example/.default"),
    ];
    let (status, refused) = world.post(&format!("/{}/oauth2/v2.0/token", other.tenant), &form, None).await;
    assert_eq!((status, refused["error_codes"].clone()), (400, json!([700_016])));
    let t1 = world.t1().await;
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", &*other.agent.to_string()),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", &*t1),
        ("scope", "api://orders/.default"),
    ];
    let (status, _) = world.post(&format!("/{}/oauth2/v2.0/token", other.tenant), &form, None).await;
    assert_eq!(status, 401);
    let unknown = AppId::from_uuid(uuid::Uuid::from_u128(9));
    let (_, never_was) = world.secret_token(unknown, "x", "https://id.example/.default", &[]).await;
    assert_eq!(never_was["error_codes"], json!([700_016]), "as unknown as one that never was");
}

#[tokio::test]
async fn a_flood_of_unauthenticated_requests_becomes_counts() {
    let world = World::new().await;
    for _ in 0..650 {
        let (status, _) = world.token_with_secret("https://id.example/.default", &[("client_assertion", "x")]).await;
        assert_eq!(status, 400);
    }
    world.record_counts().await;
    let counted: Vec<_> =
        world.sign_ins_of("9002324").await.into_iter().filter(|record| record.get("RequestCount").is_some()).collect();
    assert_eq!(counted.len(), 1);
    assert_eq!(counted[0]["RequestCount"], 50);
}

#[tokio::test]
async fn guessing_is_slowed_down_and_asking_on_after_a_kill_is_not() {
    let world = World::new().await;
    let t1 = world.t1().await;
    world.change(Id::<BlueprintPrincipal>::of(world.seed.principal), |body| body.account_enabled = false).await;
    for _ in 0..250 {
        assert_eq!(world.agent_token(&t1, RESOURCE).await.0, 401);
    }
    let guess = || world.secret_token(world.seed.blueprint_app, "guess", "https://id.example/.default", &[]);
    let mut statuses = Vec::new();
    for _ in 0..250 {
        statuses.push(guess().await.0);
    }
    assert_eq!((statuses[0], statuses[249]), (401, 429));
}
