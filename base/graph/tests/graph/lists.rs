//! Lists: types, pages, filters.

use crate::world::{World, caller_object};
use serde_json::json;

/// Reads all pages; each must hold at most `top`.
async fn all_pages(world: &World, first: &str, member: &str, top: usize) -> Vec<String> {
    let (mut found, mut next) = (Vec::new(), Some(first.to_owned()));
    while let Some(path) = next {
        let reply = world.get(&path).send().await;
        let page = reply.each(member);
        assert!(page.len() <= top, "{path}: {page:?}");
        found.extend(page);
        next = reply.next();
    }
    found
}

#[tokio::test]
async fn an_uncast_list_names_every_type_and_a_cast_leaves_one() {
    let world = World::new().await;
    world.document("d").await;
    world.report("r").await;
    let list = world.get("/v1.0/documents").send().await;
    assert_eq!(list.each("@odata.type"), ["#microsoft.graph.document", "#microsoft.graph.report"]);
    assert_eq!(list.body["@odata.context"], "https://id.test/v1.0/$metadata#documents");
    let cast = world.get("/v1.0/documents/microsoft.graph.report").send().await;
    assert_eq!(cast.each("title"), ["r"]);
    assert_eq!(cast.each("@odata.type"), ["#microsoft.graph.report"]);
    assert_eq!(cast.body["@odata.context"], "https://id.test/v1.0/$metadata#documents/microsoft.graph.report");
}

#[tokio::test]
async fn pages_hold_each_object_once_and_their_links_keep_the_query() {
    let world = World::new().await;
    let mut ids = Vec::new();
    for number in 0..7 {
        ids.push(world.document(&format!("{number}")).await);
    }
    for top in [1, 2, 3, 6, 7, 8] {
        let path = format!("/v1.0/documents?$select=id&$top={top}");
        assert_eq!(all_pages(&world, &path, "id", top).await, ids, "{top}");
    }
    let first = world.get("/v1.0/documents?$top=3&x=y&$select=title,id").send().await;
    let next = first.next().unwrap();
    assert!(next.starts_with("/v1.0/documents?$top=3&x=y&$select=title,id&$skiptoken="), "{next}");
    let second = world.get(&next).send().await;
    assert_eq!(
        second.body["value"][0],
        json!({"@odata.type": "#microsoft.graph.document", "@odata.etag": "\"1\"", "title": "3", "id": ids[3]})
    );
    // Some clients escape what the link does not.
    let escaped = next.replace('$', "%24").replace("title,id", "title%2Cid");
    assert_eq!(world.get(&escaped).send().await.each("id"), second.each("id"));
    assert_eq!(second.next().unwrap().matches("skiptoken").count(), 1);
    assert_eq!(all_pages(&world, "/v1.0/documents", "id", 100).await, ids);
}

#[tokio::test]
async fn what_a_caller_may_not_see_takes_no_room_on_its_pages() {
    let world = World::new().await;
    for number in 0..30 {
        let author = if number % 7 == 0 { caller_object().to_string() } else { world.other.to_string() };
        let body = json!({"title": format!("{number}"), "author": author});
        world.post("/v1.0/documents/microsoft.graph.report", &body).send().await.id();
    }
    let (mut found, mut next) = (Vec::new(), Some("/v1.0/documents?$top=2".to_owned()));
    while let Some(path) = next {
        let reply = world.get(&path).with("Report.ReadOwn").send().await;
        found.push(reply.each("title").join(" "));
        next = reply.next();
    }
    // The second page is full before the reports that follow it have been looked at.
    assert_eq!(found, ["0 7", "14 21", "28"]);
}

#[tokio::test]
async fn a_page_token_is_refused_altered_elsewhere_or_by_another_tenant() {
    let world = World::new().await;
    for number in 0..3 {
        world.document(&format!("{number}")).await;
    }
    let next = world.get("/v1.0/documents?$top=1").send().await.next().unwrap();
    let token = next.split("skiptoken=").nth(1).unwrap();
    let foreign = world.get(&next).in_tenant(world.other).send().await;
    assert_eq!(foreign.fault(), (400, "Directory_ExpiredPageToken", "$skiptoken"));
    for path in [
        format!("documents?$top=1&$skiptoken=A{token}"),
        format!("documents?$top=1&$skiptoken={}", token.to_uppercase()),
        "documents?$top=1&$skiptoken=".to_owned(),
        format!("documents?$top=2&$skiptoken={token}"),
        format!("documents?$top=1&$select=id&$skiptoken={token}"),
        format!("documents?$top=1&$filter=size%20eq%201&$skiptoken={token}"),
        format!("documents/microsoft.graph.report?$top=1&$skiptoken={token}"),
        format!("directory/deletedItems?$top=1&$skiptoken={token}"),
    ] {
        let reply = world.get(&format!("/v1.0/{path}")).send().await;
        assert_eq!(reply.fault(), (400, "Directory_ExpiredPageToken", "$skiptoken"), "{path}");
    }
    assert_eq!(world.get(&next).send().await.each("title"), ["1"]);
}

#[tokio::test]
async fn a_filter_that_cannot_be_read_or_means_nothing_here_is_refused() {
    let world = World::new().await;
    for (filter, code) in [
        ("title", "Request_UnsupportedQuery"),
        ("title%20eq", "Request_UnsupportedQuery"),
        ("isof('microsoft.graph.unheard')", "Request_UnsupportedQuery"),
        ("size%20eq%20'x'", "Request_UnsupportedQuery"),
        ("readers%20eq%20null", "Request_UnsupportedQuery"),
        ("readers/any(r:r/titel%20eq%20'x')", "Request_BadRequest"),
        ("titel%20eq%20'x'", "Request_BadRequest"),
        ("not%20(size%20gt%201%20or%20nothing%20eq%20null)", "Request_BadRequest"),
    ] {
        for path in ["documents", "directory/deletedItems"] {
            let reply = world.get(&format!("/v1.0/{path}?$filter={filter}")).send().await;
            assert_eq!(reply.fault(), (400, code, "$filter"), "{path} {filter}");
        }
    }
}

#[tokio::test]
async fn a_filter_is_applied_to_what_would_be_shown_page_by_page() {
    let world = World::new().await;
    for number in 0..600 {
        let title = if number % 100 == 7 { "Odd" } else { "even" };
        world.post("/v1.0/documents", &json!({"title": title, "size": number})).send().await.id();
    }
    let size = async |filter: &str, top| {
        let path = format!("/v1.0/documents?$filter={}&$top={top}", filter.replace(' ', "%20"));
        all_pages(&world, &path, "title", top).await.len()
    };
    assert_eq!(size("title eq 'odd'", 4).await, 6);
    assert_eq!(size("title eq 'odd' and size ge 107", 2).await, 5);
    assert_eq!(size("createdBy eq 'the press' and size lt 5", 100).await, 5);
    assert_eq!(size("createdDateTime gt 2020-01-01T00:00:00Z and size in (1, 2)", 1).await, 2);
    assert_eq!(size("title eq 'none'", 1).await, 0);
}

#[tokio::test]
async fn a_filter_by_a_key_finds_the_one_object() {
    let world = World::new().await;
    let code = "0d1a2b3c-0000-4000-8000-000000000001";
    let body = json!({"title": "d", "code": code, "uniqueName": "Name"});
    let id = world.post("/v1.0/documents", &body).send().await.id();
    world.document("other").await;
    let found = async |path: &str, filter: &str| {
        let path = format!("/v1.0/{path}?$filter={}", filter.replace(' ', "%20"));
        world.get(&path).send().await.each("id")
    };
    for filter in [
        format!("id eq '{id}'"),
        format!("id eq {id} and title eq 'd'"),
        format!("code eq '{}'", code.to_uppercase()),
        "uniqueName eq 'name'".to_owned(),
    ] {
        assert_eq!(found("documents", &filter).await, [id.as_str()], "{filter}");
    }
    for filter in [
        format!("id eq '{id}' and title eq 'other'"),
        "id eq 'x'".to_owned(),
        format!("id eq '{code}'"),
        "code eq 'x'".to_owned(),
        "uniqueName eq 'nam'".to_owned(),
    ] {
        assert!(found("documents", &filter).await.is_empty(), "{filter}");
    }
    assert!(found("documents/microsoft.graph.report", &format!("id eq '{id}'")).await.is_empty());
    assert!(found("directory/deletedItems", &format!("id eq '{id}'")).await.is_empty());
    assert_eq!(found("documents", &format!("id eq '{id}' or title eq 'other'")).await.len(), 2);
}

#[tokio::test]
async fn what_the_store_does_not_hold_is_listed_and_found_too() {
    let world = World::new().await;
    let get = |path: &str| world.get(&format!("/v1.0/logs/entries{path}")).with("Log.Read");
    assert_eq!(world.get("/v1.0/logs/entries").send().await.error(), (403, "Authorization_RequestDenied"));
    for path in ["/10", "/x", "(x='1')"] {
        assert_ne!(get(path).send().await.status, 200, "{path}");
    }
    assert_eq!(get("/3").send().await.body["line"], "line 3");
    assert_eq!(get("/3?$select=id").send().await.body.get("line"), None);
    assert_eq!(get("?$filter=whatever%20it%20takes&$top=2").send().await.each("id"), ["0", "2"]);
    let first = get("?$top=4").send().await;
    assert_eq!(first.each("id"), ["0", "1", "2", "3"]);
    let second = world.get(&first.next().unwrap()).with("Log.Read").send().await;
    assert_eq!(second.each("id"), ["4", "5", "6", "7"]);
}
