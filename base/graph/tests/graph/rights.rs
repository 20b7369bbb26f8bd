//! Permissions, from what the types declare.

use crate::world::{World, caller_object};
use axum::http::Method;
use serde_json::json;

const DENIED: (u16, &str) = (403, "Authorization_RequestDenied");

#[tokio::test]
async fn every_operation_is_denied_to_a_caller_without_its_permissions_before_anything_is_looked_up() {
    let world = World::new().await;
    assert!(world.operations.len() > 50, "{}", world.operations.len());
    for operation in &world.operations {
        let version = if operation.beta_only { "/beta" } else { "/v1.0" };
        let path = operation.path.replace("{id}", "not-even-an-id").replace(['{', '}'], "");
        let reply = world.ask(operation.method.clone(), &format!("{version}{path}")).with("Unrelated.All").send().await;
        assert_eq!(reply.error(), DENIED, "{} {path}: {}", operation.method, reply.body);
        let named = |permission: &&str| reply.message().contains(*permission);
        assert!(operation.permissions.iter().all(named), "{path}: {}", reply.message());
    }
}

#[tokio::test]
async fn a_denial_names_the_permissions_that_would_do() {
    let world = World::new().await;
    let reply = world.get("/v1.0/documents/microsoft.graph.report").with("x").send().await;
    assert_eq!(reply.error(), DENIED);
    assert_eq!(
        reply.message(),
        "Insufficient privileges to complete the operation. One of these permissions would do: Document.Read, \
         Report.Read, Report.ReadOwn."
    );
}

#[tokio::test]
async fn a_right_to_one_type_is_none_to_its_siblings_at_the_same_path() {
    let world = World::new().await;
    let (document, report) = (world.document("d").await, world.report("r").await);
    let read = |id: &str| world.get(&format!("/v1.0/documents/{id}")).with("Report.Read");
    assert_eq!(read(&document).send().await.error(), DENIED);
    assert_eq!(read(&report).send().await.status, 200);
    let write = |id: &str| world.patch(&format!("/v1.0/documents/{id}"), &json!({"size": 1})).with("Report.Write");
    assert_eq!(write(&document).send().await.error(), DENIED);
    assert_eq!(write(&report).send().await.status, 204);
    let delete = |id: &str| world.delete(&format!("/v1.0/documents/{id}")).with("Document.Delete");
    assert_eq!(delete(&report).send().await.error(), DENIED);
    assert_eq!(delete(&document).send().await.status, 204);
    let create = |body| world.post("/v1.0/documents", &body).with("Report.Create");
    assert_eq!(create(json!({"title": "x"})).send().await.error(), DENIED);
    assert_eq!(create(json!({"@odata.type": "#microsoft.graph.report"})).send().await.status, 201);
}

#[tokio::test]
async fn an_uncast_list_holds_the_types_that_the_caller_may_read() {
    let world = World::new().await;
    world.document("d").await;
    world.report("r").await;
    let titles = async |permission| world.get("/v1.0/documents").with(permission).send().await.each("title");
    assert_eq!(titles("Report.Read").await, ["r"]);
    assert_eq!(titles("Document.Read").await, ["d", "r"]);
}

#[tokio::test]
async fn a_narrower_permission_changes_its_properties_and_no_others() {
    let world = World::new().await;
    let (document, report) = (world.document("d").await, world.report("r").await);
    let patch = |id: &str, body| world.patch(&format!("/v1.0/documents/{id}"), &body);
    let reply = patch(&document, json!({"enabled": true, "size": 1})).with("Document.Switch").send().await;
    assert_eq!(reply.fault(), (403, "Authorization_RequestDenied", "size"));
    assert_eq!(patch(&document, json!({"enabled": true})).with("Document.Switch").send().await.status, 204);
    assert_eq!(patch(&report, json!({"enabled": true})).with("Document.Switch").send().await.status, 204);
    // A report declares its title again, with a permission of its own.
    assert_eq!(patch(&document, json!({"title": "x"})).with("Report.Title").send().await.error(), DENIED);
    assert_eq!(patch(&report, json!({"title": "x"})).with("Report.Title").send().await.status, 204);
}

#[tokio::test]
async fn what_a_narrow_permission_does_not_reach_is_as_if_it_were_not_there() {
    let world = World::new().await;
    let own = json!({"@odata.type": "#microsoft.graph.report", "title": "own", "author": caller_object().to_string()});
    let own = world.post("/v1.0/documents", &own).send().await.id();
    let (foreign, person) = (world.report("foreign").await, world.person("P").await);
    let ask = |path: String| world.get(&path).with("Report.ReadOwn");
    assert_eq!(ask("/v1.0/documents".to_owned()).send().await.each("id"), [own.as_str()]);
    assert_eq!(ask(format!("/v1.0/documents?$filter=id%20eq%20'{foreign}'")).send().await.each("id").len(), 0);
    assert_eq!(ask(format!("/v1.0/documents/{own}")).send().await.status, 200);
    for path in ["", "/readers", "/readers/$ref"] {
        let reply = ask(format!("/v1.0/documents/{foreign}{path}")).send().await;
        assert_eq!(reply.error(), (404, "Request_ResourceNotFound"), "{path}");
    }
    assert_eq!(ask(format!("/v1.0/documents/{person}")).send().await.error(), (404, "Request_ResourceNotFound"));
    // A write is the operation's to decide, and its answer shows no more than a read would.
    let patch = world.patch(&format!("/v1.0/documents/{foreign}"), &json!({"size": 2}));
    let reply = patch.with("Report.ReadOwn,Report.Write").header("prefer", "return=representation").send().await;
    assert_eq!((reply.status.as_u16(), reply.body), (204, json!(null)));
}

#[tokio::test]
async fn each_part_of_an_object_may_have_a_permission_of_its_own() {
    let world = World::new().await;
    let (id, person) = (world.document("d").await, world.person("P").await);
    let base = format!("/v1.0/documents/{id}");
    let link = json!({"@odata.id": format!("people/{person}")});
    let note = json!({"name": "n", "text": "t"});
    for (method, path, body, permission, done) in [
        (Method::POST, "/readers/$ref", &link, "Document.Link", 204),
        (Method::DELETE, &*format!("/readers/{person}/$ref"), &link, "Document.Link", 204),
        (Method::POST, "/notes", &note, "Note.Write", 201),
        (Method::GET, "/notes", &note, "Note.Read", 200),
        (Method::PATCH, "/notes/n", &note, "Note.Write", 204),
        (Method::DELETE, "/notes/n", &note, "Note.Write", 204),
        (Method::POST, "/stamp", &note, "Document.Stamp", 200),
    ] {
        let ask = || world.ask(method.clone(), &format!("{base}{path}")).json(body);
        assert_eq!(ask().with("Document.Switch,Document.Delete").send().await.error(), DENIED, "{path}");
        assert_eq!(ask().with(permission).send().await.status, done, "{path}");
    }
}
