//! Who asks, and what the one who asks is told of failures.

use crate::world::World;
use axum::http::Method;
use serde_json::json;

#[tokio::test]
async fn an_unknown_caller_gets_401_with_the_challenge_whatever_it_asks_for() {
    let world = World::new().await;
    for (method, path) in [
        (Method::GET, "/v1.0/documents"),
        (Method::GET, "/v1.0/nothing/at/all"),
        (Method::PUT, "/beta/documents"),
        (Method::POST, "/v1.0/documents"),
    ] {
        let reply = world.ask(method, path).header("authorization", "Bearer x").send().await;
        assert_eq!(reply.error(), (401, "InvalidAuthenticationToken"), "{path}");
        assert_eq!(reply.header("www-authenticate"), "Toy realm=\"x\", claims=\"e30=\"");
    }
    assert!(world.refused.lock().unwrap().is_empty(), "nobody is known to have asked");
}

#[tokio::test]
async fn trouble_while_authenticating_is_no_challenge() {
    let world = World::new().await;
    let reply = world.get("/v1.0/documents").header("authorization", "busy").send().await;
    assert_eq!(reply.error(), (503, "ServiceUnavailable"));
    assert_eq!((reply.header("www-authenticate"), reply.header("retry-after")), ("", "1"));
}

#[tokio::test]
async fn invariant_11_another_tenants_objects_do_not_exist() {
    let world = World::new().await;
    let id = world.document("a").await;
    let path = format!("/v1.0/documents/{id}");
    for ask in [
        world.get(&path),
        world.patch(&path, &json!({"title": "b"})),
        world.delete(&path),
        world.get(&format!("/v1.0/directoryObjects/{id}")),
        world.get(&format!("/v1.0/documents/{id}/notes")),
    ] {
        let reply = ask.in_tenant(world.other).send().await;
        assert_eq!(reply.error(), (404, "Request_ResourceNotFound"));
    }
    assert!(world.get("/v1.0/documents").in_tenant(world.other).send().await.each("id").is_empty());
    assert_eq!(world.get(&path).send().await.body["title"], "a");
}

#[tokio::test]
async fn refused_writes_are_told_of_and_refused_reads_are_not() {
    let world = World::new().await;
    let id = world.document("a").await;
    let path = format!("/v1.0/documents/{id}");
    world.get(&path).with("None").send().await;
    world.delete(&path).with("None").send().await;
    world.post("/v1.0/documents/microsoft.graph.report", &json!({"x": 1})).send().await;
    world.patch("/v1.0/nowhere", &json!({})).send().await;
    assert_eq!(
        *world.refused.lock().unwrap(),
        [
            format!("Robot DELETE {path} document Authorization_RequestDenied"),
            "Robot POST /v1.0/documents/microsoft.graph.report report Request_BadRequest".to_owned(),
            "Robot PATCH /v1.0/nowhere - Request_ResourceNotFound".to_owned(),
        ]
    );
}

#[tokio::test]
async fn an_error_has_the_envelope_that_clients_read() {
    let world = World::new().await;
    let mine = "0d1a2b3c-0000-4000-8000-000000000001";
    let reply = world.get("/v1.0/documents/x").header("client-request-id", mine).send().await;
    assert_eq!(reply.header("client-request-id"), mine);
    let mut body = reply.body.clone();
    assert_eq!(body["error"]["innerError"]["request-id"], reply.header("request-id"));
    body["error"]["innerError"]["request-id"] = "[id]".into();
    insta::assert_json_snapshot!(body, @r#"
    {
      "error": {
        "code": "Request_BadRequest",
        "message": "Invalid object identifier 'x'; it is a GUID.",
        "target": "id",
        "details": [
          {
            "code": "Request_BadRequest",
            "message": "Invalid object identifier 'x'; it is a GUID.",
            "target": "id"
          }
        ],
        "innerError": {
          "date": "2026-11-21T10:00:00Z",
          "request-id": "[id]",
          "client-request-id": "0d1a2b3c-0000-4000-8000-000000000001"
        }
      }
    }
    "#);
}
