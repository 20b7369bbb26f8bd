//! Delegated grants.

use crate::world::{World, members};
use serde_json::{Value, json};
use signet_blueprints::{BlueprintPrincipal, BlueprintRules, update_blueprint};
use signet_credentials::OwnAddresses;
use signet_directory::DIRECTORY_APP_ID;
use signet_directory::http::{ServicePrincipals, Users};
use signet_graph::{Call, Entity};
use signet_kernel::{Failure, Fault, ObjectId};
use signet_permissions::catalogue::role_id;
use signet_permissions::{DelegatedGrant, DelegatedGrants, blocked_permission, directory_scopes};
use signet_store::{Id, Kind};
use uuid::Uuid;

const WRITE: &[&str] = &["DelegatedPermissionGrant.ReadWrite.All"];

fn body(client: ObjectId, resource: ObjectId, scope: &str) -> Value {
    json!({"clientId": client, "resourceId": resource, "consentType": "AllPrincipals", "scope": scope})
}

async fn grant(call: &Call, body: Value) -> Result<ObjectId, Failure> {
    DelegatedGrants.create(call, members(body)).await
}

#[tokio::test]
async fn behaviour_20_a_scope_that_agents_never_hold_is_refused_to_an_agent() {
    let world = World::new().await;
    let call = world.call_with(WRITE);
    for value in ["Directory.AccessAsUser.All", "directory.accessasuser.all", "AgentIdentityBlueprint.ReadWrite.All"] {
        let refused =
            grant(&call, body(world.agent, world.directory, &format!("User.Read {value}"))).await.unwrap_err();
        assert_eq!((refused.fault, refused.target.as_deref()), (Fault::Rights, Some("scope")), "{value}");
        assert!(refused.message.contains(value), "{refused}");
    }
    let held = grant(&call, body(world.agent, world.directory, "User.Read")).await.unwrap();
    let wider = members(json!({"scope": "User.Read Directory.AccessAsUser.All"}));
    assert_eq!(DelegatedGrants.update(&call, held, wider).await.unwrap_err().fault, Fault::Rights);
    grant(&call, body(world.agent, world.resource, "Directory.AccessAsUser.All")).await.unwrap();
}

#[tokio::test]
async fn behaviour_20_a_blueprint_does_not_ask_for_what_agents_never_hold_in_either_form() {
    let world = World::new().await;
    let rules = BlueprintRules { own: OwnAddresses::new([]), blocked: blocked_permission };
    let asking = |id: Uuid, kind: &str| {
        let access = json!([{"resourceAppId": DIRECTORY_APP_ID, "resourceAccess": [{"id": id, "type": kind}]}]);
        members(json!({ "requiredResourceAccess": access }))
    };
    let scope = |value: &str| directory_scopes().iter().find(|scope| scope.value.as_deref() == Some(value)).unwrap().id;
    for (id, kind) in [
        (scope("Directory.AccessAsUser.All"), "Scope"),
        (scope("AgentIdentityBlueprint.ReadWrite.All"), "Scope"),
        (role_id("User.ReadWrite.All").unwrap(), "Role"),
    ] {
        let refused = update_blueprint(&world.call(), &rules, world.blueprint, asking(id, kind)).await.unwrap_err();
        let blame = (refused.fault, refused.target.as_deref());
        assert_eq!(blame, (Fault::Input, Some("requiredResourceAccess")), "{kind} {id}");
    }
    let fine = asking(scope("User.Read.All"), "Scope");
    update_blueprint(&world.call(), &rules, world.blueprint, fine).await.unwrap();
}

#[tokio::test]
async fn a_blueprint_and_its_agent_grant_nothing() {
    let world = World::new().await;
    for kind in [BlueprintPrincipal::NAME, "agentIdentity"] {
        let refused = grant(&world.call_as(kind), body(world.agent, world.resource, "Orders")).await.unwrap_err();
        assert_eq!(refused.fault, Fault::Rights, "{kind}");
    }
}

#[tokio::test]
async fn a_grant_is_for_everybody_or_for_one_living_user() {
    let world = World::new().await;
    let call = world.call_with(WRITE);
    let with = |member: &str, value: Value| {
        let mut body = body(world.agent, world.resource, "Orders");
        body[member] = value;
        body
    };
    for (wrong, target) in [
        (with("principalId", json!(world.person)), "principalId"),
        (with("consentType", json!("Principal")), "principalId"),
        (with("consentType", json!("Somebody")), "consentType"),
        (with("clientId", json!(world.person)), "clientId"),
        (with("resourceId", json!(world.person)), "resourceId"),
        (with("scope", json!("  ")), "scope"),
        (with("scope", json!("a\"b")), "scope"),
    ] {
        let refused = grant(&call, wrong.clone()).await.unwrap_err();
        assert_eq!((refused.fault, refused.target.as_deref()), (Fault::Input, Some(target)), "{wrong}");
    }
    let mut one = with("consentType", json!("Principal"));
    one["principalId"] = json!(world.agent);
    assert_eq!(grant(&call, one.clone()).await.unwrap_err().target.as_deref(), Some("principalId"));
    one["principalId"] = json!(world.person);
    grant(&call, one).await.unwrap();
    grant(&call, body(world.agent, world.resource, "Orders")).await.unwrap();
}

#[tokio::test]
async fn there_is_one_grant_for_each_client_resource_and_user_and_only_its_scope_changes() {
    let world = World::new().await;
    let call = world.call_with(WRITE);
    let held = grant(&call, body(world.agent, world.resource, "b  a b")).await.unwrap();
    assert_eq!(world.object::<DelegatedGrant>(held).await.body.scope, "b a");
    let refused = grant(&call, body(world.agent, world.resource, "c")).await.unwrap_err();
    assert_eq!(refused.fault, Fault::Conflict);
    let other = members(json!({"resourceId": world.directory}));
    assert_eq!(DelegatedGrants.update(&call, held, other).await.unwrap_err().fault, Fault::Input);

    let before = world.revoked().await;
    DelegatedGrants.update(&call, held, members(json!({"scope": "a b c"}))).await.unwrap();
    assert_eq!(world.revoked().await, before, "wider voids nothing");
    DelegatedGrants.update(&call, held, members(json!({"scope": "a"}))).await.unwrap();
    assert!(world.revoked().await > before);
    let before = world.revoked().await;
    DelegatedGrants.delete(&call, held).await.unwrap();
    assert!(world.revoked().await > before);
    grant(&call, body(world.agent, world.resource, "c")).await.unwrap();
}

#[tokio::test]
async fn a_grant_goes_and_comes_back_with_its_client() {
    let world = World::new().await;
    let held = grant(&world.call_with(WRITE), body(world.agent, world.resource, "Orders")).await.unwrap();
    let living = async || world.store.find(Id::<DelegatedGrant>::of(held)).await.unwrap().is_some();
    let agents = signet_agents::AgentEntity::default();
    agents.delete(&world.call(), world.agent).await.unwrap();
    assert!(!living().await);
    agents.restore(&world.call(), world.agent).await.unwrap();
    assert!(living().await);
    let names: Vec<String> = world.tenant.audits().await.iter().map(|entry| entry.activity().to_owned()).collect();
    assert!(names.iter().any(|name| name == "Add delegated permission grant"));
}

#[tokio::test]
async fn invariant_08_a_grant_outlives_its_deleted_resource_or_user_and_goes_with_the_purged_one() {
    let world = World::new().await;
    let (call, user) = (world.call_with(WRITE), world.user("bob").await);
    let for_one = |resource: ObjectId| {
        let mut grant = body(world.agent, resource, "Orders");
        grant["consentType"] = json!("Principal");
        grant["principalId"] = json!(user);
        grant
    };
    let of_both = grant(&call, for_one(world.resource)).await.unwrap();
    let of_user = grant(&call, for_one(world.directory)).await.unwrap();
    let of_all = grant(&call, body(world.agent, world.directory, "User.Read")).await.unwrap();
    let left = async || {
        let mut left = Vec::new();
        for id in [of_both, of_user, of_all] {
            left.push(world.store.find(Id::<DelegatedGrant>::of(id)).await.unwrap().is_some());
        }
        left
    };
    let resources = ServicePrincipals::new(|| &[], Vec::new());
    resources.delete(&world.call(), world.resource).await.unwrap();
    assert_eq!(left().await, [true, true, true]);
    resources.restore(&world.call(), world.resource).await.unwrap();
    resources.delete(&world.call(), world.resource).await.unwrap();
    resources.purge(&world.call(), world.resource).await.unwrap();
    assert_eq!(left().await, [false, true, true]);
    Users.delete(&world.call(), user).await.unwrap();
    assert_eq!(left().await, [false, true, true]);
    Users.purge(&world.call(), user).await.unwrap();
    assert_eq!(left().await, [false, false, true]);
}
