//! What a delete would take along, and what a reader has already.

use super::world::{Who, World};
use axum::http::{Method, Request};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_delete_that_is_previewed_answers_what_would_go_and_deletes_nothing() {
    let world = World::open().await;
    let (admin, root) = (world.admin(), world.user("root").await);
    let blueprint = world.blueprint(&root).await;
    let agent = world.agent(&blueprint, "a", &root).await;
    let path = format!("applications/{}/microsoft.graph.agentIdentityBlueprint", blueprint.id());
    let reader = Who { permissions: "AgentIdentityBlueprint.Read.All", ..admin.clone() };
    assert_eq!(world.delete(&reader, &format!("{path}?preview=true")).await.status, 403);
    assert_eq!(world.delete(&admin, &format!("{path}?preview=maybe")).await.status, 400);
    assert_eq!(world.delete(&admin, &format!("users/{}?preview=true", root.id)).await.status, 400);
    let previewed = world.delete(&admin, &format!("{path}?preview=true")).await;
    assert_eq!(previewed.status, 200, "{}", previewed.body);
    assert!(previewed.each("id").contains(&agent.as_str()), "{}", previewed.body);
    assert_eq!(previewed.body["value"], world.get(&admin, &format!("{path}/deletionPreview")).await.body["value"]);
    for path in [path.clone(), format!("servicePrincipals/{agent}"), format!("users/{}", root.id)] {
        assert_eq!(world.get(&admin, &path).await.status, 200, "{path} is still there");
    }
    assert_eq!(world.delete(&admin, &format!("{path}?preview=false")).await.status, 204);
    assert_eq!(world.get(&admin, &path).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_has_this_version_gets_304_without_it() {
    let world = World::open().await;
    let (admin, root) = (world.admin(), world.user("root").await);
    let path = format!("/v1.0/users/{}", root.id);
    let read = async |tag: &str| {
        let request = Request::builder().method(Method::GET).uri(&path).header("if-none-match", tag);
        world.send(&admin, request, None).await
    };
    let first = read("\"999\"").await;
    let tag = first.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(first.status, 200);
    let again = read(&tag).await;
    assert_eq!((again.status, again.body.as_str()), (304, Some("")));
    assert_eq!(again.headers["etag"], first.headers["etag"]);
    let denied = Who { permissions: "None", ..admin.clone() };
    let request = Request::builder().method(Method::GET).uri(&path).header("if-none-match", &tag);
    assert_eq!(world.send(&denied, request, None).await.status, 403, "a tag opens nothing");
    world.patch(&admin, &format!("users/{}", root.id), &json!({"jobTitle": "x"})).await;
    assert_eq!(read(&tag).await.status, 200, "it has changed");
}
