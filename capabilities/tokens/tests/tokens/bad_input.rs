//! Bad input: the protocol's own error, and never a 5xx.

use crate::world::World;
use serde_json::json;

const DIRECTORY: &str = "https://id.example/.default";

async fn refused(world: &World, body: &str, headers: &[(&str, &str)]) -> (u16, u64) {
    let (status, answer) = world.raw(&world.path("token"), body.as_bytes(), headers).await;
    assert!((400..500).contains(&status), "{status} {answer}");
    assert!(
        answer["error"].is_string() && answer["error_description"].as_str().unwrap().starts_with("AADSTS"),
        "{answer}"
    );
    (status, answer["error_codes"][0].as_u64().unwrap())
}

#[tokio::test]
async fn malformed_requests_get_the_protocols_error() {
    let world = World::new().await;
    let form = &[("content-type", "application/x-www-form-urlencoded")][..];
    let secret = format!("client_id={}&client_secret={}", world.seed.blueprint_app, world.seed.secret);
    type Headers<'a> = &'a [(&'a str, &'a str)];
    let cases: [(String, Headers<'_>, (u16, u64)); 10] = [
        (String::new(), form, (400, 900_144)),
        ("%".to_owned(), form, (400, 9_002_313)),
        ("a=1&a=2".to_owned(), form, (400, 9_000_411)),
        ("{}".to_owned(), &[("content-type", "application/json")], (415, 9_002_313)),
        ("grant_type=x".to_owned(), &[], (415, 9_002_313)),
        (format!("grant_type=magic&{secret}"), form, (400, 70_003)),
        (format!("grant_type=client_credentials&{secret}"), form, (400, 900_144)),
        (format!("grant_type=client_credentials&scope=User.Read&{secret}"), form, (400, 1_002_012)),
        (
            format!("grant_type=client_credentials&scope={DIRECTORY}&client_assertion=x&{secret}"),
            form,
            (400, 9_002_324),
        ),
        (format!("grant_type=client_credentials&scope=api://nobody/.default&{secret}"), form, (400, 500_011)),
    ];
    for (body, headers, expected) in cases {
        assert_eq!(refused(&world, &body, headers).await, expected, "{body}");
    }
}

#[tokio::test]
async fn an_oversized_body_is_refused_before_it_is_read() {
    let world = World::new().await;
    let (status, _) = world
        .raw(&world.path("token"), &vec![b'a'; 65 * 1024], &[("content-type", "application/x-www-form-urlencoded")])
        .await;
    assert_eq!(status, 413);
}

#[tokio::test]
async fn assertions_that_are_no_tokens_are_refused() {
    let world = World::new().await;
    let header = |json: &str| crate::world::base64url(json.as_bytes());
    let payload = header(&json!({"iss": world.seed.blueprint_app, "sub": world.seed.blueprint_app}).to_string());
    for bad in [
        "x".to_owned(),
        "a.b.c".to_owned(),
        format!("{}.{payload}.", header(r#"{"alg":"none"}"#)),
        format!("{}.{payload}.AAAA", header(r#"{"alg":"HS256"}"#)),
        format!("{}.{payload}.AAAA", header(r#"{"alg":"ES256","crit":["x"]}"#)),
        format!("{}.{payload}.AAAA", header(r#"{"alg":"ES256","alg":"ES256"}"#)),
        format!("{}.{}.AAAA", header(r#"{"alg":"ES256"}"#), header(r#"{"iss":"a","iss":"b"}"#)),
        "a".repeat(20 * 1024),
    ] {
        let (status, answer) = world.with_assertion_as(world.seed.blueprint_app, &bad).await;
        assert_eq!((status, answer["error_codes"].clone()), (401, json!([700_027])), "{bad:.60}");
    }
    let typed = world.sign_typed("at+jwt", &json!({"iss": world.seed.blueprint_app, "sub": world.seed.blueprint_app}));
    assert_eq!(world.with_assertion(&typed).await.0, 401, "a wrong typ is refused though the signature is good");
}

#[tokio::test]
async fn basic_credentials_work_and_are_challenged() {
    let world = World::new().await;
    let basic = format!(
        "Basic {}",
        crate::world::base64(format!("{}:{}", world.seed.blueprint_app, world.seed.secret).as_bytes())
    );
    let form = [("grant_type", "client_credentials"), ("scope", DIRECTORY)];
    assert_eq!(world.post(&world.path("token"), &form, Some(&basic)).await.0, 200);
    let wrong = format!("Basic {}", crate::world::base64(format!("{}:x", world.seed.blueprint_app).as_bytes()));
    assert_eq!(world.post(&world.path("token"), &form, Some(&wrong)).await.0, 401);
}

#[tokio::test]
async fn a_tenant_that_is_not_here_is_said_so_and_a_domain_names_one() {
    let world = World::new().await;
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", &*world.seed.blueprint_app.to_string()),
        ("client_secret", &*world.seed.secret),
        ("scope", DIRECTORY),
    ];
    let (status, answer) = world.post("/nowhere.example/oauth2/v2.0/token", &form, None).await;
    assert_eq!((status, answer["error_codes"].clone()), (400, json!([90_002])));
    assert_eq!(world.post("/contoso.example/oauth2/v2.0/token", &form, None).await.0, 200);
}

#[tokio::test]
async fn an_expired_secret_is_told_from_a_wrong_one() {
    let world = World::new().await;
    world.clock.advance(std::time::Duration::from_hours(25));
    let (status, answer) = world.token_with_secret(DIRECTORY, &[]).await;
    assert_eq!((status, answer["error_codes"].clone()), (401, json!([7_000_222])));
}
