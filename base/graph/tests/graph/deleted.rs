//! The deleted items.

use crate::world::World;
use axum::http::Method;
use serde_json::json;

const NOT_FOUND: (u16, &str) = (404, "Request_ResourceNotFound");

#[tokio::test]
async fn a_deleted_object_is_in_the_deleted_items_and_nowhere_else() {
    let world = World::new().await;
    let (id, live) = (world.report("r").await, world.report("live").await);
    assert_eq!(world.get(&format!("/v1.0/directory/deletedItems/{id}")).send().await.error(), NOT_FOUND);
    assert_eq!(world.delete(&format!("/v1.0/documents/{id}")).send().await.status, 204);
    for path in [format!("documents/{id}"), format!("directoryObjects/{id}"), format!("documents/{id}/readers")] {
        assert_eq!(world.get(&format!("/v1.0/{path}")).send().await.error(), NOT_FOUND, "{path}");
    }
    assert_eq!(world.delete(&format!("/v1.0/documents/{id}")).send().await.error(), NOT_FOUND);
    assert_eq!(world.patch(&format!("/v1.0/documents/{id}"), &json!({})).send().await.error(), NOT_FOUND);
    assert_eq!(world.get("/v1.0/documents").send().await.each("id"), [live.as_str()]);
    let reply = world.get(&format!("/v1.0/directory/deletedItems/{id}")).send().await;
    assert_eq!(reply.body["@odata.type"], "#microsoft.graph.report");
    assert_eq!(reply.body["deletedDateTime"], "2026-11-21T10:00:00.004Z");
}

#[tokio::test]
async fn the_deleted_items_are_listed_by_any_type_within_the_callers_rights() {
    let world = World::new().await;
    let (document, report) = (world.document("d").await, world.report("r").await);
    for id in [&document, &report] {
        world.delete(&format!("/v1.0/documents/{id}")).send().await;
    }
    let list = async |path: &str, permission: &str| {
        world.get(&format!("/v1.0/directory/deletedItems{path}")).with(permission).send().await
    };
    let all = "Document.Delete,Report.Delete";
    assert_eq!(list("", all).await.each("@odata.type"), ["#microsoft.graph.document", "#microsoft.graph.report"]);
    assert_eq!(list("/microsoft.graph.document", all).await.each("id").len(), 2);
    assert_eq!(list("/microsoft.graph.report", all).await.each("id"), [report.as_str()]);
    assert_eq!(list("", "Report.Delete").await.each("id"), [report.as_str()]);
    assert_eq!(list("?$top=1", all).await.each("id").len(), 1);
    assert_eq!(list("/microsoft.graph.person", "Person.Read").await.error(), (405, "Request_BadRequest"));
    assert_eq!(list("/microsoft.graph.nothing", all).await.error(), NOT_FOUND);
    let denied = list(&format!("/{document}"), "Report.Delete").await;
    assert_eq!(denied.error(), (403, "Authorization_RequestDenied"));
}

#[tokio::test]
async fn restore_brings_it_back_and_may_be_repeated() {
    let world = World::new().await;
    let id = world.report("r").await;
    world.delete(&format!("/v1.0/documents/{id}")).send().await;
    let restore = || world.ask(Method::POST, &format!("/v1.0/directory/deletedItems/{id}/restore"));
    assert_eq!(restore().with("Document.Delete").send().await.error(), (403, "Authorization_RequestDenied"));
    for _ in 0..2 {
        let reply = restore().with("Report.Delete").send().await;
        assert_eq!((reply.status.as_u16(), reply.id()), (200, id.clone()));
        assert_eq!(reply.body["@odata.type"], "#microsoft.graph.report");
        assert_eq!(reply.body["deletedDateTime"], json!(null));
    }
    assert_eq!(restore().with("Document.Delete").send().await.error(), (403, "Authorization_RequestDenied"));
    assert_eq!(world.get(&format!("/v1.0/documents/{id}")).send().await.status, 200);
    let absent = world.ask(Method::POST, &format!("/v1.0/directory/deletedItems/{}/restore", world.tenant));
    assert_eq!(absent.send().await.error(), NOT_FOUND);
}

#[tokio::test]
async fn only_a_deleted_object_can_be_removed_for_good() {
    let world = World::new().await;
    let id = world.report("r").await;
    let item = format!("/v1.0/directory/deletedItems/{id}");
    assert_eq!(world.delete(&item).send().await.error(), NOT_FOUND);
    world.delete(&format!("/v1.0/documents/{id}")).send().await;
    assert_eq!(world.delete(&item).with("Document.Delete").send().await.error(), (403, "Authorization_RequestDenied"));
    assert_eq!(world.delete(&item).send().await.status, 204);
    assert_eq!(world.delete(&item).send().await.error(), NOT_FOUND);
    assert_eq!(world.ask(Method::POST, &format!("{item}/restore")).send().await.error(), NOT_FOUND);
}
