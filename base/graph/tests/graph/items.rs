//! One object: create, read, change, delete; versions; create by key.

use crate::world::World;
use serde_json::json;

#[tokio::test]
async fn a_new_object_is_answered_as_it_is_stored() {
    let world = World::new().await;
    let body = json!({"title": "r", "size": 3, "secret": "s"});
    let reply = world.post("/v1.0/documents/microsoft.graph.report", &body).send().await;
    let id = reply.id();
    assert_eq!(reply.status, 201);
    assert_eq!(reply.header("location"), format!("https://id.test/v1.0/documents/{id}"));
    assert_eq!((reply.header("etag"), reply.header("odata-version")), ("\"1\"", "4.0"));
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(reply.header("content-type"), "application/json;odata.metadata=minimal;charset=utf-8");
    let shown: serde_json::Value = serde_json::from_str(&reply.body.to_string().replace(&id, "[id]")).unwrap();
    insta::assert_json_snapshot!(shown, @r##"
    {
      "@odata.context": "https://id.test/v1.0/$metadata#documents/$entity",
      "@odata.type": "#microsoft.graph.report",
      "@odata.etag": "\"1\"",
      "id": "[id]",
      "deletedDateTime": null,
      "createdDateTime": "2026-11-21T10:00:00.001Z",
      "title": "r",
      "size": 3,
      "colour": null
    }
    "##);
}

#[tokio::test]
async fn an_object_of_the_base_type_names_its_type_only_where_others_can_stand() {
    let world = World::new().await;
    let id = world.document("d").await;
    let one = world.get(&format!("/v1.0/documents/{id}")).send().await;
    assert_eq!(one.body.get("@odata.type"), None);
    assert_eq!(one.body["@odata.context"], "https://id.test/v1.0/$metadata#documents/$entity");
    assert_eq!(one.body["createdBy"], "the press", "completed");
    let list = world.get("/v1.0/documents").send().await;
    assert_eq!(list.each("@odata.type"), ["#microsoft.graph.document"]);
    let any = world.get(&format!("/beta/directoryObjects/{id}")).send().await;
    assert_eq!(any.body["@odata.type"], "#microsoft.graph.document");
    assert_eq!(any.body["@odata.context"], "https://id.test/beta/$metadata#directoryObjects/$entity");
}

#[tokio::test]
async fn select_leaves_what_it_names_and_shows_what_is_shown_only_then() {
    let world = World::new().await;
    let body = json!({"title": "d", "secret": "s"});
    let id = world.post("/v1.0/documents", &body).send().await.id();
    let get = |query: &str| world.get(&format!("/v1.0/documents/{id}?{query}"));
    for (query, target) in [("$select=nothing", "$select"), ("$select=title,nothing/a", "$select")] {
        assert_eq!(get(query).send().await.fault(), (400, "Request_BadRequest", target));
    }
    assert_eq!(get("").send().await.body.get("secret"), None);
    let reply = get("$select=secret,%20title,size,author").send().await;
    assert_eq!(
        reply.body,
        json!({
            "@odata.context": "https://id.test/v1.0/$metadata#documents(secret,title,size,author)/$entity",
            "@odata.etag": "\"1\"", "title": "d", "secret": "s", "size": null, "author": null,
        })
    );
}

#[tokio::test]
async fn an_option_that_is_not_obeyed_is_refused() {
    let world = World::new().await;
    let id = world.document("d").await;
    for option in ["$apply=x", "$x=1", "$deltatoken=x"] {
        let name = option.split('=').next().unwrap();
        for path in ["documents".to_owned(), format!("documents/{id}"), format!("documents/{id}/readers")] {
            let reply = world.get(&format!("/v1.0/{path}?{option}")).send().await;
            assert_eq!(reply.fault(), (400, "Request_UnsupportedQuery", name), "{path}");
        }
    }
    for option in ["$select=id", "$orderby=title", "$top=1", "$skip=1", "$count=true"] {
        let name = option.split('=').next().unwrap();
        for path in ["documents".to_owned(), format!("documents/{id}/readers"), "directory/deletedItems".to_owned()] {
            let reply = world.get(&format!("/v1.0/{path}/$count?{option}")).send().await;
            assert_eq!(reply.fault(), (400, "Request_UnsupportedQuery", name), "{path}");
        }
    }
    for option in ["$top=1", "$filter=title%20eq%20'x'", "$skiptoken=x", "$orderby=title", "$search=x", "$count=true"] {
        let name = option.split('=').next().unwrap();
        let path = format!("/v1.0/documents/{id}?{option}");
        for ask in [world.get(&path), world.patch(&path, &json!({})), world.delete(&path)] {
            assert_eq!(ask.send().await.fault(), (400, "Request_UnsupportedQuery", name));
        }
    }
    let reply = world.delete(&format!("/v1.0/documents/{id}?$select=id")).send().await;
    assert_eq!(reply.fault(), (400, "Request_UnsupportedQuery", "$select"));
    for wrong in ["$top=1&$top=1", "$top=0", "$top=1000", "$top=-1", "$select=%zz"] {
        let reply = world.get(&format!("/v1.0/documents?{wrong}")).send().await;
        assert_eq!(reply.error(), (400, "Request_BadRequest"), "{wrong}");
    }
    assert_eq!(world.get(&format!("/v1.0/documents/{id}?api-version=1&x")).send().await.status, 200);
}

#[tokio::test]
async fn a_patch_answers_204_or_the_object_if_the_client_prefers() {
    let world = World::new().await;
    let id = world.document("d").await;
    let path = format!("/v1.0/documents/{id}");
    for wrong in [json!({"x": 1}), json!({"@odata.type": "#microsoft.graph.report", "size": 1})] {
        assert_eq!(world.patch(&path, &wrong).send().await.error(), (400, "Request_BadRequest"));
    }
    let reply = world.patch(&path, &json!({"@odata.type": "#microsoft.graph.document", "size": 1})).send().await;
    assert_eq!((reply.status.as_u16(), &reply.body), (204, &json!(null)));
    let prefer = world.patch(&path, &json!({"size": 2})).header("prefer", "return=representation");
    let reply = prefer.send().await;
    assert_eq!((reply.status.as_u16(), &reply.body["size"], reply.header("etag")), (200, &json!(2), "\"3\""));
    assert_eq!(reply.header("preference-applied"), "return=representation");
    // Who may write and not read is shown nothing.
    let blind = world.patch(&path, &json!({"size": 3})).header("prefer", "return=representation");
    assert_eq!(blind.with("Document.Write").send().await.status, 204);
    assert_eq!(world.get(&path).send().await.body["size"], 3);
}

#[tokio::test]
async fn rfc9110_s13_1_1_a_change_of_another_version_than_named_is_refused() {
    let world = World::new().await;
    let id = world.document("d").await;
    let path = format!("/v1.0/documents/{id}");
    for tag in ["\"2\"", "W/\"1\"", "1"] {
        for ask in [world.patch(&path, &json!({"size": 1})), world.delete(&path)] {
            let reply = ask.header("if-match", tag).send().await;
            assert_eq!(reply.fault(), (412, "Request_PreconditionFailed", "If-Match"), "{tag}");
        }
    }
    assert_eq!(world.patch(&path, &json!({"size": 1})).header("if-match", "\"1\"").send().await.status, 204);
    assert_eq!(world.patch(&path, &json!({"size": 2})).header("if-match", "*").send().await.status, 204);
    assert_eq!(world.get(&path).send().await.body["@odata.etag"], "\"3\"");
    assert_eq!(world.delete(&path).header("if-match", "\"2\"").send().await.error().0, 412);
    assert_eq!(world.delete(&path).header("if-match", "\"3\"").send().await.status, 204);
    assert_eq!(world.get(&path).send().await.error(), (404, "Request_ResourceNotFound"));
}

#[tokio::test]
async fn a_patch_by_key_creates_what_is_missing_if_the_client_prefers() {
    let world = World::new().await;
    let path = "/v1.0/documents(uniqueName='x')/microsoft.graph.report";
    let patch = |body| world.patch(path, &body);
    let upsert = |body| patch(body).header("prefer", "create-if-missing");
    assert_eq!(patch(json!({"title": "a"})).send().await.error(), (404, "Request_ResourceNotFound"));
    let other = upsert(json!({"title": "a", "uniqueName": "y"})).send().await;
    assert_eq!(other.fault(), (400, "Request_BadRequest", "uniqueName"));
    let denied = upsert(json!({"title": "a"})).with("Report.Write").send().await;
    assert_eq!(denied.error(), (403, "Authorization_RequestDenied"));
    let by_id = world.patch(&format!("/v1.0/documents/{}", world.tenant), &json!({"title": "a"}));
    assert_eq!(by_id.header("prefer", "create-if-missing").send().await.error().0, 404);

    let first = upsert(json!({"title": "a"})).with("Report.Create").send().await;
    assert_eq!((first.status.as_u16(), &first.body["uniqueName"]), (201, &json!("x")));
    assert_eq!(first.body["@odata.type"], "#microsoft.graph.report");
    let denied = upsert(json!({"title": "b"})).with("Report.Create").send().await;
    assert_eq!(denied.error(), (403, "Authorization_RequestDenied"), "it exists, so it is changed");
    assert_eq!(upsert(json!({"title": "b", "uniqueName": "X"})).send().await.status, 204);
    assert_eq!(patch(json!({"title": "c"})).send().await.status, 204);
    let now = world.get("/v1.0/documents(uniqueName='x')").send().await;
    assert_eq!((now.id(), &now.body["title"], &now.body["uniqueName"]), (first.id(), &json!("c"), &json!("x")));

    assert_eq!(upsert(json!({"title": "d"})).header("if-none-match", "*").send().await.error().0, 412);
    let missing = world.patch("/v1.0/documents(uniqueName='q')", &json!({})).header("prefer", "create-if-missing");
    assert_eq!(missing.header("if-match", "*").send().await.error(), (412, "Request_PreconditionFailed"));

    // The type may be the body's; a key that a deleted object holds is still taken.
    let body = json!({"@odata.type": "Microsoft.Graph.Report", "title": "z"});
    let second = world.patch("/v1.0/documents(uniqueName='z')", &body).header("prefer", "create-if-missing");
    assert_eq!(second.send().await.body["@odata.type"], "#microsoft.graph.report");
    assert_eq!(world.delete("/v1.0/documents(uniqueName='z')").send().await.status, 204);
    let again = world.patch("/v1.0/documents(uniqueName='z')", &body).header("prefer", "create-if-missing");
    assert_eq!(again.send().await.error().0, 409);
}

#[tokio::test]
async fn an_action_is_called_with_its_body_or_none_with_or_without_a_cast_and_a_namespace() {
    let world = World::new().await;
    let (id, report) = (world.document("d").await, world.report("r").await);
    let stamp =
        |path: &str| world.post(&format!("/v1.0/documents/{id}/{path}"), &json!({"@odata.type": "#x.y", "a": 1}));
    for path in ["stamp", "microsoft.graph.document/stamp", "microsoft.graph.stamp"] {
        let reply = stamp(path).send().await;
        assert_eq!(
            reply.body,
            json!({
                "@odata.context": format!("https://id.test/v1.0/$metadata#documents('{id}')/stamp"),
                "stamped": id, "with": {"a": 1},
            }),
            "{path}"
        );
    }
    let bare = |path: &str| world.ask(axum::http::Method::POST, &format!("/v1.0/documents/{path}"));
    assert_eq!(bare(&format!("{id}/stamp")).send().await.body["with"], json!({}));
    assert_eq!(bare(&format!("{id}/forget")).send().await.status, 204);
    assert_eq!(stamp("stamp?$select=with").send().await.error(), (400, "Request_UnsupportedQuery"));
    // Another type of the set has no such action.
    assert_ne!(bare(&format!("{report}/stamp")).send().await.status, 200);
    assert_eq!(bare(&format!("{report}/microsoft.graph.report/stamp")).send().await.error().0, 404);
}
