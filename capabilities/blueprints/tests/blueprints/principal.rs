//! A blueprint's presence in the tenant.

use crate::world::{World, blueprints, client, members, principals};
use serde_json::json;
use signet_blueprints::BlueprintPrincipal;
use signet_graph::Entity;
use signet_kernel::{AppId, Fault};
use uuid::Uuid;

#[tokio::test]
async fn only_a_blueprint_gets_a_blueprint_principal() {
    let world = World::new().await;
    let (_, ordinary) = client(&world.tenant, "Orders").await;
    for app_id in [ordinary, AppId::from_uuid(Uuid::from_u128(404))] {
        let refused = principals().create(&world.call(), members(json!({ "appId": app_id }))).await.unwrap_err();
        assert_eq!(
            (refused.fault, refused.code.as_ref()),
            (Fault::Input, "AgentBlueprintPrincipal_RequireAgentBlueprint")
        );
    }
    assert_eq!(principals().create(&world.call(), members(json!({}))).await.unwrap_err().fault, Fault::Input);
}

#[tokio::test]
async fn behaviour_05_a_principal_is_of_type_application_and_there_is_one() {
    let world = World::new().await;
    let blueprint = world.create(json!({"displayName": "Desk"})).await.unwrap();
    let app_id = world.app_id(blueprint).await;
    let id = principals().create(&world.call(), members(json!({ "appId": app_id }))).await.unwrap();
    let shown = world.shown(&principals(), id).await;
    assert_eq!(shown["servicePrincipalType"], "Application");
    assert_eq!(shown["accountEnabled"], true);
    assert_eq!((&shown["appId"], &shown["displayName"]), (&json!(app_id), &json!("Desk")));
    assert!(shown.get("blueprint").is_none());
    assert_eq!(world.linked(id, "owners").await, [world.admin]);

    let again = principals().create(&world.call(), members(json!({ "appId": app_id }))).await.unwrap_err();
    assert_eq!(again.fault, Fault::Conflict);
    assert_eq!(world.activities(0).await, ["Add application", "Add service principal"]);
}

#[tokio::test]
async fn invariant_10_blueprint_and_principal_are_created_together_or_not_at_all() {
    let world = World::new().await;
    let heads = world.tenant.deployment.heads().await.unwrap();
    let id = world.create(json!({"displayName": "Desk", "createPrincipal": true})).await.unwrap();
    assert_eq!(world.principal_of(id).await.body.display_name, "Desk");
    let now = world.tenant.deployment.heads().await.unwrap();
    assert_eq!(now[0].position.0, heads[0].position.0 + 1, "one commit");
    assert!(world.shown(&blueprints(), id).await.get("createPrincipal").is_none(), "never kept");
    let refused = world.update(id, json!({"createPrincipal": true})).await.unwrap_err();
    assert_eq!(refused.target.as_deref(), Some("createPrincipal"));
}

#[tokio::test]
async fn tags_are_the_blueprints_and_its_own() {
    let world = World::new().await;
    let blueprint = world.create(json!({"displayName": "Desk", "tags": ["a", "b"]})).await.unwrap();
    let body = members(json!({"appId": world.app_id(blueprint).await, "tags": ["b", "c"]}));
    let id = principals().create(&world.call(), body).await.unwrap();
    assert_eq!(world.shown(&principals(), id).await["tags"], json!(["a", "b", "c"]));
}

#[tokio::test]
async fn a_principal_is_renamed_with_its_blueprint_unless_it_has_a_name_of_its_own() {
    let world = World::new().await;
    let blueprint = world.blueprint().await;
    world.update(blueprint, json!({"displayName": "Orders"})).await.unwrap();
    let principal = world.principal_of(blueprint).await;
    assert_eq!(principal.body.display_name, "Orders");
    let own = members(json!({"displayName": "Our own"}));
    principals().update(&world.call(), principal.id.object(), own).await.unwrap();
    world.update(blueprint, json!({"displayName": "Desk"})).await.unwrap();
    assert_eq!(world.principal_of(blueprint).await.body.display_name, "Our own");
}

#[tokio::test]
async fn what_a_principal_stands_for_is_fixed() {
    let world = World::new().await;
    let id = world.principal_of(world.blueprint().await).await.id.object();
    let other = members(json!({"appId": Uuid::from_u128(1)}));
    assert_eq!(principals().update(&world.call(), id, other).await.unwrap_err().target.as_deref(), Some("appId"));
    for name in BlueprintPrincipal::INCOMPATIBLE {
        assert!(principals().declaration().incompatible.contains(name));
    }
}

#[tokio::test]
async fn a_deleted_principal_comes_back_and_is_not_replaced_meanwhile() {
    let world = World::new().await;
    let blueprint = world.blueprint().await;
    let id = world.principal_of(blueprint).await.id.object();
    principals().delete(&world.call(), id).await.unwrap();
    let another = members(json!({"appId": world.app_id(blueprint).await}));
    assert_eq!(principals().create(&world.call(), another).await.unwrap_err().fault, Fault::Conflict);
    principals().restore(&world.call(), id).await.unwrap();
    assert!(world.object::<BlueprintPrincipal>(id).await.body.account_enabled);
}
