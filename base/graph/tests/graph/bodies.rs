//! Bodies against declarations: what no operation gets to see.

use crate::world::World;
use serde_json::{Value, json};

async fn refused(world: &World, path: &str, body: Value) -> (u16, String, String, String) {
    let reply = world.post(path, &body).send().await;
    let (status, code, target) = reply.fault();
    (status, code.to_owned(), target.to_owned(), reply.message().to_owned())
}

fn because(code: &str, target: &str, message: &str) -> (u16, String, String, String) {
    (400, code.to_owned(), target.to_owned(), message.to_owned())
}

#[tokio::test]
async fn what_is_not_one_json_object_is_refused() {
    let world = World::new().await;
    let post = |media, text| world.ask(axum::http::Method::POST, "/v1.0/documents").text(media, text);
    for text in ["", "{", "{\"title\":\"a\",\"title\":\"b\"}", "{} {}", "[]", "null", "\"x\""] {
        let reply = post("application/json", text).send().await;
        assert_eq!(reply.error(), (400, "Request_BadRequest"), "{text}");
    }
    let deep = format!("{{\"layout\":{}1{}}}", "{\"a\":".repeat(100), "}".repeat(100));
    assert_eq!(post("application/json", &deep).send().await.error().0, 400);
    for media in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"] {
        assert_eq!(post(media, "{}").send().await.error(), (415, "UnsupportedMediaType"), "{media}");
    }
    let none = world.ask(axum::http::Method::POST, "/v1.0/documents").send().await;
    assert_eq!(none.error(), (415, "UnsupportedMediaType"));
    let large = format!("{{\"title\":\"{}\"}}", "a".repeat(2 << 20));
    assert_eq!(post("application/json", &large).send().await.error(), (413, "RequestEntityTooLarge"));
    assert_eq!(post("application/json; odata.metadata=minimal", "{}").send().await.status, 201);
}

#[tokio::test]
async fn unknown_and_read_only_properties_are_refused_by_name() {
    let world = World::new().await;
    let bad = "Request_BadRequest";
    assert_eq!(
        refused(&world, "/v1.0/documents", json!({"titel": "x"})).await,
        because(bad, "titel", "Invalid property 'titel'.")
    );
    for name in ["createdBy", "id", "createdDateTime", "deletedDateTime"] {
        for value in [json!("x"), json!(null)] {
            let expected = because(bad, name, &format!("The property '{name}' is read-only; leave it out."));
            assert_eq!(refused(&world, "/v1.0/documents", json!({name: value})).await, expected);
        }
    }
    // A property of a derived type is none of its base's.
    let body = json!({"author": world.tenant.to_string()});
    assert_eq!(refused(&world, "/v1.0/documents", body).await, because(bad, "author", "Invalid property 'author'."));
}

#[tokio::test]
async fn a_value_of_the_wrong_type_is_refused_with_the_right_one() {
    let world = World::new().await;
    for (name, wrong, expected) in [
        ("title", json!(1), "a string of at most 20 characters"),
        ("title", json!("é".repeat(21)), "a string of at most 20 characters"),
        ("enabled", json!("true"), "true or false"),
        ("size", json!(1.5), "a whole number of 32 bits"),
        ("size", json!(2_147_483_648_u64), "a whole number of 32 bits"),
        ("code", json!("x"), "a GUID"),
        ("due", json!("tomorrow"), "a moment such as 2026-11-21T10:00:00Z"),
        ("blob", json!("%"), "base64"),
        ("layout", json!([]), "a layout object"),
        ("tags", json!("a"), "a list of strings"),
        ("tags", json!(["a", 1]), "a list of strings"),
        ("related", json!(["a"]), "a list of GUIDs"),
        ("pages", json!([1]), "a list of page objects"),
    ] {
        let message = format!("The property '{name}' must be {expected}.");
        let expected = because("Request_BadRequest", name, &message);
        assert_eq!(refused(&world, "/v1.0/documents", json!({name: wrong})).await, expected);
    }
    let all = json!({
        "title": "é".repeat(20), "enabled": true, "size": -2_147_483_648_i64, "code": world.tenant.to_string(),
        "due": "2026-11-21T10:00:00+01:00", "blob": "AQI=", "layout": {"a": 1}, "tags": [], "related": [],
        "pages": [{}], "colour": null,
    });
    assert_eq!(world.post("/v1.0/documents", &all).send().await.status, 201);
}

#[tokio::test]
async fn an_inherited_property_that_does_not_fit_is_refused_even_as_null_and_read_as_null() {
    let world = World::new().await;
    let expected =
        because("Report_IncompatibleProperty", "colour", "The property 'colour' does not exist on a report.");
    for value in [json!("red"), json!(null)] {
        let path = "/v1.0/documents/microsoft.graph.report";
        assert_eq!(refused(&world, path, json!({"colour": value})).await, expected);
    }
    let report = world.report("r").await;
    let path = format!("/v1.0/documents/{report}");
    let reply = world.patch(&path, &json!({"colour": "red"})).send().await;
    assert_eq!(reply.error(), (400, "Report_IncompatibleProperty"));
    assert_eq!(world.get(&path).send().await.body.get("colour"), Some(&json!(null)));
}

#[tokio::test]
async fn annotations_are_dropped_and_bindings_must_name_a_relation() {
    let world = World::new().await;
    let person = world.person("P").await;
    let bound = json!([format!("https://graph.microsoft.com/v1.0/people/{person}")]);
    for name in ["writers@odata.bind", "@odata.bind", "title@odata.bind", "title@x"] {
        let expected = because("Request_BadRequest", name, &format!("Invalid property '{name}'."));
        assert_eq!(refused(&world, "/v1.0/documents", json!({name: bound})).await, expected);
    }
    let body = json!({
        "@odata.id": "x", "@odata.context": "y", "tags@odata.type": "#Collection(String)", "tags": ["a"],
        "readers@odata.bind": bound,
    });
    let reply = world.post("/v1.0/documents", &body).send().await;
    assert_eq!((&reply.body["tags"], reply.body.get("tags@odata.type")), (&json!(["a"]), None));
    let path = format!("/v1.0/documents/{}", reply.id());
    assert_eq!(world.get(&format!("{path}/readers")).send().await.each("id"), [person.as_str()]);
    // What exists already is changed link by link, or a link would be lost in silence.
    let reply = world.patch(&path, &json!({"readers@odata.bind": bound})).send().await;
    assert_eq!(reply.fault(), (400, "Request_BadRequest", "readers@odata.bind"));
}

#[tokio::test]
async fn the_type_to_create_is_the_bodys_within_the_paths() {
    let world = World::new().await;
    let post = |path: &str, name: Value| world.post(&format!("/v1.0/{path}"), &json!({"@odata.type": name}));
    for (path, wrong) in [
        ("documents", json!("#microsoft.graph.person")),
        ("documents", json!("#microsoft.graph.nothing")),
        ("documents", json!("report")),
        ("documents", json!(1)),
        ("documents/microsoft.graph.report", json!("#microsoft.graph.document")),
        ("things", json!("#microsoft.graph.thing")),
    ] {
        let reply = post(path, wrong).with("Document.Create,Report.Create,Thing.All").send().await;
        assert_eq!(reply.fault(), (400, "Request_BadRequest", "@odata.type"), "{path}");
    }
    for name in ["#microsoft.graph.report", "Microsoft.Graph.Report", "microsoft.graph.report"] {
        let reply = post("documents", json!(name)).send().await;
        assert_eq!((reply.status.as_u16(), &reply.body["@odata.type"]), (201, &json!("#microsoft.graph.report")));
    }
    let reply = world.post("/v1.0/things", &json!({})).with("Thing.All").send().await;
    assert_eq!(reply.message(), "Name the type to create in '@odata.type': one of [\"#microsoft.graph.box\"].");
    assert_eq!(post("things", json!("#microsoft.graph.box")).with("Thing.All").send().await.status, 201);
}

#[tokio::test]
async fn all_that_is_wrong_is_named_with_its_rule() {
    let world = World::new().await;
    let body = json!({"title": "a title of more than twenty", "size": "x", "createdBy": "me", "titel": 1, "tags": []});
    let reply = world.post("/v1.0/documents", &body).send().await;
    assert_eq!(reply.fault(), (400, "Request_BadRequest", "title"));
    let detail = |detail: &serde_json::Value| {
        assert!(detail["message"].as_str().unwrap().ends_with('.'));
        format!("{} {}", detail["target"].as_str().unwrap(), detail["code"].as_str().unwrap())
    };
    let details: Vec<String> = reply.body["error"]["details"].as_array().unwrap().iter().map(detail).collect();
    assert_eq!(details, ["title maxLength", "size type", "createdBy readOnly", "titel unknownProperty"]);
    let other = world.get("/v1.0/documents?$top=0").send().await;
    assert_eq!(other.body["error"]["details"][0]["target"], "$top");
}

#[tokio::test]
async fn what_a_create_needs_is_named_all_at_once_and_null_is_nothing() {
    let world = World::new().await;
    for body in [json!({}), json!({"displayName": null})] {
        let reply = world.post("/v1.0/people", &body).send().await;
        assert_eq!(reply.fault(), (400, "Request_BadRequest", "displayName"));
        assert_eq!(reply.message(), "The property 'displayName' is required.");
    }
    let reply = world.post("/v1.0/people", &json!({"salary": "much"})).send().await;
    let details = reply.body["error"]["details"].as_array().unwrap();
    let named: Vec<_> = details.iter().map(|detail| (&detail["target"], &detail["code"])).collect();
    assert_eq!(named, [(&json!("salary"), &json!("type")), (&json!("displayName"), &json!("required"))]);
    let document = world.get("/openapi.json").send().await.body;
    let schema = &document["paths"]["/v1.0/people"]["post"]["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(schema["allOf"][1]["required"], json!(["displayName"]));
}

#[tokio::test]
async fn a_value_inside_a_value_is_of_its_type_too_and_named_by_its_path() {
    let world = World::new().await;
    for (pages, target, expected) in [
        (json!([{"number": 1}, {"number": "x"}]), "pages/number", "a whole number of 32 bits"),
        (json!([{"lines": {}}]), "pages/lines", "a list of line objects"),
        (json!([{"lines": [{"text": "longer"}]}]), "pages/lines/text", "a string of at most 5 characters"),
    ] {
        let message = format!("The property '{target}' must be {expected}.");
        let expected = because("Request_BadRequest", target, &message);
        assert_eq!(refused(&world, "/v1.0/documents", json!({"pages": pages})).await, expected);
    }
    let several = json!({"pages": [{"number": "x"}, {"number": "y", "lines": 1}], "size": "z"});
    let reply = world.post("/v1.0/documents", &several).send().await;
    let details = reply.body["error"]["details"].as_array().unwrap();
    let named: Vec<&str> = details.iter().map(|detail| detail["target"].as_str().unwrap()).collect();
    assert_eq!(named, ["pages/number", "pages/number", "pages/lines", "size"]);
    let fine = json!({"pages": [{"number": null, "lines": [{"text": "short", "colour": 1}]}]});
    assert_eq!(world.post("/v1.0/documents", &fine).send().await.status, 201);
    let document = world.get("/openapi.json").send().await.body;
    let schemas = &document["components"]["schemas"];
    assert_eq!(schemas["microsoft.graph.line"]["properties"]["text"]["maxLength"], 5);
    let lines = &schemas["microsoft.graph.page"]["properties"]["lines"]["items"];
    assert_eq!(lines["$ref"], "#/components/schemas/microsoft.graph.line");
}
