//! `$metadata` and OpenAPI.

use crate::world::World;
use std::collections::BTreeSet;

#[tokio::test]
async fn descriptions_are_for_everybody_and_only_read() {
    let world = World::new().await;
    for path in ["/v1.0/$metadata", "/v1.0/%24metadata", "/beta/openapi.json"] {
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
        "<Action Name=\"stamp\" IsBound=\"true\"><Parameter Name=\"bindingParameter\" Type=\"graph.document\"/></Action>",
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
            let same = path.replace("{id2}", "{id}") == operation.path;
            same.then(|| &methods[operation.method.as_str().to_ascii_lowercase()])
        });
        let found = found.unwrap_or_else(|| panic!("{operation:?}"));
        for permission in &operation.permissions {
            assert!(found["x-permissions"].as_array().unwrap().iter().any(|held| held == permission), "{operation:?}");
        }
        assert!(found["responses"]["default"].is_object(), "{operation:?}");
        ids.insert(found["operationId"].as_str().unwrap());
    }
    let text = document.to_string();
    let distinct: BTreeSet<(&str, &str)> =
        world.operations.iter().map(|one| (one.method.as_str(), one.path.as_str())).collect();
    assert_eq!(ids.len(), distinct.len(), "ids are unique");
    for reference in text.split("\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(document["components"]["schemas"][name].is_object(), "{name}");
    }
    assert_eq!(document["servers"][0]["url"], "https://id.test/beta");
    let title = &document["components"]["schemas"]["microsoft.graph.document"]["properties"]["title"];
    assert_eq!(title["maxLength"], 20);
}
