//! Invariant 6: an agent identity holds no credential, whichever way it is offered one.

use crate::world::{World, agents, create, members};
use serde_json::json;
use signet_agents::AgentIdentity;
use signet_graph::Entity;
use signet_kernel::Fault;

const CODE: &str = "AgentIdentity_CredentialsNotSupported";

#[tokio::test]
async fn behaviour_08_a_body_with_credentials_is_refused() {
    let world = World::new().await;
    let agent = world.agent().await;
    for name in ["passwordCredentials", "keyCredentials"] {
        let refused = world.update(agent, json!({ name: [{"displayName": "x"}] })).await.unwrap_err();
        assert_eq!((refused.fault, refused.code.as_ref()), (Fault::Input, CODE));
        let mut body = world.body();
        body[name] = json!([]);
        assert_eq!(create(&world.call(), body).await.unwrap_err().code, CODE);
        let declaration = agents().declaration();
        assert!(declaration.incompatible.contains(&name) && declaration.incompatible_code == CODE);
    }
}

#[tokio::test]
async fn behaviour_08_every_action_on_credentials_exists_and_is_refused() {
    let world = World::new().await;
    let agent = world.agent().await;
    let before = world.object::<AgentIdentity>(agent).await.version;
    let mut names = Vec::new();
    for action in agents().actions() {
        let refused = action.call(&world.call(), agent, members(json!({}))).await.unwrap_err();
        assert_eq!((refused.fault, refused.code.as_ref()), (Fault::Input, CODE));
        names.push(action.name());
    }
    assert_eq!(names, ["addPassword", "removePassword", "addKey", "removeKey"]);
    assert_eq!(world.object::<AgentIdentity>(agent).await.version, before);
    assert!(agents().contained().iter().all(|contained| contained.name() != "federatedIdentityCredentials"));
}
