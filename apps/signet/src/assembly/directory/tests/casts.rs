//! Type casts where Entra has none.

use super::world::World;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn row_5_deleted_items_and_owners_are_narrowed_to_a_type_and_agents_filtered_by_blueprint() {
    let world = World::open().await;
    let (root, admin) = (world.user("root").await, world.admin());
    let (blueprint, other) = (world.blueprint(&root).await, world.blueprint(&root).await);
    let (kept, gone) = (world.agent(&blueprint, "kept", &root).await, world.agent(&blueprint, "gone", &root).await);
    world.agent(&other, "other", &root).await;
    let service = world.service("service").await;
    let app_id = blueprint.body["appId"].as_str().unwrap();
    let filter = format!(
        "servicePrincipals/microsoft.graph.agentIdentity?$filter=agentIdentityBlueprintId%20eq%20'{app_id}'%20and%20displayName%20eq%20'kept'"
    );
    assert_eq!(world.get(&admin, &filter).await.each("id"), [kept.as_str()]);
    for id in [&gone, &service.id] {
        assert_eq!(world.delete(&admin, &format!("servicePrincipals/{id}")).await.status, 204);
    }
    let deleted = async |cast: &str| {
        let listed = world.get(&admin, &format!("directory/deletedItems/microsoft.graph.{cast}")).await;
        listed.each("id").into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(deleted("agentIdentity").await, [gone.as_str()]);
    let principals = deleted("servicePrincipal").await;
    assert!(principals.contains(&gone) && principals.contains(&service.id), "{principals:?}");
    assert!(deleted("agentIdentityBlueprint").await.is_empty());
    let owners = format!("servicePrincipals/{kept}/microsoft.graph.agentIdentity/owners");
    let second = world.service("owner").await;
    for owner in [&root.id, &second.id] {
        let body = json!({"@odata.id": World::reference(owner)});
        assert_eq!(world.post(&admin, &format!("{owners}/$ref"), &body).await.status, 204);
    }
    let people = world.get(&admin, &format!("{owners}/microsoft.graph.user")).await;
    assert_eq!(people.each("id"), [root.id.as_str()]);
    let services = world.get(&admin, &format!("{owners}/microsoft.graph.servicePrincipal")).await;
    assert_eq!(services.each("id"), [second.id.as_str()]);
    assert!(world.get(&admin, &format!("{owners}/microsoft.graph.agentIdentity")).await.each("id").is_empty());
}
