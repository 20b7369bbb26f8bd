//! `agentIdentity` in the directory API.

use super::credentials::{ACTIONS, Refused};
use super::declaration::{AGENT_IDENTITY, READ_ALL, SPONSORING};
use crate::{AgentIdentity, NewAgent, create_agent, update_agent};
use async_trait::async_trait;
use serde_json::Value;
use signet_directory::attributes::{self, with_attributes};
use signet_directory::body::{bad_request, bound, wire};
use signet_directory::http::{Computed, Owners, Sponsors};
use signet_directory::ops;
use signet_directory::responsibility::{OWNERS, SPONSORS};
use signet_graph::{Action, Call, Contained, Entity, EntityType, JsonMap, Relation};
use signet_kernel::{Failure, ObjectId};
use signet_store::Row;

/// Members of the stored body that are nobody's business.
const INTERNAL: &[&str] = &["principal"];

/// `agentIdentity`, with the collections that other capabilities hang off it.
#[derive(Debug, Clone, Default)]
pub struct AgentEntity {
    contained: Vec<fn() -> Box<dyn Contained>>,
    actions: Vec<fn() -> Box<dyn Action>>,
}

impl AgentEntity {
    /// The type, with these collections under it.
    pub fn new(contained: Vec<fn() -> Box<dyn Contained>>) -> Self {
        Self { contained, actions: Vec::new() }
    }

    /// The same, with these actions and functions besides its own.
    #[must_use]
    pub fn with_actions(mut self, actions: Vec<fn() -> Box<dyn Action>>) -> Self {
        self.actions = actions;
        self
    }
}

/// Whether this caller may read this agent identity.
pub fn may_see(call: &Call, agent: &AgentIdentity) -> bool {
    call.caller.holds_any(READ_ALL) || agent.agent_identity_blueprint_id == call.caller.app
}

#[async_trait]
impl Entity for AgentEntity {
    fn declaration(&self) -> &'static EntityType {
        &AGENT_IDENTITY
    }

    fn required(&self) -> &'static [&'static str] {
        &["displayName", "agentIdentityBlueprintId"]
    }

    fn view(&self, row: &Row) -> Result<JsonMap, Failure> {
        wire(row, INTERNAL)
    }

    async fn complete(&self, call: &Call, row: &Row, view: &mut JsonMap) -> Result<(), Failure> {
        attributes::complete(call, row, view).await
    }

    /// `AgentIdentity.CreateAsManager` reaches the agents of the caller's own blueprint.
    fn visible(&self, call: &Call, row: &Row) -> bool {
        let seen = || serde_json::from_slice(&row.body).is_ok_and(|agent: AgentIdentity| may_see(call, &agent));
        call.caller.holds_any(READ_ALL) || seen()
    }

    fn hides(&self, call: &Call) -> bool {
        !call.caller.holds_any(READ_ALL)
    }

    async fn create(&self, call: &Call, mut body: JsonMap) -> Result<ObjectId, Failure> {
        attributes::refuse_at_create(&body)?;
        let blueprint = body.shift_remove("agentIdentityBlueprintId");
        let blueprint = blueprint.as_ref().and_then(Value::as_str).and_then(|id| id.parse().ok());
        let missing =
            || bad_request("agentIdentityBlueprintId", "'agentIdentityBlueprintId' is the appId of a blueprint.");
        let new = NewAgent {
            blueprint: blueprint.ok_or_else(missing)?,
            sponsors: bound(&mut body, SPONSORS)?.unwrap_or_default(),
            owners: bound(&mut body, OWNERS)?.unwrap_or_default(),
            members: body,
        };
        create_agent(call, new).await
    }

    async fn update(&self, call: &Call, id: ObjectId, body: JsonMap) -> Result<(), Failure> {
        with_attributes(call, id, body, async |body| update_agent(call, id, body).await).await
    }

    async fn delete(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        ops::delete::<AgentIdentity>(call, id).await
    }

    async fn restore(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        ops::restore::<AgentIdentity>(call, id).await
    }

    async fn purge(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        ops::purge::<AgentIdentity>(call, id).await
    }

    fn relations(&self) -> Vec<Box<dyn Relation>> {
        use Computed::{CreatedObjects, MemberOf, OwnedObjects, TransitiveMemberOf};
        let own: [Box<dyn Relation>; 2] =
            [Box::new(Owners::<AgentIdentity>::new(&[])), Box::new(Sponsors::<AgentIdentity>::new(SPONSORING))];
        own.into_iter().chain(Computed::boxed([OwnedObjects, CreatedObjects, MemberOf, TransitiveMemberOf])).collect()
    }

    fn contained(&self) -> Vec<Box<dyn Contained>> {
        self.contained.iter().map(|make| make()).collect()
    }

    fn actions(&self) -> Vec<Box<dyn Action>> {
        let refused = ACTIONS.into_iter().map(|name| Box::new(Refused(name)) as Box<dyn Action>);
        refused.chain(self.actions.iter().map(|make| make())).collect()
    }
}
