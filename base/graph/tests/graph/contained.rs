//! Collections of objects that hang off one.

use crate::types::{IMPRINT, mention};
use crate::world::World;
use serde_json::{Value, json};

async fn note(world: &World, document: &str, name: &str) -> String {
    let body = json!({"@odata.type": "#microsoft.graph.note", "name": name, "text": "abc"});
    world.post(&format!("/v1.0/documents/{document}/notes"), &body).send().await.id()
}

#[tokio::test]
async fn an_item_is_found_by_id_or_key_under_its_own_parent_alone() {
    let world = World::new().await;
    let (one, other) = (world.document("a").await, world.document("b").await);
    let id = note(&world, &one, "first").await;
    let get = |document: &str, key: &str| world.get(&format!("/v1.0/documents/{document}/notes{key}"));
    for key in [format!("/{id}"), "/first".to_owned(), "/FIRST".to_owned(), "(name='first')".to_owned()] {
        let reply = get(&one, &key).send().await;
        assert_eq!(reply.id(), id, "{key}");
        let not_found = get(&other, &key).send().await;
        assert_eq!(not_found.error(), (404, "Request_ResourceNotFound"), "{key}");
    }
    for key in ["/second", "/abc", &format!("/{one}")] {
        assert_eq!(get(&one, key).send().await.error(), (404, "Request_ResourceNotFound"), "{key}");
    }
    let reply = get(&one, "/first").send().await;
    assert_eq!(
        reply.body,
        json!({
            "@odata.context": format!("https://id.test/v1.0/$metadata#documents('{one}')/notes/$entity"),
            "@odata.etag": "\"1\"", "id": id, "name": "first", "text": "abc", "length": 3,
        })
    );
    assert_eq!(reply.header("etag"), "\"1\"");
}

#[tokio::test]
async fn another_type_of_the_set_has_no_such_collection() {
    let world = World::new().await;
    let report = world.report("r").await;
    let reply = world.get(&format!("/v1.0/documents/{report}/notes")).with("Note.Read").send().await;
    assert_ne!(reply.status, 200);
    let cast = world.get(&format!("/v1.0/documents/{report}/microsoft.graph.report/notes")).send().await;
    assert_eq!(cast.error(), (404, "Request_ResourceNotFound"));
}

#[tokio::test]
async fn items_are_created_changed_and_removed() {
    let world = World::new().await;
    let document = world.document("d").await;
    let path = format!("/v1.0/documents/{document}/microsoft.graph.document/notes");
    let created = world.post(&path, &json!({"name": "n", "text": "abc"})).send().await;
    let id = created.id();
    assert_eq!(created.status, 201);
    assert_eq!(created.header("location"), format!("https://id.test/v1.0/documents/{document}/notes/{id}"));
    let item = format!("{path}/n");
    let stale = world.patch(&item, &json!({"text": "x"})).header("if-match", "\"2\"").send().await;
    assert_eq!(stale.error(), (412, "Request_PreconditionFailed"));
    assert_eq!(world.patch(&item, &json!({"text": "x"})).header("if-match", "\"1\"").send().await.status, 204);
    let preferred = world.patch(&item, &json!({"text": "yy"})).header("prefer", "return=representation").send().await;
    assert_eq!((preferred.status.as_u16(), &preferred.body["length"]), (200, &json!(2)));
    let reply = world.patch(&format!("{item}?$select=id"), &json!({})).send().await;
    assert_eq!(reply.error(), (400, "Request_UnsupportedQuery"));
    assert_eq!(world.delete(&item).header("if-match", "\"1\"").send().await.error().0, 412);
    assert_eq!(world.delete(&item).send().await.status, 204);
    assert_eq!(world.get(&item).send().await.error(), (404, "Request_ResourceNotFound"));
}

#[tokio::test]
async fn what_follows_from_the_parent_comes_first_is_found_and_says_itself_why_it_stays() {
    let world = World::new().await;
    let document = world.document("d").await;
    let path = format!("/v1.0/documents/{document}/notes");
    assert_eq!(world.get(&path).send().await.each("name"), ["imprint"]);
    for key in [IMPRINT, "imprint"] {
        assert_eq!(world.get(&format!("{path}/{key}")).send().await.body["text"], "printed here");
        assert_eq!(world.delete(&format!("{path}/{key}")).send().await.error(), (400, "Note_Inherent"));
        assert_eq!(world.patch(&format!("{path}/{key}"), &json!({})).send().await.error(), (400, "Note_Inherent"));
    }
}

#[tokio::test]
async fn a_collection_comes_in_pages_filtered_and_selected() {
    let world = World::new().await;
    let document = world.document("d").await;
    for number in 0..5 {
        note(&world, &document, &format!("n{number}")).await;
    }
    let path = format!("/v1.0/documents/{document}/notes");
    for top in 1..8 {
        let (mut found, mut next) = (Vec::new(), Some(format!("{path}?$top={top}")));
        while let Some(path) = next {
            let reply = world.get(&path).send().await;
            assert!(reply.each("name").len() <= top);
            found.extend(reply.each("name"));
            next = reply.next();
        }
        assert_eq!(found, ["imprint", "n0", "n1", "n2", "n3", "n4"], "{top}");
    }
    let reply =
        world.get(&format!("{path}?$filter=length%20eq%203%20and%20name%20gt%20'n2'&$select=name")).send().await;
    assert_eq!(
        reply.body["value"],
        json!([{"@odata.etag": "\"1\"", "name": "n3"}, {"@odata.etag": "\"1\"", "name": "n4"}])
    );
    let bad = world.get(&format!("{path}?$filter=x%20eq")).send().await;
    assert_eq!(bad.fault(), (400, "Request_UnsupportedQuery", "$filter"));
}

#[tokio::test]
async fn a_page_token_of_one_parent_is_none_of_anothers() {
    let world = World::new().await;
    let (one, other) = (world.document("a").await, world.document("b").await);
    for number in 0..2 {
        note(&world, &one, &format!("n{number}")).await;
    }
    let next = world.get(&format!("/v1.0/documents/{one}/notes?$top=1")).send().await.next().unwrap();
    let reply = world.get(&next.replace(&one, &other)).send().await;
    assert_eq!(reply.error(), (400, "Directory_ExpiredPageToken"));
    assert_eq!(world.get(&next).send().await.body["value"][0]["name"], Value::from("n0"));
}

#[tokio::test]
async fn what_other_objects_stand_for_is_listed_page_by_page_and_found_by_its_id() {
    let world = World::new().await;
    let document = world.document("d").await;
    let path = format!("/v1.0/documents/{document}/mentions");
    let mut expected = Vec::new();
    for number in 0..3 {
        let report = world.report(&number.to_string()).await;
        expected.push(mention(report.parse().unwrap()).to_string());
        expected.push(note(&world, &document, &number.to_string()).await);
    }
    note(&world, &world.document("other").await, "elsewhere").await;
    let count = world.get(&format!("{path}/$count")).send().await;
    assert_eq!(count.body, json!(6));
    let (mut seen, mut next) = (Vec::new(), Some(format!("{path}?$top=2")));
    while let Some(page) = next {
        let reply = world.get(page.trim_start_matches("https://id.test")).send().await;
        let ids = reply.each("id");
        assert!(ids.len() <= 2);
        seen.extend(ids);
        next = reply.body["@odata.nextLink"].as_str().map(str::to_owned);
    }
    seen.sort();
    expected.sort();
    assert_eq!(seen, expected);
    let filtered = world.get(&format!("{path}?$filter=by%20eq%20'report'")).send().await;
    assert_eq!(filtered.each("by").len(), 3);

    let item = format!("{path}/{}", mention(world.report("last").await.parse().unwrap()));
    assert_eq!(world.get(&item).send().await.body["by"], "report");
    assert_eq!(world.delete(&item).send().await.error(), (400, "Mention_Inherent"));
    let nobody = format!("{path}/{}", mention(document.parse().unwrap()));
    assert_eq!(world.get(&nobody).send().await.error(), (404, "Request_ResourceNotFound"));
}
