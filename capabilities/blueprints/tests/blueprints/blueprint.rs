//! Creating, showing and changing blueprints.

use crate::world::{BLOCKED, World, blueprints, members};
use serde_json::{Value, json};
use signet_blueprints::Blueprint;
use signet_directory::User;
use signet_directory::roles::{RoleAssignment, RoleScope, built_in_roles};
use signet_graph::Entity;
use signet_kernel::Fault;
use signet_store::{Conflict, Kind};
use signet_testkit::TestCaller;
use uuid::Uuid;

#[tokio::test]
async fn behaviour_01_a_blueprint_has_new_ids_and_the_defaults_of_an_application() {
    let world = World::new().await;
    let id = world.create(json!({"displayName": "Desk"})).await.unwrap();
    let shown = world.shown(&blueprints(), id).await;
    assert_eq!(shown["id"], id.to_string());
    assert_ne!(shown["appId"], shown["id"]);
    assert_eq!(shown["signInAudience"], "AzureADMyOrg");
    assert_eq!(shown["identifierUris"], json!([]));
    assert_eq!(shown["createdDateTime"], "2026-11-21T10:00:00Z");
    assert_eq!(blueprints().declaration().name, "agentIdentityBlueprint");
    assert_eq!(world.linked(id, "sponsors").await, [world.ada]);
    assert_eq!(world.linked(id, "owners").await, [world.admin], "who creates it owns it");
    assert_eq!(world.activities(0).await, ["Add application"]);
}

#[tokio::test]
async fn behaviour_02_a_blueprint_without_a_sponsor_is_refused() {
    let world = World::new().await;
    for body in [json!({"displayName": "Desk"}), json!({"displayName": "Desk", "sponsors@odata.bind": []})] {
        let refused = blueprints().create(&world.call(), members(body)).await.unwrap_err();
        assert_eq!((refused.fault, refused.code.as_ref()), (Fault::Input, "Request_BadRequest"));
        assert!(refused.message.starts_with("No sponsor specified."), "{refused}");
        assert!(refused.target.is_some_and(|target| target.starts_with("sponsors")));
    }
    assert!(world.tenant.audits().await.is_empty(), "nothing was done");
}

/// The delegated half over the wire waits for sign-in; this is what happens once a person is the caller.
#[tokio::test]
async fn behaviour_03_a_person_sponsors_and_owns_what_it_creates_unless_it_administers_or_names_others() {
    let world = World::new().await;
    let create = async |caller, body: Value| {
        blueprints().create(&world.tenant.call_by(TestCaller::of_kind(User::NAME, caller)), members(body)).await
    };
    let id = create(world.ada, json!({"displayName": "Desk"})).await.unwrap();
    assert_eq!(world.linked(id, "sponsors").await, [world.ada]);
    assert_eq!(world.linked(id, "owners").await, [world.ada]);

    let grace = [format!("https://graph.microsoft.com/v1.0/users/{}", world.grace)];
    let named = create(world.ada, json!({"displayName": "Desk", "sponsors@odata.bind": grace})).await.unwrap();
    assert_eq!(world.linked(named, "sponsors").await, [world.grace], "none is added to those named");

    let administrator = built_in_roles().iter().find(|role| role.name == "Agent ID Administrator").unwrap();
    let assignment = RoleAssignment {
        principal_id: world.ada,
        role_definition_id: administrator.id(),
        directory_scope_id: RoleScope::Tenant.to_string(),
        other: serde_json::Map::new(),
    };
    world.tenant.put(&assignment).await;
    let refused = create(world.ada, json!({"displayName": "Desk"})).await.unwrap_err();
    assert!(refused.message.starts_with("No sponsor specified."), "{refused}");
}

#[tokio::test]
async fn only_people_sponsor_a_blueprint() {
    let world = World::new().await;
    let body = members(json!({
        "displayName": "Desk",
        "sponsors@odata.bind": [format!("https://id.example/v1.0/servicePrincipals/{}", world.admin)],
    }));
    assert_eq!(blueprints().create(&world.call(), body).await.unwrap_err().fault, Fault::Input);
}

#[tokio::test]
async fn behaviour_09_what_agents_cannot_use_does_not_exist_on_a_blueprint() {
    let world = World::new().await;
    let id = world.blueprint().await;
    for name in ["publicClient", "spa", "isFallbackPublicClient"] {
        let body = |value: Value| json!({"displayName": "Desk", name: value});
        for refused in [world.update(id, json!({ name: null })).await, world.create(body(json!({}))).await.map(drop)] {
            let refused = refused.unwrap_err();
            assert_eq!((refused.fault, refused.code.as_ref()), (Fault::Input, "AgentBlueprint_IncompatibleProperty"));
            assert_eq!(refused.target.as_deref(), Some(name));
        }
        assert!(blueprints().declaration().incompatible.contains(&name));
    }
}

#[tokio::test]
async fn a_blueprint_never_asks_for_what_agents_may_never_hold() {
    let world = World::new().await;
    let id = world.blueprint().await;
    let asks = |kind: &str, permission: Uuid| {
        json!({"displayName": "Desk", "requiredResourceAccess": [
            {"resourceAppId": Uuid::from_u128(1), "resourceAccess": [{"id": permission, "type": kind}]}]})
    };
    for refused in [
        world.create(asks("Role", BLOCKED)).await.map(drop),
        world.update(id, asks("Role", BLOCKED)).await,
        world.update(id, asks("Scope", BLOCKED)).await,
    ] {
        let refused = refused.unwrap_err();
        assert_eq!((refused.fault, refused.target.as_deref()), (Fault::Input, Some("requiredResourceAccess")));
        assert!(refused.message.contains("User.ReadWrite.All"), "{refused}");
    }
    world.update(id, asks("Role", Uuid::from_u128(2))).await.unwrap();
}

#[tokio::test]
async fn the_rules_of_every_application_hold() {
    let world = World::new().await;
    for wrong in [
        json!({"displayName": " "}),
        json!({}),
        json!({"displayName": "Desk", "signInAudience": "Everybody"}),
        json!({"displayName": "Desk", "identifierUris": ["https://id.example/v1.0"]}),
        json!({"displayName": "Desk", "passwordCredentials": []}),
        json!({"displayName": "Desk", "permissionCeiling": "none"}),
        json!({"displayName": "Desk", "permissionCeiling": ["User.Read.All"]}),
        json!({"displayName": "Desk", "permissionCeiling": ["00000003-0000-0000-C000-000000000000/User.Read.All"]}),
        json!({"displayName": "Desk", "permissionCeiling": ["00000003-0000-0000-c000-000000000000/"]}),
    ] {
        let refused = world.create(wrong.clone()).await.unwrap_err();
        assert_eq!(refused.fault, Fault::Input, "{wrong}: {refused}");
    }
}

#[tokio::test]
async fn behaviour_11_a_unique_name_is_taken_once_and_never_changes() {
    let world = World::new().await;
    let id = world.create(json!({"displayName": "Desk", "uniqueName": "desk"})).await.unwrap();
    let second = world.create(json!({"displayName": "Other", "uniqueName": "desk"})).await.unwrap_err();
    assert_eq!(second, Conflict::KeyTaken("application.uniqueName").into());
    assert_eq!(world.update(id, json!({"uniqueName": "other"})).await.unwrap_err().fault, Fault::Input);
    world.update(id, json!({"uniqueName": "desk", "displayName": "Desk 2"})).await.unwrap();
    assert_eq!(world.shown(&blueprints(), id).await["displayName"], "Desk 2");
}

#[tokio::test]
async fn a_change_keeps_what_it_does_not_name() {
    let world = World::new().await;
    let ceiling = json!(["00000003-0000-0000-c000-000000000000/User.Read.All"]);
    let id = world.create(json!({"displayName": "Desk", "tags": ["a"], "permissionCeiling": ceiling})).await.unwrap();
    world.update(id, json!({"description": "Takes orders"})).await.unwrap();
    let shown = world.shown(&blueprints(), id).await;
    assert_eq!(shown["permissionCeiling"], ceiling);
    assert_eq!((&shown["tags"], &shown["description"]), (&json!(["a"]), &json!("Takes orders")));
    world.update(id, json!({"permissionCeiling": null})).await.unwrap();
    assert_eq!(world.object::<Blueprint>(id).await.body.permission_ceiling, None);
}

#[tokio::test]
async fn another_version_than_if_match_names_is_not_written_over() {
    let world = World::new().await;
    let id = world.blueprint().await;
    let mut call = world.call();
    call.if_match = Some(world.object::<Blueprint>(id).await.version + 1);
    let refused = blueprints().update(&call, id, members(json!({"displayName": "x"}))).await.unwrap_err();
    assert_eq!(refused.fault, Fault::Precondition);
    assert_eq!(blueprints().delete(&call, id).await.unwrap_err().fault, Fault::Precondition);
}

#[tokio::test]
async fn a_secret_is_shown_once_and_its_hash_never() {
    let world = World::new().await;
    let id = world.blueprint().await;
    let actions = blueprints().actions();
    let add = actions.iter().find(|action| action.name() == "addPassword").unwrap();
    let added =
        add.call(&world.call(), id, members(json!({"passwordCredential": {"displayName": "ci"}}))).await.unwrap();
    let signet_graph::ActionResult::Object(added) = added else { panic!("{added:?}") };
    let secret = added["secretText"].as_str().unwrap();
    let shown = world.shown(&blueprints(), id).await.to_string();
    assert!(shown.contains("\"ci\"") && !shown.contains(secret) && !shown.contains("hash"), "{shown}");
}
