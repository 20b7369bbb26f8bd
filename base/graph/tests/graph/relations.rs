//! Links, and what is at their far ends.

use crate::world::World;
use serde_json::json;

async fn link(world: &World, source: &str, target: &str) {
    let body = json!({"@odata.id": format!("https://graph.microsoft.com/v1.0/directoryObjects/{target}")});
    let reply = world.post(&format!("/v1.0/documents/{source}/readers/$ref"), &body).send().await;
    assert_eq!(reply.status, 204, "{}", reply.body);
}

#[tokio::test]
async fn a_reference_that_names_no_object_is_refused() {
    let world = World::new().await;
    let id = world.document("d").await;
    let path = format!("/v1.0/documents/{id}/readers/$ref");
    for (body, target) in [
        (json!({}), "@odata.id"),
        (json!({"@odata.id": 1}), "@odata.id"),
        (json!({"@odata.id": "https://graph.microsoft.com/v1.0/people/somebody"}), "@odata.id"),
        (json!({"@odata.id": format!("people/{id}"), "x": 1}), "x"),
    ] {
        assert_eq!(world.post(&path, &body).send().await.fault(), (400, "Request_BadRequest", target), "{body}");
    }
    let gone = json!({"@odata.id": format!("people/{}", world.tenant)});
    assert_eq!(world.post(&path, &gone).send().await.error(), (404, "Request_ResourceNotFound"));
}

#[tokio::test]
async fn links_are_added_by_the_tail_of_any_url_and_removed() {
    let world = World::new().await;
    let (id, person) = (world.document("d").await, world.person("P").await);
    let path = format!("/v1.0/documents/{id}/readers");
    for reference in [
        format!("https://graph.microsoft.com/v1.0/people/{person}"),
        format!("https://id.test/beta/directoryObjects('{person}')"),
        format!("people/{person}"),
    ] {
        let reply = world.post(&format!("{path}/$ref"), &json!({"@odata.id": reference})).send().await;
        assert_eq!(reply.status, 204, "{reference}");
        assert_eq!(world.get(&path).send().await.each("id"), [person.as_str()]);
        let remove = || world.delete(&format!("{path}/{person}/$ref"));
        assert_eq!(remove().send().await.status, 204);
        assert_eq!(remove().send().await.error(), (404, "Request_ResourceNotFound"), "there is no such link");
    }
    link(&world, &id, &person).await;
    assert_eq!(world.delete(&format!("{path}('{person}')/$ref")).send().await.status, 204);
    assert_eq!(world.delete(&format!("{path}/x/$ref")).send().await.error(), (400, "Request_BadRequest"));
}

#[tokio::test]
async fn the_relation_of_the_objects_own_type_is_used_whatever_the_path_says() {
    let world = World::new().await;
    let (report, person) = (world.report("r").await, world.person("P").await);
    let body = json!({"@odata.id": format!("people/{person}")});
    for cast in ["", "/microsoft.graph.report"] {
        let reply = world.post(&format!("/v1.0/documents/{report}{cast}/readers/$ref"), &body).send().await;
        assert_eq!(reply.error(), (400, "Report_Closed"));
    }
}

#[tokio::test]
async fn far_ends_are_named_and_typed_and_whole_for_those_who_may_read_them() {
    let world = World::new().await;
    let (id, person, report) = (world.document("d").await, world.person("P").await, world.report("r").await);
    link(&world, &id, &person).await;
    link(&world, &id, &report).await;
    let path = format!("/v1.0/documents/{id}/readers");
    let whole = world.get(&path).send().await;
    assert_eq!(whole.each("@odata.type"), ["#microsoft.graph.person", "#microsoft.graph.report"]);
    assert_eq!((&whole.body["value"][0]["salary"], &whole.body["value"][1]["title"]), (&json!(7), &json!("r")));
    assert_eq!(whole.body["@odata.context"], "https://id.test/v1.0/$metadata#directoryObjects");

    let named = json!({"@odata.type": "#microsoft.graph.person", "id": person, "displayName": "P"});
    assert_eq!(world.get(&path).with("Document.Read").send().await.body["value"][0], named);
    let guess = world.get(&format!("{path}?$filter=salary%20eq%207"));
    assert!(guess.with("Document.Read").send().await.each("id").is_empty(), "what is not shown is not filtered by");
    let chosen = world.get(&format!("{path}?$select=displayName,salary")).with("Document.Read").send().await;
    assert_eq!(chosen.body["value"][0]["salary"], json!(null));

    let cast = world.get(&format!("{path}/microsoft.graph.person?$select=displayName")).send().await;
    assert_eq!(cast.each("displayName"), ["P"]);
    assert_eq!(world.get(&format!("{path}?$filter=displayName%20eq%20'p'")).send().await.each("id"), [person.as_str()]);
}

#[tokio::test]
async fn links_come_in_pages_as_objects_and_as_references() {
    let world = World::new().await;
    let id = world.document("d").await;
    let mut people = Vec::new();
    for number in 0..5 {
        let person = world.person(&format!("{number}")).await;
        link(&world, &id, &person).await;
        people.push(person);
    }
    let path = format!("/v1.0/documents/{id}/readers");
    for (suffix, member) in [("", "id"), ("/$ref", "@odata.id")] {
        let (mut found, mut next) = (Vec::new(), Some(format!("{path}{suffix}?$top=2")));
        while let Some(path) = next {
            let reply = world.get(&path).send().await;
            assert!(reply.each(member).len() <= 2);
            found.extend(reply.each(member));
            next = reply.next();
        }
        let expected = |person: &String| match suffix {
            "" => person.clone(),
            _ => format!("https://id.test/v1.0/directoryObjects/{person}"),
        };
        assert_eq!(found, people.iter().map(expected).collect::<Vec<_>>());
    }
    let reply = world.get(&format!("{path}/$ref?$select=id")).send().await;
    assert_eq!(reply.fault(), (400, "Request_BadRequest", "$select"));
}

#[tokio::test]
async fn a_deleted_object_is_at_the_end_of_no_link() {
    let world = World::new().await;
    let (id, report) = (world.document("d").await, world.report("r").await);
    link(&world, &id, &report).await;
    world.delete(&format!("/v1.0/documents/{report}")).send().await;
    assert!(world.get(&format!("/v1.0/documents/{id}/readers")).send().await.each("id").is_empty());
    world.delete(&format!("/v1.0/documents/{id}")).send().await;
    let reply = world.get(&format!("/v1.0/documents/{id}/readers")).send().await;
    assert_eq!(reply.error(), (404, "Request_ResourceNotFound"));
}
