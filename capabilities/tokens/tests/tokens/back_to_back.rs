//! Nothing has to be waited for: what one call made is good for the next.

use crate::seed::RESOURCE;
use crate::world::World;
use serde_json::{Value, json};
use signet_agents::{NewAgent, create_agent};
use signet_blueprints::{Blueprint, BlueprintPrincipal, BlueprintRules, NewBlueprint, create_blueprint};
use signet_credentials::ops::add_password;
use signet_credentials::{NewPassword, OwnAddresses};
use signet_directory::body::JsonMap;
use signet_directory::{User, ops};
use signet_graph::Call;
use signet_kernel::{AppId, Caller, ObjectId, Origin};
use signet_permissions::{NewAssignment, assign_app_role, blocked_permission};
use signet_store::Id;
use uuid::Uuid;

fn administrator(world: &World) -> Call {
    let store = world.store.tenant(world.seed.tenant);
    let roles =
        ["AgentIdentity.Create.All", "AgentIdentityBlueprint.AddRemoveCreds.All", "AppRoleAssignment.ReadWrite.All"];
    let caller = Caller {
        tenant: world.seed.tenant,
        object: world.seed.resource,
        kind: "servicePrincipal",
        app: world.seed.resource_app,
        display_name: "Administrator".to_owned(),
        roles: roles.map(str::to_owned).into(),
        parent: None,
        origin: Origin::internal(Uuid::from_u128(1)),
    };
    Call { caller, store, base_url: "https://id.example/v1.0".to_owned(), if_match: None }
}

fn members(value: Value) -> JsonMap {
    value.as_object().cloned().unwrap_or_default()
}

async fn person(call: &Call) -> ObjectId {
    let ada = json!({"displayName": "Ada", "userPrincipalName": "ada@contoso.example", "accountEnabled": true});
    let id = ops::create_user(call, members(ada)).await.unwrap();
    assert!(call.store.find(Id::<User>::of(id)).await.unwrap().is_some());
    id
}

/// A blueprint with its principal and a secret.
async fn blueprint(call: &Call, sponsor: ObjectId) -> (AppId, String) {
    let rules = BlueprintRules { own: OwnAddresses::new([]), blocked: blocked_permission };
    let new = NewBlueprint {
        sponsors: vec![sponsor],
        owners: Vec::new(),
        with_principal: true,
        members: members(json!({"displayName": "Fresh"})),
    };
    let id = create_blueprint(call, &rules, new).await.unwrap();
    let (_, secret) = add_password::<Blueprint>(call, id, &NewPassword::default()).await.unwrap();
    let made = call.store.find(Id::<Blueprint>::of(id)).await.unwrap().unwrap();
    (made.body.application.app_id, secret.reveal().to_owned())
}

#[tokio::test]
async fn row_4_what_was_just_created_and_assigned_is_in_the_token_of_the_next_call() {
    let world = World::new().await;
    let call = administrator(&world);
    let sponsor = person(&call).await;
    for round in 0..20 {
        let (app, secret) = blueprint(&call, sponsor).await;
        let name = members(json!({ "displayName": format!("agent-{round}") }));
        let new = NewAgent { blueprint: app, sponsors: vec![sponsor], owners: Vec::new(), members: name };
        let agent = create_agent(&call, new).await.unwrap();
        let assignment = NewAssignment { principal: agent, resource: world.seed.resource, role: Uuid::from_u128(0x11) };
        assign_app_role(&call, assignment).await.unwrap();

        let path = [("fmi_path", &*agent.to_string())];
        let exchange = "api://AzureADTokenExchange/.default";
        let (status, t1) = world.secret_token(app, &secret, exchange, &path).await;
        assert_eq!(status, 200, "{t1}");
        let t1 = t1["access_token"].as_str().unwrap();
        let (status, answer) = world.token_as(&agent.to_string(), t1, RESOURCE).await;
        assert_eq!((status, &world.claims(&answer)["roles"]), (200, &json!(["Orders.Read"])), "{answer}");
        assert!(BlueprintPrincipal::find_by_app_id(&call.store, app).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn row_4_a_right_that_was_just_given_to_somebody_who_has_a_token_is_in_the_next_one() {
    let world = World::new().await;
    let call = administrator(&world);
    let sibling = ObjectId::from_uuid(world.seed.sibling.uuid());
    let asked = async || {
        let path = [("fmi_path", &*world.seed.sibling.to_string())];
        let (_, t1) = world.token_with_secret("api://AzureADTokenExchange/.default", &path).await;
        let t1 = t1["access_token"].as_str().unwrap().to_owned();
        let (status, answer) = world.token_as(&world.seed.sibling.to_string(), &t1, RESOURCE).await;
        assert_eq!(status, 200, "{answer}");
        world.claims(&answer)["roles"].clone()
    };
    assert_eq!(asked().await, json!(["Orders.Write"]), "inherited");
    let assignment = NewAssignment { principal: sibling, resource: world.seed.resource, role: Uuid::from_u128(0x11) };
    assign_app_role(&call, assignment).await.unwrap();
    assert_eq!(asked().await, json!(["Orders.Read", "Orders.Write"]));
}
