//! `delta`.

use crate::world::{BASE, Reply, World};
use serde::{Deserialize, Serialize};
use serde_json::json;
use signet_store::{Id, Kind, UniqueKeys};

fn link(reply: &Reply, name: &str) -> Option<String> {
    let link = reply.body.get(name)?.as_str().unwrap();
    Some(link.strip_prefix(BASE).unwrap().to_owned())
}

/// All pages from here: each object's title, or why it is not there; and where to ask next.
async fn read(world: &World, from: &str) -> (Vec<String>, String) {
    let (mut found, mut path) = (Vec::new(), from.to_owned());
    loop {
        let reply = world.get(&path).send().await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        for item in reply.body["value"].as_array().unwrap() {
            let reason = item["@removed"]["reason"].as_str();
            found.push(reason.or(item["title"].as_str()).unwrap_or("-").to_owned());
        }
        match link(&reply, "@odata.nextLink") {
            Some(next) => path = next,
            None => return (found, link(&reply, "@odata.deltaLink").unwrap()),
        }
    }
}

#[tokio::test]
async fn what_delta_does_not_obey_is_refused() {
    let world = World::new().await;
    for option in ["$orderby=title", "$expand=readers", "$search=x", "$skip=1", "$count=true"] {
        let reply = world.get(&format!("/v1.0/documents/delta?{option}")).send().await;
        assert_eq!(reply.error(), (400, "Request_UnsupportedQuery"), "{option}");
    }
    assert_eq!(world.get("/v1.0/documents/delta").with("Person.Read").send().await.error().0, 403);
    assert_eq!(world.get("/v1.0/logs/entries/delta").with("Log.Read").send().await.error().0, 404);
    assert_eq!(world.post("/v1.0/documents/delta", &json!({})).send().await.status, 405);
}

#[tokio::test]
async fn a_token_is_good_for_its_tenant_and_query_alone() {
    let world = World::new().await;
    world.document("d").await;
    let (_, delta) = read(&world, "/v1.0/documents/delta").await;
    assert_eq!(world.get(&delta).in_tenant(world.other).send().await.error().1, "Directory_ExpiredPageToken");
    for wrong in [delta.replace("documents/", "people/"), delta.replace('?', "?$select=id&"), format!("{delta}x")] {
        assert_eq!(world.get(&wrong).send().await.error().1, "Directory_ExpiredPageToken", "{wrong}");
    }
    let both = world.get(&format!("{delta}&$skiptoken=x")).send().await;
    assert_eq!(both.fault(), (400, "Request_BadRequest", "$deltatoken"));
}

#[tokio::test]
async fn the_first_round_is_the_list_and_the_next_what_changed() {
    let world = World::new().await;
    assert_eq!(read(&world, "/v1.0/documents/delta").await.0, Vec::<String>::new());
    let mut ids = Vec::new();
    for title in ["a", "b", "c"] {
        ids.push(world.document(title).await);
    }
    let (found, delta) = read(&world, "/v1.0/documents/microsoft.graph.delta()?$top=2").await;
    assert_eq!(found, ["a", "b", "c"]);
    assert_eq!(read(&world, &delta).await.0, Vec::<String>::new());

    world.patch(&format!("/v1.0/documents/{}", ids[0]), &json!({"title": "a2"})).send().await;
    world.delete(&format!("/v1.0/documents/{}", ids[1])).send().await;
    world.report("r").await;
    world.person("P").await;
    let (found, next) = read(&world, &delta).await;
    assert_eq!(found, ["a2", "changed", "r"]);
    assert_eq!(read(&world, &delta).await.0, found, "the same again for the same token");

    world.ask(axum::http::Method::POST, &format!("/v1.0/directory/deletedItems/{}/restore", ids[1])).send().await;
    let (found, next) = read(&world, &next).await;
    assert_eq!(found, ["b"]);
    world.delete(&format!("/v1.0/documents/{}", ids[1])).send().await;
    let (_, next) = read(&world, &next).await;
    world.delete(&format!("/v1.0/directory/deletedItems/{}", ids[1])).send().await;
    assert_eq!(read(&world, &next).await.0, ["deleted"]);
    let all = read(&world, "/v1.0/directoryObjects/delta").await.0;
    assert_eq!(all, ["a2", "c", "r", "-"]);
}

#[tokio::test]
async fn what_leaves_the_filter_is_removed() {
    let world = World::new().await;
    let id = world.document("a").await;
    let (found, delta) = read(&world, "/v1.0/documents/delta?$filter=title%20eq%20'a'&$select=title").await;
    assert_eq!(found, ["a"]);
    world.patch(&format!("/v1.0/documents/{id}"), &json!({"title": "b"})).send().await;
    assert_eq!(read(&world, &delta).await.0, ["changed"]);
}

#[tokio::test]
async fn what_is_latest_is_known_without_reading_the_list() {
    let world = World::new().await;
    world.document("a").await;
    let (found, delta) = read(&world, "/v1.0/documents/delta?$deltatoken=latest").await;
    assert!(found.is_empty());
    world.document("b").await;
    assert_eq!(read(&world, &delta).await.0, ["b"]);
}

#[tokio::test]
async fn what_cannot_be_told_any_more_is_410_with_where_to_start_again() {
    let world = World::new().await;
    let id = world.document("a").await;
    let (_, delta) = read(&world, "/v1.0/documents/delta?$top=5").await;
    world.delete(&format!("/v1.0/documents/{id}")).send().await;
    world.delete(&format!("/v1.0/directory/deletedItems/{id}")).send().await;
    let reply = world.get(&delta).send().await;
    assert_eq!(reply.error(), (410, "resyncRequired"));
    assert_eq!(reply.header("location"), "https://id.test/v1.0/documents/delta?$top=5");
}

/// What the program keeps for itself: no type shows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Own(u32);

impl Kind for Own {
    const NAME: &'static str = "own";

    fn unique(&self, _: &mut UniqueKeys) {}
}

#[tokio::test]
async fn what_the_program_keeps_for_itself_is_not_told_of_and_is_no_reason_to_start_again() {
    let world = World::new().await;
    for set in ["documents", "directoryObjects"] {
        let (_, delta) = read(&world, &format!("/v1.0/{set}/delta?$deltatoken=latest")).await;
        let (store, id) = (world.store(), Id::of(world.store().context().new_object_id()));
        let mut unit = store.unit();
        unit.create(id, &Own(1));
        store.commit(unit).await.unwrap();
        let (found, delta) = read(&world, &delta).await;
        assert!(found.is_empty(), "{set}: {found:?}");
        let mut unit = store.unit();
        unit.remove(&store.find(id).await.unwrap().unwrap(), store.context().new_uuid());
        store.commit(unit).await.unwrap();
        world.document("a").await;
        assert_eq!(read(&world, &delta).await.0, ["a"], "{set}");
    }
}

#[tokio::test]
async fn only_what_a_caller_may_read_is_told() {
    let world = World::new().await;
    let first = world.get("/v1.0/documents/delta").with("Report.ReadOwn").send().await;
    let delta = link(&first, "@odata.deltaLink").unwrap();
    world.document("d").await;
    world.report("r").await;
    let reply = world.get(&delta).with("Report.ReadOwn").send().await;
    assert_eq!(reply.body["value"], json!([]));
}
