//! Metadata, keys, and introspection's silence.

use crate::seed::RESOURCE;
use crate::world::World;
use serde_json::json;

#[tokio::test]
async fn rfc8414_all_forms_answer_alike() {
    let world = World::new().await;
    let tenant = world.seed.tenant;
    let mut documents = Vec::new();
    for path in [
        format!("/{tenant}/v2.0/.well-known/openid-configuration"),
        format!("/.well-known/openid-configuration/{tenant}/v2.0"),
        format!("/.well-known/oauth-authorization-server/{tenant}/v2.0"),
        "/contoso.example/v2.0/.well-known/openid-configuration".to_owned(),
        format!("/dstsv2/{tenant}/.well-known/openid-configuration"),
    ] {
        let (status, document) = world.get(&path).await;
        assert_eq!(status, 200, "{path}");
        documents.push(document);
    }
    assert!(documents.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(documents[0]["issuer"], format!("https://id.example/{tenant}/v2.0"));
    assert_eq!(documents[0]["token_endpoint"], world.endpoint("token"));
    assert_eq!(world.get("/nowhere.example/v2.0/.well-known/openid-configuration").await.0, 400);
}

#[tokio::test]
async fn invariant_13_every_token_verifies_with_a_published_key() {
    let world = World::new().await;
    let (status, keys) = world.get(&format!("/{}/discovery/v2.0/keys", world.seed.tenant)).await;
    assert_eq!(status, 200);
    let published = signet_jose::JwkSet::parse(keys.to_string().as_bytes()).unwrap();
    for token in [world.t1().await, world.access_token().await] {
        let options = signet_jose::ReadOptions { max_bytes: 8192, padding: signet_jose::Padding::Forbidden };
        let jws = signet_jose::UnverifiedJws::parse(&token, options).unwrap();
        let key = published.find(jws.header().kid.as_deref().unwrap()).unwrap();
        let rule = signet_jose::TypRule::only(&["JWT"]);
        jws.verify(key.key(), &signet_jose::Algorithm::ALL, &rule).unwrap();
    }
}

#[tokio::test]
async fn invariant_15_what_is_advertised_works() {
    let world = World::new().await;
    let (_, metadata) = world.get(&format!("/{}/v2.0/.well-known/openid-configuration", world.seed.tenant)).await;
    for member in ["token_endpoint", "introspection_endpoint", "jwks_uri", "authorization_endpoint"] {
        let path = metadata[member].as_str().unwrap().strip_prefix("https://id.example").unwrap().to_owned();
        let (get, _) = world.get(&path).await;
        let (post, _) = world.post(&path, &[], None).await;
        assert!(get != 404 && post != 404, "{member}");
    }
}

#[tokio::test]
async fn rfc7662_a_resource_learns_of_its_own_tokens_alone() {
    let world = World::new().await;
    let token = world.access_token().await;
    let answer = world.introspect(&token).await;
    assert_eq!(
        (answer["active"].clone(), answer["client_id"].clone()),
        (json!(true), json!(world.seed.agent.to_string()))
    );
    assert_eq!(answer["roles"], json!(["Orders.Read", "Orders.Write"]));
    let damaged = format!("{token}AAAA");
    assert_eq!(world.introspect(&damaged).await, json!({"active": false}));
    let (_, directory) = world.token_with_secret("https://id.example/.default", &[]).await;
    assert_eq!(world.introspect(directory["access_token"].as_str().unwrap()).await, json!({"active": false}));
    let form = [("token", token.as_str())];
    assert_eq!(world.post(&world.path("introspect"), &form, None).await.0, 400, "nobody asks anonymously");
    world.clock.advance(std::time::Duration::from_mins(15));
    assert_eq!(world.introspect(&token).await, json!({"active": false}));
}

#[tokio::test]
async fn the_resource_alone_chooses_the_shape() {
    let world = World::new().await;
    for (version, typ, algorithm) in
        [(None, "JWT", "RS256"), (Some(2), "JWT", "RS256"), (Some(9068), "at+jwt", "ES256")]
    {
        world.resource_asks_for(version, Some(30)).await;
        let t1 = world.t1().await;
        let (status, answer) = world.agent_token(&t1, RESOURCE).await;
        assert_eq!((status, answer["expires_in"].clone()), (200, json!(1_800)));
        let header = world.header(&answer);
        assert_eq!((header["typ"].clone(), header["alg"].clone()), (json!(typ), json!(algorithm)), "{version:?}");
        let claims = world.claims(&answer);
        assert_eq!([&claims["xms_act_fct"], &claims["xms_sub_fct"]], [&json!("11"); 2]);
        match version {
            None => assert_eq!((&claims["aud"], &claims["ver"]), (&json!(RESOURCE), &json!("1.0"))),
            Some(2) => assert_eq!(claims["azp"], world.seed.agent.to_string()),
            _ => assert_eq!(
                (&claims["client_id"], &claims["aud"]),
                (&json!(world.seed.agent.to_string()), &json!(RESOURCE))
            ),
        }
    }
}
