//! What voids tokens, and that nothing revives them.

use crate::world::{World, blueprints, members, principals};
use serde_json::{Value, json};
use signet_blueprints::{Blueprint, BlueprintPrincipal};
use signet_graph::Entity;
use signet_kernel::{Fault, ObjectId, Revocation};
use signet_store::Id;

const READ: &str = "00000003-0000-0000-c000-000000000000/User.Read.All";
const AUDIT: &str = "00000003-0000-0000-c000-000000000000/AuditLog.Read.All";

/// What was issued under the blueprint before this is void.
async fn revoked(world: &World, blueprint: ObjectId) -> Revocation {
    world.object::<Blueprint>(blueprint).await.revoked.max(world.principal_of(blueprint).await.revoked)
}

async fn voids(world: &World, blueprint: ObjectId, patch: Value) -> bool {
    let before = revoked(world, blueprint).await;
    world.update(blueprint, patch).await.unwrap();
    let after = revoked(world, blueprint).await;
    assert!(after >= before, "a counter never goes back");
    after > before
}

#[tokio::test]
async fn invariant_01_switching_a_blueprint_off_voids_and_switching_it_on_revives_nothing() {
    let world = World::new().await;
    let id = world.blueprint().await;
    assert!(voids(&world, id, json!({"isDisabled": true})).await);
    assert_eq!(revoked(&world, id).await, world.tenant.store.revocation());
    assert!(!voids(&world, id, json!({"isDisabled": false})).await);
    assert!(!voids(&world, id, json!({"displayName": "Orders"})).await);
}

#[tokio::test]
async fn behaviour_16_switching_a_principal_off_voids_and_switching_it_on_revives_nothing() {
    let world = World::new().await;
    let blueprint = world.blueprint().await;
    let id = world.principal_of(blueprint).await.id.object();
    let before = revoked(&world, blueprint).await;
    let switch = |on: bool| members(json!({ "accountEnabled": on }));
    principals().update(&world.call(), id, switch(false)).await.unwrap();
    let off = revoked(&world, blueprint).await;
    assert!(off > before);
    assert!(!world.object::<BlueprintPrincipal>(id).await.body.account_enabled);
    principals().update(&world.call(), id, switch(true)).await.unwrap();
    assert_eq!(revoked(&world, blueprint).await, off);
}

#[tokio::test]
async fn lowering_the_ceiling_voids_and_raising_it_does_not() {
    let world = World::new().await;
    let id = world.blueprint().await;
    assert!(voids(&world, id, json!({"permissionCeiling": [READ, AUDIT]})).await);
    assert!(!voids(&world, id, json!({"permissionCeiling": [AUDIT, READ]})).await);
    assert!(voids(&world, id, json!({"permissionCeiling": [READ]})).await);
    assert!(!voids(&world, id, json!({"permissionCeiling": [READ, AUDIT]})).await);
    assert!(!voids(&world, id, json!({"permissionCeiling": null})).await);
    assert!(voids(&world, id, json!({"permissionCeiling": []})).await);
}

#[tokio::test]
async fn behaviour_17_blueprint_and_principal_go_and_come_back_together() {
    let world = World::new().await;
    let blueprint = world.blueprint().await;
    let principal = world.principal_of(blueprint).await.id;
    let before = revoked(&world, blueprint).await;
    let quiet = world.tenant.audits().await.len();
    blueprints().delete(&world.call(), blueprint).await.unwrap();
    let gone = world.tenant.store.find_any(principal).await.unwrap().unwrap();
    assert!(gone.deleted.is_some() && gone.revoked > before);
    assert!(world.tenant.store.find(Id::<Blueprint>::of(blueprint)).await.unwrap().is_none());

    let refused = principals().restore(&world.call(), principal.object()).await.unwrap_err();
    assert_eq!(refused.fault, Fault::Input, "its blueprint comes back first");
    blueprints().restore(&world.call(), blueprint).await.unwrap();
    assert!(world.tenant.store.find(principal).await.unwrap().is_some());
    assert!(revoked(&world, blueprint).await >= gone.revoked, "no token is revived");
    assert_eq!(world.activities(quiet).await, ["Delete application", "Restore application"]);
}

#[tokio::test]
async fn a_purged_blueprint_is_gone_for_good_and_frees_its_names() {
    let world = World::new().await;
    let body = json!({"displayName": "Desk", "uniqueName": "desk", "createPrincipal": true});
    let blueprint = world.create(body.clone()).await.unwrap();
    let principal = world.principal_of(blueprint).await.id;
    assert_eq!(blueprints().purge(&world.call(), blueprint).await.unwrap_err().fault, Fault::NotFound, "not deleted");
    blueprints().delete(&world.call(), blueprint).await.unwrap();
    assert_eq!(world.create(body.clone()).await.unwrap_err().fault, Fault::Conflict, "reserved until purge");
    blueprints().purge(&world.call(), blueprint).await.unwrap();
    assert!(world.tenant.store.find_any(principal).await.unwrap().is_none());
    assert_eq!(blueprints().restore(&world.call(), blueprint).await.unwrap_err().fault, Fault::NotFound);
    world.create(body).await.unwrap();
}
