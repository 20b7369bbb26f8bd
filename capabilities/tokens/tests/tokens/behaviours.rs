//! Behaviours 21 to 24 and 30 of the compatible token service (entra.md, part a).

use crate::seed::RESOURCE;
use crate::world::World;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;

const EXCHANGE: &str = "api://AzureADTokenExchange/.default";

#[tokio::test]
async fn behaviour_21_a_blueprint_gets_t1_for_its_agent() {
    let world = World::new().await;
    let (status, answer) = world.token_with_secret(EXCHANGE, &[("fmi_path", &world.seed.agent.to_string())]).await;
    assert_eq!(
        (status, answer["token_type"].as_str(), answer["expires_in"].as_i64()),
        (200, Some("Bearer"), Some(600))
    );
    let claims = world.claims(&answer);
    let short = |id: uuid::Uuid| URL_SAFE_NO_PAD.encode(id.to_bytes_le());
    let (tenant, blueprint) = (short(world.seed.tenant.uuid()), short(world.seed.blueprint_app.uuid()));
    assert_eq!(claims["aud"], "fb60f99c-7a34-4190-8149-302f77469936");
    assert_eq!(claims["iss"], format!("https://id.example/{}/v2.0", world.seed.tenant));
    assert_eq!(claims["azp"], world.seed.blueprint_app.to_string());
    assert_eq!(claims["oid"], world.seed.principal.to_string());
    assert_eq!(claims["idtyp"], "app");
    assert_eq!(claims["sub"], format!("/eid1/c/pub/t/{tenant}/a/{blueprint}/{}", world.seed.agent));
}

#[tokio::test]
async fn behaviour_21_the_exchange_scope_is_read_in_every_spelling() {
    let world = World::new().await;
    for scope in ["api://AzureAdTokenExchange/.default", "fb60f99c-7a34-4190-8149-302f77469936/.default"] {
        let (status, _) = world.token_with_secret(scope, &[("fmi_path", &world.seed.agent.to_string())]).await;
        assert_eq!(status, 200, "{scope}");
    }
}

#[tokio::test]
async fn behaviour_22_a_t1_that_names_no_agent_speaks_for_none() {
    let world = World::new().await;
    let (status, answer) = world.token_with_secret(EXCHANGE, &[]).await;
    assert_eq!(status, 200);
    let (status, refused) = world.agent_token(answer["access_token"].as_str().unwrap(), RESOURCE).await;
    assert_eq!((status, refused["error_codes"].clone()), (401, json!([700_213])));
}

#[tokio::test]
async fn behaviour_23_an_agent_gets_own_and_inherited_roles() {
    let world = World::new().await;
    let t1 = world.t1().await;
    let (status, answer) = world.agent_token(&t1, RESOURCE).await;
    assert_eq!((status, answer["expires_in"].as_i64()), (200, Some(900)));
    assert!(answer.get("refresh_token").is_none());
    let claims = world.claims(&answer);
    assert_eq!(claims["roles"], json!(["Orders.Read", "Orders.Write"]));
    let agent = world.seed.agent.to_string();
    assert_eq!([&claims["oid"], &claims["azp"], &claims["sub"]], [&json!(agent); 3]);
    assert_eq!([&claims["xms_act_fct"], &claims["xms_sub_fct"]], [&json!("11"); 2]);
    assert_eq!(claims["xms_par_app_azp"], world.seed.blueprint_app.to_string());
    assert_eq!(
        (claims["aud"].clone(), claims["ver"].clone()),
        (json!(world.seed.resource_app.to_string()), json!("2.0"))
    );
}

#[tokio::test]
async fn behaviour_24_t1_is_no_use_to_another_agent() {
    let world = World::new().await;
    let t1 = world.t1().await;
    let (status, refused) = world.token_as(&world.seed.sibling.to_string(), &t1, RESOURCE).await;
    assert_eq!((status, refused["error_codes"].clone()), (401, json!([700_213])));
    let foreign = [("fmi_path", &*world.seed.agent.to_string())];
    let (status, refused) =
        world.secret_token(world.seed.stranger, &world.seed.stranger_secret, EXCHANGE, &foreign).await;
    assert_eq!((status, refused["error_codes"].clone()), (400, json!([90_023])), "another blueprint's agent");
}

#[tokio::test]
async fn behaviour_30_t1_and_t2_open_no_door() {
    let world = World::new().await;
    let t1 = world.t1().await;
    let (status, t2) = world.agent_token(&t1, "api://AzureADTokenExchange").await;
    assert_eq!(status, 200);
    for token in [t1.as_str(), t2["access_token"].as_str().unwrap()] {
        assert!(world.admit(token).await.is_err(), "the directory API");
        assert_eq!(world.introspect(token).await, json!({"active": false}));
    }
    let (status, _) = world.agent_token(t2["access_token"].as_str().unwrap(), RESOURCE).await;
    assert_eq!(status, 401, "T2 is no client assertion");
}

#[tokio::test]
async fn the_directory_api_takes_its_own_tokens_and_knows_the_caller() {
    let world = World::new().await;
    let (status, answer) = world.token_with_secret("https://id.example/.default", &[]).await;
    assert_eq!(status, 200, "{answer}");
    let caller = world.admit(answer["access_token"].as_str().unwrap()).await.unwrap();
    assert_eq!((caller.kind, caller.app), ("agentIdentityBlueprintPrincipal", world.seed.blueprint_app));
    assert!(caller.holds_any(&["AgentIdentity.CreateAsManager"]));
    let (status, refused) = world.token_with_secret(&format!("{RESOURCE}/.default"), &[]).await;
    assert_eq!((status, refused["error_codes"].clone()), (400, json!([82_001])));
}

#[tokio::test]
async fn row_9_facets_and_idtyp_are_in_every_token_of_an_agent_whether_the_api_asks_for_them_or_not() {
    let world = World::new().await;
    for claims in [json!([]), json!([{"name": "groups"}]), json!([{"name": "idtyp"}, {"name": "xms_act_fct"}])] {
        for version in [None, Some(2), Some(9068)] {
            world.resource_asks_for(version, None).await;
            world.resource_wants_claims(json!({ "accessToken": claims })).await;
            let (status, answer) = world.agent_token(&world.t1().await, RESOURCE).await;
            assert_eq!(status, 200);
            let held = world.claims(&answer);
            assert_eq!([&held["xms_act_fct"], &held["xms_sub_fct"]], [&json!("11"); 2], "{claims} {version:?}");
            assert_eq!((&held["idtyp"], &held["xms_idrel"]), (&json!("app"), &json!("7")), "{claims} {version:?}");
            assert_eq!(held["xms_par_app_azp"], world.seed.blueprint_app.to_string(), "{claims} {version:?}");
        }
    }
}
