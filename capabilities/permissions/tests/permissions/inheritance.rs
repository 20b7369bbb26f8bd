//! What a blueprint passes on, through its collection in the directory API.

use crate::world::{World, members};
use serde_json::{Value, json};
use signet_blueprints::BlueprintPrincipal;
use signet_kernel::{Failure, Fault, ObjectId};
use signet_permissions::inheritable_permissions;
use signet_store::Kind;
use uuid::Uuid;

async fn add(world: &World, body: Value) -> Result<ObjectId, Failure> {
    inheritable_permissions().create(&world.call(), world.blueprint, members(body)).await
}

async fn shown(world: &World, id: ObjectId) -> Value {
    let row = world.store.read_row(id).await.unwrap().unwrap();
    Value::Object(inheritable_permissions().view(&row).unwrap())
}

fn resource(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

#[tokio::test]
async fn a_malformed_rule_is_refused() {
    let world = World::new().await;
    for wrong in [
        json!({}),
        json!({"resourceAppId": "x"}),
        json!({"resourceAppId": 1}),
        json!({"resourceAppId": resource(1), "inheritableScopes": {"kind": "some"}}),
        json!({"resourceAppId": resource(1), "inheritableRoles": "allAllowed"}),
        json!({"resourceAppId": resource(1), "other": true}),
    ] {
        let refused = add(&world, wrong).await.unwrap_err();
        assert_eq!(refused.fault, Fault::Input, "{refused}");
    }
}

#[tokio::test]
async fn behaviour_19_a_second_rule_for_a_resource_is_a_conflict_and_the_eleventh_is_refused() {
    let world = World::new().await;
    for number in 1..=10 {
        add(&world, json!({"resourceAppId": resource(number)})).await.unwrap();
    }
    assert_eq!(add(&world, json!({"resourceAppId": resource(1)})).await.unwrap_err().fault, Fault::Conflict);
    assert_eq!(add(&world, json!({"resourceAppId": resource(11)})).await.unwrap_err().fault, Fault::Input);
    assert!(inheritable_permissions().update_answers_object());
}

#[tokio::test]
async fn two_additions_at_once_do_not_both_become_the_tenth() {
    let world = World::new().await;
    for number in 1..=9 {
        add(&world, json!({"resourceAppId": resource(number)})).await.unwrap();
    }
    let both = tokio::join!(
        add(&world, json!({"resourceAppId": resource(10)})),
        add(&world, json!({"resourceAppId": resource(11)})),
    );
    assert_eq!([both.0.is_ok(), both.1.is_ok()].iter().filter(|added| **added).count(), 1);
}

#[tokio::test]
async fn what_is_absent_is_not_passed_on_and_a_change_leaves_the_rest() {
    let world = World::new().await;
    let id = add(&world, json!({"resourceAppId": resource(1)})).await.unwrap();
    let none = json!({
        "resourceAppId": resource(1),
        "inheritableScopes": {"@odata.type": "#microsoft.graph.noScopes", "kind": "none"},
        "inheritableRoles": {"@odata.type": "#microsoft.graph.noRoles", "kind": "none"},
    });
    assert_eq!(shown(&world, id).await, none);

    let roles = json!({"inheritableRoles": {"@odata.type": "#microsoft.graph.enumeratedRoles", "roles": ["A"]}});
    inheritable_permissions().update(&world.call(), world.blueprint, id, members(roles)).await.unwrap();
    let now = shown(&world, id).await;
    assert_eq!(now["inheritableRoles"]["roles"], json!(["A"]));
    assert_eq!(now["inheritableScopes"], none["inheritableScopes"]);
}

#[tokio::test]
async fn the_resource_of_a_rule_is_fixed() {
    let world = World::new().await;
    let id = add(&world, json!({"resourceAppId": resource(1)})).await.unwrap();
    let change = |number| members(json!({"resourceAppId": resource(number)}));
    let collection = inheritable_permissions();
    let refused = collection.update(&world.call(), world.blueprint, id, change(2)).await.unwrap_err();
    assert_eq!(refused.fault, Fault::Input);
    collection.update(&world.call(), world.blueprint, id, change(1)).await.unwrap();
}

#[tokio::test]
async fn a_blueprint_does_not_choose_what_it_passes_on() {
    let world = World::new().await;
    let id = add(&world, json!({"resourceAppId": resource(1)})).await.unwrap();
    let (call, collection) = (world.call_as(BlueprintPrincipal::NAME), inheritable_permissions());
    let new = members(json!({"resourceAppId": resource(2)}));
    let wider = members(json!({"inheritableRoles": {"kind": "allAllowed"}}));
    for refused in [
        collection.create(&call, world.blueprint, new).await.map(drop),
        collection.update(&call, world.blueprint, id, wider).await,
        collection.delete(&call, world.blueprint, id).await,
    ] {
        assert_eq!(refused.unwrap_err().fault, Fault::Rights);
    }
}

#[tokio::test]
async fn narrowing_voids_what_was_issued_and_widening_does_not() {
    let world = World::new().await;
    let collection = inheritable_permissions();
    let id = add(&world, json!({"resourceAppId": resource(1)})).await.unwrap();
    let change = async |roles: Value| {
        let before = world.revoked().await;
        let body = members(json!({ "inheritableRoles": roles }));
        inheritable_permissions().update(&world.call(), world.blueprint, id, body).await.unwrap();
        world.revoked().await > before
    };
    assert!(!change(json!({"kind": "enumerated", "roles": ["A", "B"]})).await);
    assert!(!change(json!({"kind": "allAllowed"})).await);
    assert!(change(json!({"kind": "enumerated", "roles": ["A", "B"]})).await);
    assert!(!change(json!({"kind": "enumerated", "roles": ["B", "A"]})).await);
    assert!(change(json!({"kind": "enumerated", "roles": ["A"]})).await);
    assert!(change(Value::Null).await);

    let before = world.revoked().await;
    collection.delete(&world.call(), world.blueprint, id).await.unwrap();
    assert!(world.revoked().await > before);
    add(&world, json!({"resourceAppId": resource(1)})).await.unwrap();
}

#[tokio::test]
async fn each_change_of_a_rule_is_recorded_on_the_blueprint() {
    let world = World::new().await;
    let quiet = world.tenant.audits().await.len();
    let id = add(&world, json!({"resourceAppId": resource(1)})).await.unwrap();
    let wider = members(json!({"inheritableRoles": {"kind": "allAllowed"}}));
    inheritable_permissions().update(&world.call(), world.blueprint, id, wider).await.unwrap();
    inheritable_permissions().delete(&world.call(), world.blueprint, id).await.unwrap();
    let entries = &world.tenant.audits().await[quiet..];
    let names: Vec<_> = entries.iter().map(|entry| entry.activity()).collect();
    assert_eq!(
        names,
        [
            "Add inheritable permission to agent blueprint",
            "Update inheritable permission of agent blueprint",
            "Remove inheritable permission from agent blueprint"
        ]
    );
    assert!(entries.iter().all(|entry| entry.targets()[0]["id"] == world.blueprint.to_string()));
}

#[tokio::test]
async fn row_8_a_list_alone_means_enumerated_and_nothing_said_means_nothing() {
    let world = World::new().await;
    let listed = json!({"resourceAppId": resource(1), "inheritableRoles": {"roles": ["Orders.Read"]}});
    let rule = shown(&world, add(&world, listed).await.unwrap()).await;
    assert_eq!(rule["inheritableRoles"]["kind"], "enumerated");
    assert_eq!(rule["inheritableScopes"]["kind"], "none");
    assert_eq!(rule.get("@signet.warning"), None);
}

#[tokio::test]
async fn row_8_a_rule_that_passes_on_everything_is_answered_with_a_warning_wherever_it_is_shown() {
    let world = World::new().await;
    for (number, member) in [(1, "inheritableRoles"), (2, "inheritableScopes")] {
        let all = json!({"resourceAppId": resource(number), member: {"kind": "allAllowed"}});
        let rule = shown(&world, add(&world, all).await.unwrap()).await;
        assert!(rule["@signet.warning"].as_str().unwrap().contains("enumerated"), "{rule}");
    }
}
