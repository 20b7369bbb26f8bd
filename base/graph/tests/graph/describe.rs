//! `$metadata` and OpenAPI.

use crate::world::World;
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[tokio::test]
async fn descriptions_are_for_everybody_and_only_read() {
    let world = World::new().await;
    for path in ["/v1.0/$metadata", "/v1.0/%24metadata", "/beta/openapi.json", "/openapi.json"] {
        assert_eq!(world.get(path).header("Authorization", "nobody").send().await.status, 200, "{path}");
        let posted = world.post(path, &serde_json::json!({})).send().await;
        assert_eq!((posted.status.as_u16(), posted.header("allow")), (405, "GET"), "{path}");
    }
}

#[tokio::test]
async fn csdl_has_types_relations_and_sets() {
    let world = World::new().await;
    let reply = world.get("/v1.0/$metadata").send().await;
    assert_eq!(reply.header("content-type"), "application/xml");
    let text = reply.body.as_str().unwrap();
    for part in [
        "<EntityType Name=\"document\" BaseType=\"graph.directoryObject\" OpenType=\"true\">",
        "<EntityType Name=\"report\" BaseType=\"graph.document\" OpenType=\"true\">",
        "<Property Name=\"size\" Type=\"Edm.Int32\"/>",
        "<Property Name=\"tags\" Type=\"Collection(Edm.String)\" Nullable=\"false\"/>",
        "<Property Name=\"layout\" Type=\"graph.layout\"/>",
        "<ComplexType Name=\"layout\" OpenType=\"true\"/>",
        "<NavigationProperty Name=\"readers\" Type=\"Collection(graph.directoryObject)\"/>",
        "<NavigationProperty Name=\"editor\" Type=\"graph.directoryObject\"/>",
        "<NavigationProperty Name=\"notes\" Type=\"Collection(graph.note)\" ContainsTarget=\"true\"/>",
        "<EntityType Name=\"note\" BaseType=\"graph.entity\" OpenType=\"true\">",
        "<EntityType Name=\"entry\" BaseType=\"graph.entity\" OpenType=\"true\">",
        "<Action Name=\"stamp\" IsBound=\"true\"><Parameter Name=\"bindingParameter\" Type=\"graph.document\"/><Parameter Name=\"ink\" Type=\"Edm.String\" Nullable=\"false\"/><ReturnType Type=\"graph.imprint\"/></Action>",
        "<ComplexType Name=\"imprint\" OpenType=\"true\"><Property Name=\"stamped\" Type=\"Edm.String\"/></ComplexType>",
        "<ReturnType Type=\"Collection(Edm.String)\" Nullable=\"false\"/></Function>",
        "<EntitySet Name=\"documents\" EntityType=\"graph.document\"/>",
        "<Singleton Name=\"logs\" Type=\"graph.logsRoot\"/>",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(!text.contains("\"draft\""), "only in beta");
    assert!(world.get("/beta/$metadata").send().await.body.as_str().unwrap().contains("\"draft\""));
}

#[tokio::test]
async fn openapi_has_every_operation_with_its_permissions() {
    let world = World::new().await;
    let document = world.get("/beta/openapi.json").send().await.body;
    let mut ids = BTreeSet::new();
    for operation in &world.operations {
        let found = document["paths"].as_object().unwrap().iter().find_map(|(path, methods)| {
            let same = path.replace("{id2}", "{id}") == format!("/beta{}", operation.path);
            same.then(|| &methods[operation.method.as_str().to_ascii_lowercase()])
        });
        let found = found.unwrap_or_else(|| panic!("{operation:?}"));
        for permission in &operation.permissions {
            assert!(found["x-permissions"].as_array().unwrap().iter().any(|held| held == permission), "{operation:?}");
        }
        for refused in ["400", "401", "403", "404", "405", "413", "429"] {
            assert!(found["responses"][refused]["$ref"].is_string(), "{operation:?} {refused}");
        }
        ids.insert(found["operationId"].as_str().unwrap());
    }
    let text = document.to_string();
    let distinct: BTreeSet<(&str, &str)> =
        world.operations.iter().map(|one| (one.method.as_str(), one.path.as_str())).collect();
    assert_eq!(ids.len(), distinct.len(), "ids are unique");
    for reference in text.split("\"#/components/").skip(1) {
        let path = reference.split('"').next().unwrap();
        assert!(document.pointer(&format!("/components/{path}")).is_some(), "{path}");
    }
    assert_eq!(document["servers"][0]["url"], "https://id.test");
    let title = &document["components"]["schemas"]["microsoft.graph.document"]["properties"]["title"];
    assert_eq!(title["maxLength"], 20);
}

#[tokio::test]
async fn openapi_tells_what_bodies_and_answers_hold() {
    let world = World::new().await;
    let document = world.get("/openapi.json").send().await.body;
    assert_eq!(document, world.get("/v1.0/openapi.json").send().await.body);
    let of = |path: &str, method: &str| document["paths"][format!("/v1.0{path}")][method].clone();
    let body = |operation: &Value| operation["requestBody"]["content"]["application/json"]["schema"].clone();
    let answer = |operation: &Value, status: &str| {
        operation["responses"][status]["content"]["application/json"]["schema"].clone()
    };
    let stamp = of("/documents/{id}/stamp", "post");
    assert_eq!(body(&stamp)["required"], json!(["ink"]));
    assert_eq!(body(&stamp)["properties"]["ink"], json!({"type": "string", "maxLength": 10}));
    assert_eq!(answer(&stamp, "200"), json!({"$ref": "#/components/schemas/microsoft.graph.imprint"}));
    assert_eq!(document["components"]["schemas"]["microsoft.graph.imprint"]["properties"]["stamped"]["format"], "uuid");
    assert!(stamp["responses"]["412"].is_object() && stamp["responses"]["415"].is_object(), "{stamp}");
    assert_eq!(answer(&of("/documents/{id}/weight", "get"), "200")["properties"]["value"]["type"], "array");
    assert!(of("/documents/{id}/forget", "post")["responses"]["204"].is_object());
    let input = body(&of("/documents", "post")).to_string();
    assert!(
        input.contains("microsoft.graph.document.input") && input.contains("microsoft.graph.report.input"),
        "{input}"
    );
    let document_input = &document["components"]["schemas"]["microsoft.graph.document.input"];
    assert_eq!(document_input["additionalProperties"], false);
    assert!(document_input["properties"]["readers@odata.bind"].is_object());
    assert!(document_input["properties"].get("createdBy").is_none(), "it is read-only");
    let changes = of("/documents/delta", "get");
    assert!(changes["responses"]["410"].is_object());
    let names: Vec<&Value> = changes["parameters"].as_array().unwrap().iter().map(|known| &known["name"]).collect();
    assert!(names.contains(&&json!("$deltatoken")) && !names.contains(&&json!("$orderby")), "{names:?}");
    assert!(of("/$batch", "post")["requestBody"].is_object());
}

#[tokio::test]
async fn the_service_document_names_the_sets_to_begin_at() {
    let world = World::new().await;
    for (path, version) in [("/v1.0", "v1.0"), ("/v1.0/", "v1.0"), ("/beta/", "beta")] {
        let reply = world.get(path).header("Authorization", "nobody").send().await;
        assert_eq!(reply.status, 200, "{path}");
        assert_eq!(reply.body["@odata.context"], format!("https://id.test/{version}/$metadata"));
        let named = reply.each("name");
        assert!(["directoryObjects", "documents", "people"].iter().all(|set| named.iter().any(|name| name == set)));
        let logs = reply.body["value"].as_array().unwrap().iter().find(|one| one["name"] == "logs").unwrap();
        assert_eq!(logs["kind"], "Singleton");
        assert_eq!(reply.each("url"), named);
    }
    assert_eq!(world.get("/v1.01").send().await.status, 404);
}
