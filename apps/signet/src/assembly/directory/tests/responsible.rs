//! What owners and sponsors may do without any permission or role.

use super::world::{Who, World};
use axum::http::Method;
use serde_json::{Value, json};

const DENIED: (u16, &str) = (403, "Authorization_RequestDenied");

async fn link(world: &World, path: &str, who: &Who) {
    let body = json!({"@odata.id": World::reference(&who.id)});
    let linked = world.post(&world.admin(), &format!("{path}/$ref"), &body).await;
    assert_eq!(linked.status, 204, "{}", linked.body);
}

/// Status of each request.
async fn statuses(world: &World, who: &Who, asked: &[(Method, String, Option<Value>)]) -> Vec<(String, u16)> {
    let mut all = Vec::new();
    for (method, path, body) in asked {
        let status = world.ask(who, method.clone(), path, body.as_ref()).await.status;
        all.push((format!("{method} {path}"), status));
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sponsor_switches_an_agent_off_and_on_and_changes_nothing_else() {
    let world = World::open().await;
    let (ann, eve) = (world.user("ann").await, world.user("eve").await);
    let blueprint = world.blueprint(&ann).await;
    let agent = world.agent(&blueprint, "a", &ann).await;
    let path = format!("servicePrincipals/{agent}/microsoft.graph.agentIdentity");
    for on in [false, true] {
        let body = json!({"accountEnabled": on});
        assert_eq!(world.patch(&eve, &path, &body).await.code(), DENIED);
        assert_eq!(world.patch(&ann, &path, &body).await.status, 204);
        assert_eq!(world.get(&ann, &path).await.body["accountEnabled"], on);
    }
    let kill = format!("applications/{}/microsoft.graph.agentIdentityBlueprint", blueprint.id());
    assert_eq!(world.patch(&ann, &kill, &json!({"isDisabled": true})).await.status, 204);
    assert_eq!(world.patch(&eve, &kill, &json!({"isDisabled": false})).await.code(), DENIED);
    let both = world.patch(&ann, &path, &json!({"accountEnabled": false, "displayName": "x"})).await;
    assert_eq!((both.code(), both.body["error"]["target"].as_str()), (DENIED, Some("displayName")));
    assert_eq!(world.get(&ann, &path).await.body["accountEnabled"], true, "nothing of it was done");
    let refused = [
        (Method::PATCH, path.clone(), Some(json!({"displayName": "x"}))),
        (Method::DELETE, path.clone(), None),
        (Method::POST, format!("{path}/owners/$ref"), Some(json!({"@odata.id": World::reference(&ann.id)}))),
        (Method::POST, format!("{path}/sponsors/$ref"), Some(json!({"@odata.id": World::reference(&eve.id)}))),
        (Method::POST, format!("applications/{}/addPassword", blueprint.id()), Some(json!({}))),
        (Method::GET, "servicePrincipals".to_owned(), None),
    ];
    for (asked, status) in statuses(&world, &ann, &refused).await {
        assert_eq!(status, 403, "{asked}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_of_an_agent_changes_deletes_and_restores_it_and_gives_it_no_rights() {
    let world = World::open().await;
    let (root, ann, eve) = (world.user("root").await, world.user("ann").await, world.user("eve").await);
    let blueprint = world.blueprint(&root).await;
    let (agent, sibling) = (world.agent(&blueprint, "a", &root).await, world.agent(&blueprint, "b", &root).await);
    let at = |id: &str| format!("servicePrincipals/{id}/microsoft.graph.agentIdentity");
    let path = at(&agent);
    link(&world, &format!("{path}/owners"), &ann).await;
    let body = json!({"displayName": "Agent-x"});
    assert_eq!(world.patch(&ann, &path, &body).await.status, 204);
    assert_eq!(world.patch(&eve, &path, &body).await.code(), DENIED);
    assert_eq!(world.patch(&ann, &at(&sibling), &body).await.code(), DENIED);
    let sponsor = json!({"@odata.id": World::reference(&eve.id)});
    assert_eq!(world.post(&ann, &format!("{path}/sponsors/$ref"), &sponsor).await.status, 204);
    let refused = [
        (
            Method::POST,
            format!("servicePrincipals/{agent}/appRoleAssignments"),
            Some(json!({"principalId": agent, "resourceId": agent, "appRoleId": uuid::Uuid::nil()})),
        ),
        (Method::PATCH, format!("applications/{}", blueprint.id()), Some(body.clone())),
        (Method::DELETE, at(&sibling), None),
    ];
    for (asked, status) in statuses(&world, &ann, &refused).await {
        assert_eq!(status, 403, "{asked}");
    }
    assert_eq!(world.delete(&ann, &path).await.status, 204);
    let restore = format!("directory/deletedItems/{agent}/restore");
    assert_eq!(world.post(&eve, &restore, &json!({})).await.code(), DENIED);
    assert_eq!(world.delete(&ann, &format!("directory/deletedItems/{agent}")).await.code(), DENIED, "for good");
    assert_eq!(world.post(&ann, &restore, &json!({})).await.status, 200);
    assert_eq!(world.get(&ann, &path).await.body["displayName"], "Agent-x");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_of_a_blueprint_adds_credentials_and_does_not_lift_its_ceiling() {
    let world = World::open().await;
    let (root, ann) = (world.user("root").await, world.service("ann").await);
    let blueprint = world.blueprint(&root).await.id();
    let path = format!("applications/{blueprint}");
    assert_eq!(world.post(&ann, &format!("{path}/addPassword"), &json!({})).await.code(), DENIED);
    link(&world, &format!("{path}/microsoft.graph.agentIdentityBlueprint/owners"), &ann).await;
    let secret = world.post(&ann, &format!("{path}/addPassword"), &json!({})).await;
    assert_eq!(secret.status, 200, "{}", secret.body);
    let removed = json!({"keyId": secret.body["keyId"]});
    assert_eq!(world.post(&ann, &format!("{path}/removePassword"), &removed).await.status, 204);
    let federated = json!({"name": "ci", "issuer": "https://ci.test", "subject": "s", "audiences": ["api://x"]});
    let federated = world.post(&ann, &format!("{path}/federatedIdentityCredentials"), &federated).await;
    assert_eq!(federated.status, 201, "{}", federated.body);
    assert_eq!(world.get(&ann, &format!("{path}/federatedIdentityCredentials")).await.each("name"), ["ci"]);
    assert_eq!(world.patch(&ann, &path, &json!({"permissionCeiling": []})).await.code(), DENIED);
    assert_eq!(world.patch(&ann, &path, &json!({"description": "x"})).await.status, 204);
    assert_eq!(world.get(&ann, &format!("{path}/deletionPreview")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_of_a_group_says_who_belongs_but_not_who_gets_roles_through_it() {
    let world = World::open().await;
    let (ann, bob) = (world.user("ann").await, world.user("bob").await);
    let group = |name: &str, assignable: bool| {
        json!({
            "displayName": name, "mailEnabled": false, "mailNickname": name, "securityEnabled": true,
            "isAssignableToRole": assignable,
        })
    };
    let plain = world.post(&world.admin(), "groups", &group("plain", false)).await.id();
    let powerful = world.post(&world.admin(), "groups", &group("powerful", true)).await.id();
    for id in [&plain, &powerful] {
        link(&world, &format!("groups/{id}/owners"), &ann).await;
    }
    let member = json!({"@odata.id": World::reference(&bob.id)});
    let add = async |who: &Who, id: &str| world.post(who, &format!("groups/{id}/members/$ref"), &member).await.status;
    assert_eq!(add(&bob, &plain).await, 403);
    assert_eq!(add(&ann, &plain).await, 204);
    assert_eq!(world.get(&ann, &format!("groups/{plain}/members")).await.each("displayName"), ["bob"]);
    assert_eq!(add(&ann, &powerful).await, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_members_of_a_group_that_answers_for_an_agent_switch_it_off() {
    let world = World::open().await;
    let (ann, eve) = (world.user("ann").await, world.user("eve").await);
    let body = json!({
        "displayName": "desk", "mailEnabled": true, "mailNickname": "desk", "securityEnabled": false,
        "groupTypes": ["Unified"],
    });
    let group = Who { kind: "group", id: world.post(&world.admin(), "groups", &body).await.id(), permissions: "None" };
    link(&world, &format!("groups/{}/members", group.id), &ann).await;
    let blueprint = world.blueprint(&eve).await;
    let agent = world.agent(&blueprint, "a", &group).await;
    let path = format!("servicePrincipals/{agent}/microsoft.graph.agentIdentity");
    let off = json!({"accountEnabled": false});
    assert_eq!(world.patch(&eve, &path, &off).await.code(), DENIED, "she answers for the blueprint alone");
    assert_eq!(world.patch(&ann, &path, &off).await.status, 204);
}
