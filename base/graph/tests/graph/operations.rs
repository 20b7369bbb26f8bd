//! The list of what there is.

use crate::world::World;

#[tokio::test]
async fn the_operations_are_those_that_the_types_declare() {
    let world = World::new().await;
    let of = |entity: &str| {
        let chosen = world.operations.iter().filter(|operation| operation.entity == entity);
        let line = |operation: &signet_graph::Operation| {
            let beta = if operation.beta_only { " (beta)" } else { "" };
            format!("{} {}{beta}: {}", operation.method, operation.path, operation.permissions.join(" "))
        };
        chosen.map(line).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(of("document"), @"
    GET /documents: Document.Read
    GET /documents/$count: Document.Read
    GET /documents/delta: Document.Read
    POST /documents: Document.Create
    GET /documents/{id}: Document.Read
    PATCH /documents/{id}: Document.Write Document.Switch
    DELETE /documents/{id}: Document.Delete
    GET /documents(code='{code}'): Document.Read
    PATCH /documents(code='{code}'): Document.Write Document.Switch
    DELETE /documents(code='{code}'): Document.Delete
    GET /documents(uniqueName='{uniqueName}'): Document.Read
    PATCH /documents(uniqueName='{uniqueName}'): Document.Write Document.Switch
    DELETE /documents(uniqueName='{uniqueName}'): Document.Delete
    GET /documents(serial='{serial}'): Document.Read
    PATCH /documents(serial='{serial}'): Document.Write Document.Switch
    DELETE /documents(serial='{serial}'): Document.Delete
    GET /directory/deletedItems/microsoft.graph.document: Document.Delete Document.Read
    GET /directory/deletedItems/{id}: Document.Delete Document.Read
    DELETE /directory/deletedItems/{id}: Document.Delete
    POST /directory/deletedItems/{id}/restore: Document.Delete
    GET /documents/{id}/readers: Document.Read
    GET /documents/{id}/readers/$ref: Document.Read
    POST /documents/{id}/readers/$ref: Document.Write Document.Link
    DELETE /documents/{id}/readers/{id}/$ref: Document.Write Document.Link
    GET /documents/{id}/readers/$count: Document.Read
    GET /documents/{id}/editor: Document.Read
    GET /documents/{id}/editor/$ref: Document.Read
    PUT /documents/{id}/editor/$ref: Document.Write
    DELETE /documents/{id}/editor/$ref: Document.Write
    GET /documents/{id}/notes: Document.Read Note.Read
    GET /documents/{id}/notes/$count: Document.Read Note.Read
    POST /documents/{id}/notes: Document.Write Note.Write
    GET /documents/{id}/notes/{name}: Document.Read Note.Read
    PATCH /documents/{id}/notes/{name}: Document.Write Note.Write
    DELETE /documents/{id}/notes/{name}: Document.Write Note.Write
    GET /documents/{id}/mentions: Document.Read
    GET /documents/{id}/mentions/$count: Document.Read
    POST /documents/{id}/mentions: Document.Write
    GET /documents/{id}/mentions/{id}: Document.Read
    PATCH /documents/{id}/mentions/{id}: Document.Write
    DELETE /documents/{id}/mentions/{id}: Document.Write
    POST /documents/{id}/stamp: Document.Write Document.Stamp
    POST /documents/{id}/forget: Document.Write
    GET /documents/{id}/weight: Document.Read
    POST /documents/check: Document.Check
    POST /directoryObjects/check: Document.Check
    ");
    insta::assert_snapshot!(of("draft"), @"
    GET /documents/microsoft.graph.draft (beta): Document.Read
    GET /documents/microsoft.graph.draft/$count (beta): Document.Read
    GET /documents/microsoft.graph.draft/delta (beta): Document.Read
    POST /documents/microsoft.graph.draft (beta): Document.Create
    GET /documents/{id}/microsoft.graph.draft (beta): Document.Read
    GET /documents(code='{code}')/microsoft.graph.draft (beta): Document.Read
    GET /documents(uniqueName='{uniqueName}')/microsoft.graph.draft (beta): Document.Read
    GET /documents(serial='{serial}')/microsoft.graph.draft (beta): Document.Read
    ");
    insta::assert_snapshot!(of("thing"), @"
    GET /things: Thing.All
    GET /things/{id}: Thing.All
    ");
    insta::assert_snapshot!(of("entry"), @"
    GET /logs/entries: Log.Read
    GET /logs/entries/{id}: Log.Read
    ");
}
