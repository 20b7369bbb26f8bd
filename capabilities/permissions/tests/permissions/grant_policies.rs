//! Permission grant policies bound who may grant what to agents.

use crate::world::{READ, WRITE, World, members};
use serde_json::{Value, json};
use signet_graph::{Call, Entity};
use signet_kernel::{Failure, Fault, ObjectId};
use signet_permissions::{ConsentType, DelegatedGrant, NewAssignment, assign_app_role, grant_delegated};
use signet_policies::{AuthorizationPolicies, PermissionGrantPolicies};
use signet_tenants::Tenant;
use uuid::Uuid;

async fn bounded_by(world: &World, sets: Value) {
    let call = world.call();
    let id = Tenant::id(world.store.id());
    if world.store.find(id).await.unwrap().is_none() {
        world.tenant.put_as(id, &Tenant::new("Contoso", None).unwrap()).await;
    }
    let policy = members(json!({"id": "agents", "displayName": "Agents"}));
    let policy = PermissionGrantPolicies.create(&call, policy).await.unwrap();
    let includes = PermissionGrantPolicies.contained().remove(0);
    for set in sets.as_array().unwrap() {
        includes.create_derived(&call, policy, &members(set.clone())).await.unwrap().unwrap();
    }
    let assigned = members(json!({"agentPermissionGrantPoliciesAssigned": ["agents"]}));
    AuthorizationPolicies.update(&call, id.object(), assigned).await.unwrap();
}

async fn assign(world: &World, call: &Call, principal: ObjectId, role: u128) -> Result<ObjectId, Failure> {
    assign_app_role(call, NewAssignment { principal, resource: world.resource, role: Uuid::from_u128(role) }).await
}

fn grant(world: &World, client: ObjectId, scope: &str) -> DelegatedGrant {
    DelegatedGrant {
        client_id: client,
        resource_id: world.resource,
        consent_type: ConsentType::AllPrincipals,
        principal_id: None,
        scope: scope.to_owned(),
        other: serde_json::Map::new(),
    }
}

#[tokio::test]
async fn a_grant_to_an_agent_that_no_policy_includes_is_refused_and_to_what_is_no_agent_is_not() {
    let world = World::new().await;
    let role = json!({"permissionType": "application", "permissions": ["Orders.Read"],
        "resourceApplication": world.resource_app, "clientApplicationIds": [world.blueprint_app]});
    bounded_by(&world, json!([role])).await;
    let call = world.call();
    let refused = assign(&world, &call, world.agent, WRITE).await.unwrap_err();
    assert_eq!((refused.fault, refused.code.as_ref()), (Fault::Rights, "Authorization_RequestDenied"));
    assert!(refused.message.contains("'Orders.Write'") && refused.message.contains("(agents)"), "{refused}");
    assert_eq!(assign(&world, &call, world.principal, WRITE).await.unwrap_err().fault, Fault::Rights);
    assign(&world, &call, world.agent, READ).await.unwrap();
    assign(&world, &call, world.principal, READ).await.unwrap();
    assign(&world, &call, world.admin, WRITE).await.unwrap();
    let scopes = grant_delegated(&call, grant(&world, world.agent, "Orders.Read")).await.unwrap_err();
    assert_eq!(scopes.fault, Fault::Rights, "delegated permissions are another kind");
    grant_delegated(&call, grant(&world, world.admin, "Orders.Read")).await.unwrap();
}

#[tokio::test]
async fn who_grants_is_a_condition_like_any_other() {
    let world = World::new().await;
    let other = world.store.context().new_object_id();
    let any = |grantor: ObjectId| json!({"permissionType": "application", "grantorIds": [grantor]});
    bounded_by(&world, json!([any(other)])).await;
    assert_eq!(assign(&world, &world.call(), world.agent, READ).await.unwrap_err().fault, Fault::Rights);

    let world = World::new().await;
    bounded_by(&world, json!([any(world.admin)])).await;
    assign(&world, &world.call(), world.agent, READ).await.unwrap();
}

#[tokio::test]
async fn a_grant_grows_within_the_policies_alone_and_shrinks_always() {
    let world = World::new().await;
    world.tenant.put_as(Tenant::id(world.store.id()), &Tenant::new("Contoso", None).unwrap()).await;
    let call = world.call();
    let id = grant_delegated(&call, grant(&world, world.agent, "one two")).await.unwrap();
    bounded_by(&world, json!([{"permissionType": "delegated", "permissions": ["three"]}])).await;
    let change = async |scope: &str| signet_permissions::change_delegated(&call, id, scope.to_owned()).await;
    assert_eq!(change("one two four").await.unwrap_err().fault, Fault::Rights);
    change("one two three").await.unwrap();
    change("one").await.unwrap();
    assert_eq!(change("one two").await.unwrap_err().fault, Fault::Rights, "what was taken away is not given back");
}
