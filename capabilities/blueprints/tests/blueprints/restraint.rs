//! A blueprint does not govern itself, whatever it was granted.

use crate::world::{World, blueprints, members, principals};
use serde_json::json;
use signet_blueprints::Blueprint;
use signet_graph::Entity;
use signet_kernel::Fault;

#[tokio::test]
async fn a_blueprint_changes_neither_its_bounds_nor_its_credentials_nor_who_answers_for_it() {
    let world = World::new().await;
    let id = world.blueprint().await;
    let principal = world.principal_of(id).await.id.object();
    let call = world.call_as_blueprint(id).await;
    for patch in [json!({"permissionCeiling": null}), json!({"isDisabled": false}), json!({"keyCredentials": []})] {
        let refused = blueprints().update(&call, id, members(patch.clone())).await.unwrap_err();
        assert_eq!(refused.fault, Fault::Rights, "{patch}");
    }
    let on = members(json!({"accountEnabled": true}));
    assert_eq!(principals().update(&call, principal, on).await.unwrap_err().fault, Fault::Rights);
    for (source, relations) in [(id, blueprints().relations()), (principal, principals().relations())] {
        for relation in relations.into_iter().filter(|relation| !relation.read_only()) {
            let refused = relation.add(&call, source, world.grace).await.unwrap_err();
            assert_eq!(refused.fault, Fault::Rights, "{}", relation.name());
        }
    }
    let actions = blueprints().actions();
    let add = actions.iter().find(|action| action.name() == "addPassword").unwrap();
    assert_eq!(add.call(&call, id, members(json!({}))).await.unwrap_err().fault, Fault::Rights);
    assert!(world.object::<Blueprint>(id).await.body.application.password_credentials.is_empty());
    assert_eq!(world.linked(id, "sponsors").await, [world.ada]);
}

#[tokio::test]
async fn a_blueprint_may_do_to_another_what_it_was_granted() {
    let world = World::new().await;
    let (one, other) = (world.blueprint().await, world.blueprint().await);
    let call = world.call_as_blueprint(one).await;
    blueprints().update(&call, other, members(json!({"isDisabled": true}))).await.unwrap();
    blueprints().update(&call, one, members(json!({"displayName": "Orders"}))).await.unwrap();
}

#[tokio::test]
async fn invariant_07_the_last_sponsor_of_a_blueprint_stays() {
    let world = World::new().await;
    let id = world.blueprint().await;
    let sponsors = blueprints().relations().into_iter().find(|relation| relation.name() == "sponsors").unwrap();
    assert_eq!(sponsors.remove(&world.call(), id, world.ada).await.unwrap_err().fault, Fault::Input);
    sponsors.add(&world.call(), id, world.grace).await.unwrap();
    sponsors.remove(&world.call(), id, world.ada).await.unwrap();
    assert_eq!(world.linked(id, "sponsors").await, [world.grace]);
}
