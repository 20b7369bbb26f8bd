//! What paths name, and what they do not.

use crate::world::World;
use axum::http::Method;
use serde_json::json;

const NOTHING: (u16, &str) = (404, "Request_ResourceNotFound");

#[tokio::test]
async fn what_no_type_declares_is_not_there() {
    let world = World::new().await;
    let id = world.document("d").await;
    for path in [
        "/nowhere",
        "/logs",
        "/logs/nothing",
        "/directory",
        "/directory/x",
        "/directoryObjects",
        "/documents/microsoft.graph.person",
        "/documents/microsoft.graph.nothing",
        "/documents/$ref",
        "/documents/$batch",
        &format!("/documents/{id}/nothing"),
        &format!("/documents/{id}/microsoft.graph.person"),
        &format!("/documents/{id}/$ref"),
        &format!("/documents/{id}/readers/{id}"),
        &format!("/documents/{id}/notes/$ref"),
        &format!("/documents/{id}/notes/a/b"),
        &format!("/documents/{id}/notes(text='a')"),
        &format!("/documents/{id}/stamp/x"),
        &format!("/directory/deletedItems/{id}/restore/x"),
    ] {
        let reply = world.get(&format!("/v1.0{path}")).send().await;
        assert_eq!(reply.error(), NOTHING, "{path}");
    }
}

#[tokio::test]
async fn a_path_that_cannot_be_read_says_so() {
    let world = World::new().await;
    for path in ["/documents(code='a)", "/documents(code=a)", "/documents/%zz", "/documents/%ff", "/a//b"] {
        let reply = world.get(&format!("/v1.0{path}")).send().await;
        assert_eq!(reply.error(), (400, "Request_BadRequest"), "{path}");
        assert!(reply.message().starts_with("The address cannot be read"), "{}", reply.message());
    }
    assert_eq!(world.get("/v1.0/documents/not-a-guid").send().await.fault(), (400, "Request_BadRequest", "id"));
    let id = world.document("d").await;
    for path in [format!("documents/{id}/$count"), format!("documents/{id}/stamp/$count"), "$count".to_owned()] {
        let reply = world.get(&format!("/v1.0/{path}")).send().await;
        assert_eq!(reply.error(), (404, "Request_ResourceNotFound"), "{path} is no list");
    }
    let reply = world.post("/v1.0/documents/$count", &serde_json::json!({})).send().await;
    assert_eq!((reply.status.as_u16(), reply.header("allow")), (405, "GET"));
}

#[tokio::test]
async fn an_object_is_not_found_through_the_wrong_cast_or_set() {
    let world = World::new().await;
    let (document, report) = (world.document("d").await, world.report("r").await);
    for path in [
        format!("/v1.0/documents/{document}/microsoft.graph.report"),
        format!("/v1.0/documents/microsoft.graph.report/{document}"),
        format!("/v1.0/people/{report}"),
        format!("/v1.0/directoryObjects/{report}/microsoft.graph.person"),
    ] {
        assert_eq!(world.get(&path).send().await.error(), NOTHING, "{path}");
    }
}

#[tokio::test]
async fn both_item_forms_any_case_and_either_spelling_of_the_namespace_name_the_same_object() {
    let world = World::new().await;
    let report = world.report("r").await;
    for path in [
        format!("/v1.0/documents/{report}"),
        format!("/v1.0/documents('{report}')"),
        format!("/v1.0/Documents/{}", report.to_uppercase()),
        format!("/v1.0/documents/{report}/microsoft.graph.report"),
        format!("/v1.0/documents/microsoft.graph.report/{report}"),
        format!("/v1.0/documents/Microsoft.Graph.Report/{report}"),
        format!("/v1.0/documents/microsoft.graph.document/{report}"),
        format!("/v1.0/directoryObjects/{report}"),
        format!("/v1.0/directoryObjects('{report}')"),
        format!("/v1.0/directoryObjects/{report}/microsoft.graph.report"),
        format!("/beta/documents/{report}"),
    ] {
        let reply = world.get(&path).send().await;
        assert_eq!((reply.status.as_u16(), &reply.body["title"]), (200, &json!("r")), "{path}");
        assert_eq!(reply.body["@odata.type"], "#microsoft.graph.report", "{path}");
    }
}

#[tokio::test]
async fn what_is_only_in_beta_is_nowhere_else() {
    let world = World::new().await;
    let reply = world.post("/v1.0/documents/microsoft.graph.draft", &json!({})).send().await;
    assert_eq!(reply.error(), NOTHING);
    let body = json!({"@odata.type": "#microsoft.graph.draft", "title": "x"});
    assert_eq!(world.post("/v1.0/documents", &body).send().await.fault(), (400, "Request_BadRequest", "@odata.type"));
    let draft = world.post("/beta/documents", &body).send().await.id();
    for path in ["documents", "directoryObjects"] {
        assert_eq!(world.get(&format!("/v1.0/{path}/{draft}")).send().await.error(), NOTHING);
        assert_eq!(world.get(&format!("/beta/{path}/{draft}")).send().await.status, 200);
    }
    assert!(world.get("/v1.0/documents").send().await.each("id").is_empty());
    assert_eq!(world.get("/beta/documents").send().await.each("id"), [draft.as_str()]);
}

#[tokio::test]
async fn a_method_that_a_path_does_not_take_is_answered_with_those_it_takes() {
    let world = World::new().await;
    let id = world.document("d").await;
    let draft = world.post("/beta/documents/microsoft.graph.draft", &json!({})).send().await.id();
    for (method, path, allow) in [
        (Method::PUT, "/v1.0/documents".to_owned(), "GET,POST"),
        (Method::DELETE, "/v1.0/documents".to_owned(), "GET,POST"),
        (Method::POST, format!("/v1.0/documents/{id}"), "GET,PATCH,DELETE"),
        (Method::OPTIONS, format!("/v1.0/documents/{id}"), "GET,PATCH,DELETE"),
        (Method::PATCH, format!("/v1.0/directoryObjects/{id}"), "GET"),
        (Method::POST, "/v1.0/logs/entries".to_owned(), "GET"),
        (Method::POST, format!("/v1.0/documents/{id}/readers"), "GET"),
        (Method::DELETE, format!("/v1.0/documents/{id}/readers/$ref"), "GET,POST"),
        (Method::GET, format!("/v1.0/documents/{id}/readers/{id}/$ref"), "DELETE"),
        (Method::DELETE, format!("/v1.0/documents/{id}/notes"), "GET,POST"),
        (Method::POST, format!("/v1.0/documents/{id}/notes/x"), "GET,PATCH,DELETE"),
        (Method::GET, format!("/v1.0/documents/{id}/stamp"), "POST"),
        (Method::POST, format!("/v1.0/directory/deletedItems/{id}"), "GET,DELETE"),
        (Method::GET, format!("/v1.0/directory/deletedItems/{id}/restore"), "POST"),
        // The path takes it, for other types than this object's.
        (Method::DELETE, format!("/beta/documents/{draft}"), "GET,PATCH"),
        (Method::PATCH, format!("/beta/documents/{draft}"), "GET,DELETE"),
    ] {
        let reply = world.ask(method.clone(), &path).send().await;
        assert_eq!(reply.error(), (405, "Request_BadRequest"), "{method} {path}");
        assert_eq!(reply.header("allow"), allow, "{method} {path}");
    }
}

#[tokio::test]
async fn rfc9110_s9_3_2_head_is_get() {
    let world = World::new().await;
    let id = world.document("d").await;
    let reply = world.ask(Method::HEAD, &format!("/v1.0/documents/{id}")).send().await;
    assert_eq!((reply.status.as_u16(), reply.header("etag")), (200, "\"1\""));
}

#[tokio::test]
async fn a_key_that_is_unique_everywhere_is_found_in_its_own_tenant_alone() {
    let world = World::new().await;
    let id = world.post("/v1.0/documents", &json!({"serial": "s-1"})).send().await.id();
    let get = || world.get("/v1.0/documents(serial='S-1')");
    assert_eq!(get().in_tenant(world.other).send().await.error(), NOTHING);
    assert_eq!(get().send().await.id(), id);
    let filtered = || world.get("/v1.0/documents?$filter=serial%20eq%20's-1'");
    assert!(filtered().in_tenant(world.other).send().await.each("id").is_empty());
    assert_eq!(filtered().send().await.each("id"), [id.as_str()]);
}

#[tokio::test]
async fn an_object_is_found_by_its_alternate_keys() {
    let world = World::new().await;
    let code = "0d1a2b3c-0000-4000-8000-000000000001";
    let body = json!({"title": "d", "code": code, "uniqueName": "it's"});
    let id = world.post("/v1.0/documents", &body).send().await.id();
    for path in [
        format!("/v1.0/documents(code='{code}')"),
        format!("/v1.0/documents(code='{}')", code.to_uppercase()),
        "/v1.0/documents(uniqueName='it''s')".to_owned(),
        "/v1.0/documents(uniqueName='IT''S')".to_owned(),
        "/v1.0/documents%28uniqueName=%27it%27%27s%27%29".to_owned(),
    ] {
        assert_eq!(world.get(&path).send().await.id(), id, "{path}");
    }
    for path in ["(uniqueName='it')", "(code='x')", "(code='')", "(uniqueName='it''s')/microsoft.graph.report"] {
        assert_eq!(world.get(&format!("/v1.0/documents{path}")).send().await.error(), NOTHING, "{path}");
    }
    let reply = world.get("/v1.0/documents(title='d')").send().await;
    assert_eq!(reply.fault(), (400, "Request_BadRequest", "title"));
    assert_eq!(world.get("/v1.0/documents(uniqueName='it''s')/notes").send().await.status, 200);
    let body = json!({"title": "d", "uniqueName": "d@id.test"});
    let addressed = world.post("/v1.0/documents", &body).send().await.id();
    for path in ["/v1.0/documents/D@id.test", "/v1.0/documents/d%40id.test/", "/v1.0/documents('d@id.test')"] {
        assert_eq!(world.get(path).send().await.id(), addressed, "{path}");
    }
    assert_eq!(world.get("/v1.0/documents/e@id.test").send().await.error(), NOTHING);
    assert_eq!(world.get("/v1.0/documents/d.id.test").send().await.fault(), (400, "Request_BadRequest", "id"));
}
