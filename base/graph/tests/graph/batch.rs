//! `$batch`.

use crate::world::{BASE, World};
use serde_json::{Value, json};

async fn statuses(world: &World, requests: Value) -> Vec<(String, u64)> {
    let reply = world.post("/v1.0/$batch", &json!({"requests": requests})).send().await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let one = |answer: &Value| (answer["id"].as_str().unwrap().to_owned(), answer["status"].as_u64().unwrap());
    reply.body["responses"].as_array().unwrap().iter().map(one).collect()
}

fn get(id: &str, url: &str) -> Value {
    json!({"id": id, "method": "GET", "url": url})
}

#[tokio::test]
async fn a_batch_that_is_none_is_refused() {
    let world = World::new().await;
    let many: Vec<Value> = (0..21).map(|number| get(&number.to_string(), "/documents")).collect();
    for (body, target) in [
        (json!({}), "requests"),
        (json!({"requests": []}), "requests"),
        (json!({"requests": many}), "requests"),
        (json!({"requests": [{"method": "GET", "url": "/x"}]}), "id"),
        (json!({"requests": [{"id": "1", "url": "/x"}]}), "method"),
        (json!({"requests": [{"id": "1", "method": "GET"}]}), "url"),
        (json!({"requests": [get("1", "/x"), get("1", "/y")]}), "id"),
        (json!({"requests": [{"id": "1", "method": "GET", "url": "/x", "dependsOn": ["2"]}]}), "dependsOn"),
        (json!({"requests": [{"id": "1", "method": "GET", "url": "/x", "dependsOn": ["1"]}]}), "dependsOn"),
        (json!({"requests": [{"id": "1", "method": "GET", "url": "/x", "headers": {"a": 1}}]}), "headers"),
    ] {
        let reply = world.post("/v1.0/$batch", &body).send().await;
        assert_eq!(reply.fault(), (400, "Request_BadRequest", target), "{body}");
    }
    let circle = json!({"requests": [
        {"id": "0", "method": "POST", "url": "/documents", "body": {"title": "made"}},
        {"id": "1", "method": "GET", "url": "/documents", "dependsOn": ["2"]},
        {"id": "2", "method": "GET", "url": "/documents", "dependsOn": ["1"]},
    ]});
    assert_eq!(world.post("/v1.0/$batch", &circle).send().await.fault(), (400, "Request_BadRequest", "dependsOn"));
    assert_eq!(world.get("/v1.0/documents/$count").send().await.body, json!(0), "nothing was begun");
    let reply = world.get("/v1.0/$batch").send().await;
    assert_eq!((reply.status.as_u16(), reply.header("allow")), (405, "POST"));
    let unknown = world.post("/v1.0/$batch", &json!({"requests": [get("1", "/documents")]}));
    assert_eq!(unknown.header("Authorization", "x").send().await.status, 401);
}

#[tokio::test]
async fn each_request_is_answered_as_if_it_had_come_alone() {
    let world = World::new().await;
    let id = world.document("d").await;
    let requests = json!([
        get("list", "/documents?$filter=title eq 'd'"),
        get("one", &format!("documents/{id}")),
        get("none", "/documents/00000000-0000-0000-0000-000000000009"),
        get("count", "/documents/$count"),
        {"id": "new", "method": "post", "url": "/people", "body": {"displayName": "P"}},
        {"id": "wrong", "method": "POST", "url": "/documents", "body": {"titel": 1}},
        get("elsewhere", "https://example.com/v1.0/documents"),
        get("other version", &format!("{BASE}/beta/documents")),
        get("absolute", &format!("{BASE}/v1.0/documents/{id}")),
        get("with an address", "/documents?$filter=title eq 'https://example.com'"),
        {"id": "nested", "method": "POST", "url": "/$batch", "body": {"requests": []}},
    ]);
    let expected = [
        ("list", 200),
        ("one", 200),
        ("none", 404),
        ("count", 200),
        ("new", 201),
        ("wrong", 400),
        ("elsewhere", 400),
        ("other version", 400),
        ("absolute", 200),
        ("with an address", 200),
        ("nested", 404),
    ];
    assert_eq!(statuses(&world, requests.clone()).await, expected.map(|(id, status)| (id.to_owned(), status)));
    let reply = world.post("/beta/$batch", &json!({"requests": requests})).send().await;
    let answers = &reply.body["responses"];
    assert_eq!(answers[0]["body"]["value"][0]["title"], "d");
    assert_eq!((&answers[1]["body"]["title"], &answers[1]["headers"]["etag"]), (&json!("d"), &json!("\"1\"")));
    assert_eq!(answers[2]["body"]["error"]["code"], "Request_ResourceNotFound");
    let refused = world.refused.lock().unwrap().clone();
    assert!(refused.iter().any(|line| line.starts_with("Robot POST /v1.0/documents document")), "{refused:?}");
}

#[tokio::test]
async fn a_request_waits_for_those_it_depends_on_and_fails_with_them() {
    let world = World::new().await;
    let id = world.document("d").await;
    let requests = json!([
        {"id": "read", "method": "GET", "url": format!("/documents/{id}"), "dependsOn": ["write"]},
        {"id": "write", "method": "PATCH", "url": format!("/documents/{id}"), "body": {"title": "new"}},
        {"id": "bad", "method": "PATCH", "url": format!("/documents/{id}"), "body": {"titel": "x"}},
        {"id": "after", "method": "DELETE", "url": format!("/documents/{id}"), "dependsOn": ["bad"]},
        {"id": "later", "method": "DELETE", "url": format!("/documents/{id}"), "depends_on": ["after"]},
    ]);
    let reply = world.post("/v1.0/$batch", &json!({"requests": requests})).send().await;
    let statuses: Vec<u64> =
        reply.body["responses"].as_array().unwrap().iter().map(|answer| answer["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [200, 204, 400, 424, 424]);
    assert_eq!(reply.body["responses"][0]["body"]["title"], "new");
}
