//! `createdObjects`: what somebody created, whatever they are.

use crate::world::{World, members};
use serde_json::json;
use signet_agents::{AgentEntity, AgentIdentity, NewAgent, NewAgentUser, create_agent, create_agent_user};
use signet_blueprints::{BlueprintPrincipal, BlueprintPrincipalEntity};
use signet_directory::http::{ServicePrincipals, Users};
use signet_directory::{User, ops};
use signet_graph::{Entity, Relation};
use signet_kernel::ObjectId;
use signet_store::Kind;
use signet_testkit::TestCaller;

fn created(entity: &dyn Entity) -> Box<dyn Relation> {
    entity.relations().into_iter().find(|relation| relation.name() == "createdObjects").unwrap()
}

async fn ends(world: &World, entity: &dyn Entity, of: ObjectId) -> Vec<ObjectId> {
    created(entity).ends(&world.call(), of).await.unwrap()
}

#[tokio::test]
async fn a_blueprint_principal_shows_the_agents_and_agent_users_that_it_created() {
    let world = World::new().await;
    let principals = BlueprintPrincipalEntity::default();
    assert!(created(&principals).read_only());
    assert_eq!(ends(&world, &principals, world.principal).await, [], "an administrator created the agent there is");

    let mut caller = TestCaller::of_kind(BlueprintPrincipal::NAME, world.principal).below(world.blueprint);
    caller.app = world.blueprint_app;
    let roles = ["AgentIdentity.CreateAsManager", "AgentIdUser.ReadWrite.IdentityParentedBy"];
    let call = world.tenant.call_by(caller.with_roles(&roles));
    let new = NewAgent {
        blueprint: world.blueprint_app,
        sponsors: vec![world.person],
        owners: Vec::new(),
        members: members(json!({"displayName": "own-bot"})),
    };
    let agent = create_agent(&call, new).await.unwrap();
    let user = json!({"displayName": "Bot", "userPrincipalName": "bot@contoso.test", "mailNickname": "bot",
        "accountEnabled": true});
    let new = NewAgentUser { parent: agent, sponsors: Vec::new(), members: members(user) };
    let user = create_agent_user(&call, new).await.unwrap();
    assert_eq!(ends(&world, &principals, world.principal).await, [agent, user]);

    AgentEntity::default().delete(&world.call(), agent).await.unwrap();
    assert_eq!(ends(&world, &principals, world.principal).await, []);
}

#[tokio::test]
async fn people_agents_and_applications_show_what_they_created_and_nothing_else() {
    let world = World::new().await;
    let by = |kind: &'static str, id: ObjectId| world.tenant.call_by(TestCaller::of_kind(kind, id));
    for (kind, creator, entity) in [
        (User::NAME, world.person, Box::new(Users) as Box<dyn Entity>),
        (AgentIdentity::NAME, world.agent, Box::new(AgentEntity::default())),
        ("servicePrincipal", world.resource, Box::new(ServicePrincipals::new(|| &[], Vec::new()))),
    ] {
        let group = json!({"displayName": kind, "mailNickname": kind, "mailEnabled": false, "securityEnabled": true});
        let group = ops::create_group(&by(kind, creator), members(group)).await.unwrap();
        assert_eq!(ends(&world, &*entity, creator).await, [group], "{kind}");
    }
}
