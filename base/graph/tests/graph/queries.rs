//! `$filter`, `$orderby`, `$search`, `$count` and `$skip`, over every list.

use crate::world::World;
use serde_json::json;
use std::time::Duration;

pub(crate) fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// Pages of one member, joined.
async fn pages(world: &World, path: &str, member: &str) -> Vec<String> {
    let (mut pages, mut next) = (Vec::new(), Some(path.to_owned()));
    while let Some(path) = next {
        let reply = world.get(&path).send().await;
        pages.push(reply.each(member).join(" "));
        next = reply.next();
    }
    pages
}

/// Four documents and a report.
async fn library() -> World {
    let world = World::new().await;
    for (title, size, colour, tags) in [
        ("Blue Whale", json!(3), json!("blue"), json!(["sea", "big"])),
        ("ant", json!(1), json!("red"), json!([])),
        ("Bee", json!(null), json!("Yellow"), json!(["air"])),
        ("crab", json!(3), json!("RED"), json!(["Sea"])),
    ] {
        let body =
            json!({"title": title, "size": size, "colour": colour, "tags": tags, "layout": {"columns": title.len()}});
        world.post("/v1.0/documents", &body).send().await.id();
    }
    world.post("/v1.0/documents/microsoft.graph.report", &json!({"title": "dodo", "size": 2})).send().await.id();
    world
}

async fn titles(world: &World, query: &str) -> String {
    let query: Vec<String> = query
        .split('&')
        .map(|pair| pair.split_once('=').map_or(pair.to_owned(), |(name, value)| format!("{name}={}", escaped(value))))
        .collect();
    let reply = world.get(&format!("/v1.0/documents?{}", query.join("&"))).send().await;
    reply.each("title").join(" ")
}

#[tokio::test]
async fn what_cannot_be_read_or_means_nothing_is_refused_and_named() {
    let world = World::new().await;
    for (option, value, code) in [
        ("$orderby", "titel", "Request_BadRequest"),
        ("$orderby", "title up", "Request_UnsupportedQuery"),
        ("$orderby", "tags", "Request_UnsupportedQuery"),
        ("$search", "", "Request_UnsupportedQuery"),
        ("$search", "\"titel:x\"", "Request_BadRequest"),
        ("$search", "a AND", "Request_UnsupportedQuery"),
        ("$count", "yes", "Request_BadRequest"),
        ("$skip", "x", "Request_BadRequest"),
        ("$format", "xml", "Request_BadRequest"),
        ("$filter", "size div 0 eq 1 and", "Request_UnsupportedQuery"),
    ] {
        for path in ["documents", "directory/deletedItems", "documents/microsoft.graph.report"] {
            let reply = world.get(&format!("/v1.0/{path}?{option}={}", escaped(value))).send().await;
            assert_eq!(reply.fault(), (400, code, option), "{path} {value}");
        }
    }
    let reply = world.get("/v1.0/documents?$orderby=title&$skip=10001").send().await;
    assert_eq!(reply.fault(), (400, "Request_BadRequest", "$skip"));
}

#[tokio::test]
async fn an_expression_without_a_value_names_the_object() {
    let world = library().await;
    let reply = world.get("/v1.0/documents?$filter=1%20div%20(size%20sub%203)%20eq%201").send().await;
    assert_eq!(reply.fault(), (400, "Request_UnsupportedQuery", "$filter"));
    assert!(reply.message().contains("has no value for the object"), "{}", reply.message());
}

#[tokio::test]
async fn what_a_caller_may_not_see_is_neither_counted_nor_asked_about() {
    let world = library().await;
    let reply = world.get("/v1.0/documents?$count=true").with("Report.ReadOwn").send().await;
    assert_eq!((&reply.body["@odata.count"], reply.each("title").len()), (&json!(0), 0));
    let reply = world.get("/v1.0/documents/$count").with("Report.Read").send().await;
    assert_eq!(reply.body, json!(1));
    assert_eq!(world.get("/v1.0/documents/$count").with("Person.Read").send().await.error().0, 403);
    let (id, person) = (world.document("d").await, world.person("P").await);
    let body = json!({"@odata.id": format!("people/{person}")});
    assert_eq!(world.post(&format!("/v1.0/documents/{id}/readers/$ref"), &body).send().await.status, 204);
    let ask = |filter: &str, permissions: &str| {
        world.get(&format!("/v1.0/documents?$filter={}", escaped(filter))).with(permissions)
    };
    let guess = "readers/any(r:r/microsoft.graph.person/salary eq 7)";
    assert_eq!(ask(guess, "Document.Read,Person.Read").send().await.each("title"), ["d"]);
    assert!(ask(guess, "Document.Read").send().await.each("title").is_empty());
}

#[tokio::test]
async fn the_whole_grammar_is_obeyed_on_every_property() {
    let world = library().await;
    for (filter, found) in [
        ("contains(title,'E')", "Blue Whale Bee"),
        ("not (size ge 2)", "ant Bee"),
        ("size eq null", "Bee"),
        ("colour in ('red','YELLOW')", "ant Bee crab"),
        ("colour eq 'red' and size gt 1", "crab"),
        ("tags/any(t:t eq 'sea')", "Blue Whale crab"),
        ("tags/$count eq 0", "ant dodo"),
        ("isof('microsoft.graph.report')", "dodo"),
        ("layout/columns gt 4", "Blue Whale"),
        ("createdBy eq 'the press'", "Blue Whale ant Bee crab"),
        ("length(title) eq 3 or startswith(title,'do')", "ant Bee dodo"),
        ("createdDateTime le now() and size eq 2", "dodo"),
        ("readers/$count eq 0 and size eq 1", "ant"),
        ("deletedDateTime ne null", ""),
    ] {
        assert_eq!(titles(&world, &format!("$filter={filter}")).await, found, "{filter}");
    }
}

#[tokio::test]
async fn lists_come_in_the_order_asked_for_page_by_page() {
    let world = library().await;
    for (order, found) in [
        ("title", ["ant", "Bee", "Blue Whale", "crab", "dodo"]),
        ("title desc", ["dodo", "crab", "Blue Whale", "Bee", "ant"]),
        ("size,title", ["Bee", "ant", "dodo", "Blue Whale", "crab"]),
        ("size desc,title desc", ["crab", "Blue Whale", "dodo", "ant", "Bee"]),
        ("length(title),id", ["ant", "Bee", "crab", "dodo", "Blue Whale"]),
    ] {
        for top in 1..=6 {
            let path = format!("/v1.0/documents?$orderby={}&$top={top}", escaped(order));
            let expected: Vec<String> = found.chunks(top).map(|page| page.join(" ")).collect();
            assert_eq!(pages(&world, &path, "title").await, expected, "{order} {top}");
        }
        let path = format!("/v1.0/documents?$orderby={}&$top=2&$skip=2", escaped(order));
        assert_eq!(pages(&world, &path, "title").await, [found[2..4].join(" "), found[4].to_owned()], "{order}");
    }
}

#[tokio::test]
async fn words_are_searched_where_the_type_says_or_the_client_does() {
    let world = library().await;
    for (search, found) in [
        ("\"title:b\"", "Blue Whale Bee"),
        ("whale", "Blue Whale"),
        ("\"colour:red\" AND NOT \"title:ant\"", "crab"),
        ("ant OR dodo", "ant dodo"),
        ("red", ""),
    ] {
        assert_eq!(titles(&world, &format!("$search={search}")).await, found, "{search}");
    }
    assert_eq!(titles(&world, "$search=b&$filter=size eq null&$orderby=title desc").await, "Bee");
}

#[tokio::test]
async fn counts_are_of_all_that_match_on_the_first_page_and_alone() {
    let world = library().await;
    for (query, all) in
        [("", 5), ("&$filter=size%20eq%203", 2), ("&$orderby=title", 5), ("&$search=b", 2), ("&$skip=1", 5)]
    {
        let first = world.get(&format!("/v1.0/documents?$count=true&$top=1{query}")).send().await;
        assert_eq!(first.body["@odata.count"], json!(all), "{query}");
        let second = world.get(&first.next().unwrap()).send().await;
        assert_eq!(second.body.get("@odata.count"), None, "{query}");
    }
    let count =
        world.get("/v1.0/documents/$count?$filter=size%20eq%203").header("ConsistencyLevel", "eventual").send().await;
    assert_eq!((count.header("content-type"), &count.body), ("text/plain", &json!(2)));
    assert_eq!(world.get("/v1.0/documents/microsoft.graph.report/$count").send().await.body, json!(1));
    let id = world.document("d").await;
    assert_eq!(world.get(&format!("/v1.0/documents/{id}/readers/$count")).send().await.body, json!(0));
    assert_eq!(world.get(&format!("/v1.0/documents/{id}/notes/$count")).send().await.body, json!(1));
    world.delete(&format!("/v1.0/documents/{id}")).send().await;
    assert_eq!(world.get("/v1.0/directory/deletedItems/$count").send().await.body, json!(1));
    let deleted =
        world.get("/v1.0/directory/deletedItems/microsoft.graph.document?$filter=title%20eq%20'd'&$count=true");
    assert_eq!(deleted.send().await.body["@odata.count"], json!(1));
    assert_eq!(titles(&world, "$filter=title eq 'ant'&$count=false&$format=json").await, "ant");
}

#[tokio::test]
async fn skipped_objects_are_skipped_once() {
    let world = library().await;
    assert_eq!(pages(&world, "/v1.0/documents?$skip=1&$top=2", "title").await, ["ant Bee", "crab dodo"]);
    assert_eq!(pages(&world, "/v1.0/documents?$skip=9", "title").await, [""]);
    let id = world.document("d").await;
    assert_eq!(pages(&world, &format!("/v1.0/documents/{id}/notes?$skip=1"), "name").await, [""]);
}

#[tokio::test]
async fn selected_paths_leave_the_named_parts() {
    let world = library().await;
    let reply = world.get("/v1.0/documents?$select=layout/columns,title&$filter=title%20eq%20'ant'").send().await;
    assert_eq!(reply.body["value"][0]["layout"], json!({"columns": 3}));
    assert_eq!(reply.body["value"][0].get("size"), None);
}

#[tokio::test]
async fn a_list_that_runs_out_of_time_says_where_to_go_on_and_a_count_is_refused() {
    let world = World::with_work_limit(Some(Duration::ZERO)).await;
    for number in 0..260 {
        world.post("/v1.0/documents", &json!({"title": "t", "size": number})).send().await.id();
    }
    let found = pages(&world, "/v1.0/documents?$filter=size%20ge%20255", "title").await;
    assert_eq!(found, ["", "t t t t t"]);
    let all = "$filter=size%20ge%200";
    let counted = [format!("documents/$count?{all}"), format!("documents?$count=true&$top=1&{all}")];
    for path in counted.into_iter().chain(["documents?$orderby=size".to_owned()]) {
        let reply = world.get(&format!("/v1.0/{path}")).send().await;
        assert_eq!(reply.error(), (400, "Directory_ResultSizeLimitExceeded"), "{path}");
        assert!(reply.message().contains("0 ms"), "{}", reply.message());
    }
    // The store counts without looking.
    assert_eq!(world.get("/v1.0/documents/$count").send().await.body, json!(260));
    assert_eq!(world.get("/v1.0/documents?$count=true&$top=1").send().await.body["@odata.count"], json!(260));
    // An index leaves little to look at.
    world.post("/v1.0/documents", &json!({"title": "x", "colour": "red"})).send().await.id();
    assert_eq!(world.get("/v1.0/documents/$count?$filter=colour%20eq%20'RED'").send().await.body, json!(1));
    let prefix = "/v1.0/documents/$count?$filter=startsWith(colour,'Re')";
    assert_eq!(world.get(prefix).send().await.body, json!(1));
    assert_eq!(
        world.get("/v1.0/documents?$orderby=title&$filter=colour%20eq%20'red'").send().await.each("title"),
        ["x"]
    );
}

#[tokio::test]
async fn a_list_in_the_order_of_an_index_that_runs_out_of_time_says_where_to_go_on() {
    let world = World::with_work_limit(Some(Duration::ZERO)).await;
    for number in 0..260 {
        let document = json!({"title": format!("{number}"), "label": format!("L{:03}", 300 - number), "size": number});
        world.post("/v1.0/documents", &document).send().await.id();
    }
    let path = |order: &str| format!("/v1.0/documents?$orderby={}&$filter=size%20ge%20256", escaped(order));
    assert_eq!(pages(&world, &path("label"), "title").await, ["259 258 257 256", ""]);
    assert_eq!(pages(&world, &path("label desc"), "title").await, ["", "256 257 258 259"]);
    let first = world.get("/v1.0/documents?$orderby=label&$top=2&$count=true").send().await;
    assert_eq!(
        (first.each("title"), &first.body["@odata.count"]),
        (vec!["259".to_owned(), "258".to_owned()], &json!(260))
    );
}

#[tokio::test]
async fn a_text_longer_than_its_key_is_put_in_order_as_a_whole() {
    let world = World::new().await;
    let long = |last: &str| format!("{}{last}", "x".repeat(256));
    for (title, label) in
        [("third", long("c")), ("first", long("a")), ("zeroth", "a".to_owned()), ("second", long("B"))]
    {
        world.post("/v1.0/documents", &json!({"title": title, "label": label})).send().await.id();
    }
    let found = pages(&world, "/v1.0/documents?$orderby=label&$top=1", "title").await;
    assert_eq!(found, ["zeroth", "first", "second", "third"]);
}
