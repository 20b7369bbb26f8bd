//! Functions, actions of sets, objects by their ids, and relations that lead to one object or follow from others.

use crate::world::World;
use axum::http::Method;
use serde_json::json;

#[tokio::test]
async fn a_function_is_called_by_get_with_the_right_to_read() {
    let world = World::new().await;
    let id = world.document("d").await;
    let path = format!("/v1.0/documents/{id}/weight");
    assert_eq!(world.get(&path).with("Person.Read").send().await.error().0, 403);
    let posted = world.post(&path, &json!({})).send().await;
    assert_eq!((posted.status.as_u16(), posted.header("allow")), (405, "GET"));
    for path in [path.clone(), path.replace("weight", "microsoft.graph.weight()")] {
        let reply = world.get(&path).with("Document.Read").send().await;
        assert_eq!(reply.body["value"], json!([1, 2]), "{path}");
    }
}

#[tokio::test]
async fn an_action_of_a_set_needs_what_it_declares() {
    let world = World::new().await;
    for path in ["/v1.0/documents/check", "/v1.0/directoryObjects/check", "/v1.0/documents/microsoft.graph.check"] {
        assert_eq!(world.post(path, &json!({})).send().await.error().0, 403, "{path}");
        let ask = |body| world.post(path, &body).with("Document.Check");
        assert_eq!(ask(json!({})).send().await.status, 204, "{path}");
        assert_eq!(ask(json!({"a": 1})).send().await.body["a"], 1, "{path}");
    }
    assert_eq!(world.post("/v1.0/people/check", &json!({})).send().await.status, 405, "no such action here");
}

#[tokio::test]
async fn objects_are_found_by_their_ids_as_far_as_they_may_be_read() {
    let world = World::new().await;
    let (document, person) = (world.document("d").await, world.person("P").await);
    let get = |body, permissions| world.post("/v1.0/directoryObjects/getByIds", &body).with(permissions);
    for (body, target) in [
        (json!({}), "ids"),
        (json!({"ids": []}), "ids"),
        (json!({"ids": ["x"]}), "ids"),
        (json!({"ids": [person], "types": ["unheard"]}), "types"),
        (json!({"ids": [person], "types": "person"}), "types"),
    ] {
        assert_eq!(get(body, "Person.Read").send().await.fault(), (400, "Request_BadRequest", target));
    }
    assert_eq!(get(json!({"ids": [person]}), "None").send().await.error().0, 403);
    let ids = json!({"ids": [person, document, world.tenant.to_string()]});
    assert_eq!(get(ids.clone(), "Person.Read").send().await.each("id"), [person.as_str()]);
    assert_eq!(get(ids, "Person.Read,Document.Read").send().await.each("id"), [document.as_str(), person.as_str()]);
    let typed = json!({"ids": [person, document], "types": ["microsoft.graph.document"]});
    assert_eq!(get(typed, "Person.Read,Document.Read").send().await.each("id"), [document.as_str()]);
}

#[tokio::test]
async fn a_relation_to_one_object_is_set_replaced_and_removed() {
    let world = World::new().await;
    let (id, ada, bob) = (world.document("d").await, world.person("Ada").await, world.person("Bob").await);
    let path = format!("/v1.0/documents/{id}/editor");
    let reference = format!("{path}/$ref");
    assert_eq!(world.get(&path).send().await.error().0, 404);
    assert_eq!(world.delete(&reference).send().await.error().0, 404);
    assert_eq!(world.get(&format!("{path}?$filter=id%20eq%20'x'")).send().await.error().0, 400);
    let posted = world.post(&reference, &json!({"@odata.id": format!("people/{ada}")})).send().await;
    assert_eq!((posted.status.as_u16(), posted.header("allow")), (405, "GET,PUT,DELETE"));
    for person in [&ada, &bob] {
        let body = json!({"@odata.id": format!("people/{person}")});
        assert_eq!(world.ask(Method::PUT, &reference).json(&body).send().await.status, 204);
        assert_eq!(&world.get(&path).send().await.id(), person);
    }
    assert!(world.get(&reference).send().await.body["@odata.id"].as_str().unwrap().ends_with(&bob));
    let expanded = world.get(&format!("/v1.0/documents/{id}?$expand=editor($select=displayName)")).send().await;
    assert_eq!(expanded.body["editor"]["displayName"], "Bob");
    let found =
        world.get("/v1.0/documents?$filter=editor/microsoft.graph.person/displayName%20eq%20'bob'").send().await;
    assert_eq!(found.each("id"), [id.as_str()]);
    assert_eq!(world.delete(&reference).send().await.status, 204);
    assert_eq!(world.get(&path).send().await.error().0, 404);
}

#[tokio::test]
async fn a_relation_that_follows_from_another_is_read_only() {
    let world = World::new().await;
    let (id, person) = (world.document("d").await, world.person("Ada").await);
    let body = json!({"@odata.id": format!("people/{person}")});
    world.post(&format!("/v1.0/documents/{id}/readers/$ref"), &body).send().await;
    let path = format!("/v1.0/people/{person}/reads");
    assert_eq!(world.get(&path).send().await.each("id"), [id.as_str()]);
    for ask in [world.post(&format!("{path}/$ref"), &body), world.delete(&format!("{path}/$ref"))] {
        assert_eq!(ask.send().await.status, 405);
    }
    assert_eq!(world.get(&format!("{path}/$count")).send().await.body, json!(1));
}
