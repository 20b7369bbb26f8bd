//! `$expand`.

use crate::queries::escaped;
use crate::world::World;
use serde_json::{Value, json};

async fn link(world: &World, source: &str, target: &str) {
    let body = json!({"@odata.id": format!("directoryObjects/{target}")});
    assert_eq!(world.post(&format!("/v1.0/documents/{source}/readers/$ref"), &body).send().await.status, 204);
}

/// A document with four readers, of which one is a document with a reader.
async fn world() -> (World, String) {
    let world = World::new().await;
    let id = world.document("outer").await;
    for name in ["Ada", "Bob", "Cy"] {
        link(&world, &id, &world.person(name).await).await;
    }
    let inner = world.document("inner").await;
    link(&world, &id, &inner).await;
    link(&world, &inner, &world.person("Deep").await).await;
    (world, id)
}

fn names(list: &Value) -> String {
    let name = |item: &Value| item["displayName"].as_str().or(item["title"].as_str()).unwrap_or("-").to_owned();
    list.as_array().unwrap().iter().map(name).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn what_cannot_be_expanded_is_refused_even_if_there_is_nothing() {
    let world = World::new().await;
    for expand in [
        "nobody",
        "title",
        "readers($select=titel)",
        "readers($filter=titel eq 'x')",
        "readers($orderby=titel)",
        "readers($expand=nobody)",
        "readers/microsoft.graph.unheard",
        "readers/$ref($select=id)",
        "notes($expand=readers)",
        "notes/microsoft.graph.note",
        "readers($levels=9)",
        "readers($deltatoken=x)",
    ] {
        for path in ["documents", "directory/deletedItems"] {
            let reply = world.get(&format!("/v1.0/{path}?$expand={}", escaped(expand))).send().await;
            assert_eq!(reply.status, 400, "{path} {expand}");
        }
    }
    let id = world.document("d").await;
    for path in [format!("documents/{id}/notes"), format!("documents/{id}/notes/imprint"), "logs/entries".to_owned()] {
        let reply = world.get(&format!("/v1.0/{path}?$expand=readers")).with("Document.Read,Log.Read").send().await;
        assert_eq!(reply.fault(), (400, "Request_UnsupportedQuery", "$expand"), "{path}");
    }
}

#[tokio::test]
async fn relations_come_named_and_typed_in_items_and_lists() {
    let (world, id) = world().await;
    for path in [format!("documents/{id}?"), format!("documents?$filter={}&", escaped("title eq 'outer'"))] {
        let reply = world.get(&format!("/v1.0/{path}$expand=readers&$select=title")).send().await;
        let object = if reply.body["value"].is_array() { &reply.body["value"][0] } else { &reply.body };
        assert_eq!((names(&object["readers"]), &object["title"]), ("Ada Bob Cy inner".to_owned(), &json!("outer")));
        assert_eq!(object["readers"][0]["@odata.type"], "#microsoft.graph.person");
        assert_eq!(object["readers"][0]["salary"], 7);
    }
    let narrow = world.get(&format!("/v1.0/documents/{id}?$expand=readers")).with("Document.Read").send().await;
    let person = &narrow.body["readers"][0];
    assert_eq!((&person["displayName"], person.get("salary")), (&json!("Ada"), None), "only named to this caller");
}

#[tokio::test]
async fn nested_options_are_obeyed() {
    let (world, id) = world().await;
    let get = async |expand: &str| {
        let reply = world.get(&format!("/v1.0/documents/{id}?$expand={}", escaped(expand))).send().await;
        assert_eq!(reply.status, 200, "{expand}: {}", reply.body);
        reply.body
    };
    for (expand, found) in [
        ("*", "Ada Bob Cy inner"),
        ("readers/microsoft.graph.person", "Ada Bob Cy"),
        ("readers($filter=isof('microsoft.graph.document'))", "inner"),
        ("readers/microsoft.graph.person($orderby=displayName desc;$top=2)", "Cy Bob"),
        ("readers($search=ada)", "Ada"),
        ("readers($skip=1;$top=1)", "Bob"),
    ] {
        assert_eq!(names(&get(expand).await["readers"]), found, "{expand}");
    }
    let some = get("readers($select=displayName;$count=true;$top=1)").await;
    assert_eq!((&some["readers@odata.count"], some["readers"][0].get("id")), (&json!(4), None));
    let references = get("readers/$ref($top=1)").await;
    assert!(
        references["readers"][0]["@odata.id"].as_str().unwrap().starts_with("https://id.test/v1.0/directoryObjects/")
    );
    let deep = get("readers($levels=2)").await;
    assert_eq!(names(&deep["readers"][3]["readers"]), "Deep");
    let nested = get("readers($filter=isof('microsoft.graph.document');$expand=readers($select=displayName))").await;
    assert_eq!(names(&nested["readers"][0]["readers"]), "Deep");
    assert_eq!(get("notes($select=name)").await["notes"][0]["name"], "imprint");
}

#[tokio::test]
async fn more_than_fits_is_found_by_its_own_link() {
    let (world, id) = world().await;
    let expand =
        escaped("readers/microsoft.graph.person($orderby=displayName desc;$top=2;$filter=displayName ne 'x;y')");
    let reply = world.get(&format!("/v1.0/documents/{id}?$expand={expand}")).send().await;
    let link = reply.body["readers@odata.nextLink"].as_str().unwrap().strip_prefix(crate::world::BASE).unwrap();
    assert_eq!(names(&world.get(link).send().await.body["value"]), "Ada");
}
