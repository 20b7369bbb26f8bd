//! Permission grant policies as they are kept.

use crate::world::{World, members};
use serde_json::{Value, json};
use signet_graph::{Contained, Entity};
use signet_kernel::{Fault, ObjectId};
use signet_policies::{AuthorizationPolicies, PermissionGrantPolicies};

fn collection(name: &str) -> Box<dyn Contained> {
    PermissionGrantPolicies.contained().into_iter().find(|contained| contained.name() == name).unwrap()
}

async fn policy(world: &World, id: &str) -> ObjectId {
    let body = members(json!({"id": id, "displayName": "For agents"}));
    PermissionGrantPolicies.create(&world.call(), body).await.unwrap()
}

fn any_role() -> Value {
    json!({"permissionType": "application", "resourceApplication": "any"})
}

#[tokio::test]
async fn a_policy_goes_by_a_name_of_its_own_that_stays() {
    let world = World::new().await;
    for wrong in [json!({}), json!({"id": ""}), json!({"id": "a b"}), json!({"id": "a".repeat(65)})] {
        let refused = PermissionGrantPolicies.create(&world.call(), members(wrong)).await.unwrap_err();
        assert_eq!((refused.fault, refused.target.as_deref()), (Fault::Input, Some("id")));
    }
    let id = policy(&world, "agents-low").await;
    let again = PermissionGrantPolicies.create(&world.call(), members(json!({"id": "AGENTS-low"}))).await.unwrap_err();
    assert_eq!(again.fault, Fault::Conflict);
    let rename = members(json!({"id": "other"}));
    assert!(PermissionGrantPolicies.update(&world.call(), id, rename).await.is_err());
    let row = world.tenant.store.read_row(id).await.unwrap().unwrap();
    let view = PermissionGrantPolicies.view(&row).unwrap();
    assert_eq!(view["id"], "agents-low");
    assert!(!view.contains_key("includes") && !view.contains_key("name"));
}

#[tokio::test]
async fn sets_of_conditions_are_added_changed_and_removed_one_by_one() {
    let world = World::new().await;
    let (call, id, includes) = (world.call(), policy(&world, "p").await, collection("includes"));
    for wrong in [
        json!({}),
        json!({"permissionType": "all"}),
        json!({"permissionType": "application", "scopeSensitivityLabels": {}}),
        json!({"permissionType": "application", "permissions": "all"}),
    ] {
        assert_eq!(includes.create_derived(&call, id, &members(wrong)).await.unwrap().unwrap_err().fault, Fault::Input);
    }
    let by_blueprint = includes.create_derived(&world.blueprint(), id, &members(any_role())).await.unwrap();
    assert_eq!(by_blueprint.unwrap_err().fault, Fault::Rights);
    let set = includes.create_derived(&call, id, &members(any_role())).await.unwrap().unwrap();
    assert_eq!((&set["permissions"], &set["grantorIds"]), (&json!(["all"]), &json!(["all"])));
    collection("excludes").create_derived(&call, id, &members(any_role())).await.unwrap().unwrap();
    includes.update_derived(&call, id, &set, members(json!({"permissions": ["User.Read.All"]}))).await.unwrap();
    let held = includes.derived(&call, id).await.unwrap();
    assert_eq!((held.len(), &held[0]["permissions"], &held[0]["id"]), (1, &json!(["User.Read.All"]), &set["id"]));
    includes.delete_derived(&call, id, &set).await.unwrap();
    assert!(includes.derived(&call, id).await.unwrap().is_empty());
    assert_eq!(collection("excludes").derived(&call, id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_authorization_policy_names_policies_that_exist_and_keeps_them() {
    let world = World::new().await;
    let id = policy(&world, "agents-low").await;
    let tenant = ObjectId::from_uuid(world.tenant.id().uuid());
    let assign = async |names: Value| {
        let body = members(json!({"agentPermissionGrantPoliciesAssigned": names}));
        AuthorizationPolicies.update(&world.call(), tenant, body).await
    };
    assert_eq!(assign(json!(["nobody"])).await.unwrap_err().fault, Fault::Input);
    assert_eq!(assign(json!("agents-low")).await.unwrap_err().fault, Fault::Input);
    assign(json!(["agents-low"])).await.unwrap();
    let shown = AuthorizationPolicies.item(&world.call(), "").await.unwrap().unwrap();
    assert_eq!(shown["agentPermissionGrantPoliciesAssigned"], json!(["agents-low"]));
    assert_eq!(PermissionGrantPolicies.delete(&world.call(), id).await.unwrap_err().fault, Fault::Conflict);
    assign(Value::Null).await.unwrap();
    PermissionGrantPolicies.delete(&world.call(), id).await.unwrap();
    policy(&world, "agents-low").await;
}
