//! `agentUser` in the directory API.

use crate::reach::{PARENTED_BY, READ_ALL, WithinReach, is_own};
use crate::{
    AgentUser, AgentUserRefused, NewAgentUser, create_agent_user, delete_agent_user, purge_agent_user,
    restore_agent_user, update_agent_user,
};
use async_trait::async_trait;
use serde_json::Value;
use signet_directory::User;
use signet_directory::attributes::{self, with_attributes};
use signet_directory::body::bound;
use signet_directory::http::{Computed, Managers, Sponsors, membership_actions, show_user};
use signet_directory::responsibility::SPONSORS;
use signet_graph::{Access, Action, Call, Entity, EntityType, JsonMap, Property, PropertyType, Relation};
use signet_kernel::{Failure, ObjectId};
use signet_store::{Kind, Row};

const READ: &[&str] =
    &["AgentIdUser.ReadWrite.All", PARENTED_BY, "User.Read.All", "User.ReadWrite.All", "Directory.Read.All"];
const WRITE: &[&str] = &["AgentIdUser.ReadWrite.All", PARENTED_BY, "User.ReadWrite.All"];

/// Named again because it is chosen at create; users have it read-only.
const PROPERTIES: &[Property] = &[Property::new(AgentUser::PARENT, PropertyType::Guid).indexed()];

/// `agentUser`.
pub const AGENT_USER: EntityType = EntityType {
    name: AgentUser::NAME,
    base: Some(User::NAME),
    set: "users",
    kind: Some(AgentUser::NAME),
    properties: PROPERTIES,
    incompatible: AgentUser::INCOMPATIBLE,
    incompatible_code: "Request_BadRequest",
    alternate_keys: &[("userPrincipalName", User::USER_PRINCIPAL_NAME)],
    access: Access { read: READ, create: WRITE, update: WRITE, delete: WRITE },
    beta_only: false,
};

/// `agentUser`, as a type of the directory.
#[derive(Debug, Clone, Copy)]
pub struct AgentUsers;

#[async_trait]
impl Entity for AgentUsers {
    fn declaration(&self) -> &'static EntityType {
        &AGENT_USER
    }

    fn required(&self) -> &'static [&'static str] {
        &["displayName", "userPrincipalName", "mailNickname", "accountEnabled", "identityParentId"]
    }

    fn view(&self, row: &Row) -> Result<JsonMap, Failure> {
        let mut view = show_user(row)?;
        view.retain(|name, _| !AgentUser::INTERNAL.contains(&name.as_str()));
        Ok(view)
    }

    async fn complete(&self, call: &Call, row: &Row, view: &mut JsonMap) -> Result<(), Failure> {
        attributes::complete(call, row, view).await
    }

    /// `AgentIdUser.ReadWrite.IdentityParentedBy` reaches the users of the caller's own agents.
    fn visible(&self, call: &Call, row: &Row) -> bool {
        let own = || {
            let user: Option<AgentUser> = serde_json::from_slice(&row.body).ok();
            user.is_some_and(|user| is_own(&call.caller, user.blueprint_app_id))
        };
        call.caller.holds_any(READ_ALL) || own()
    }

    fn hides(&self, call: &Call) -> bool {
        !call.caller.holds_any(READ_ALL)
    }

    async fn create(&self, call: &Call, mut body: JsonMap) -> Result<ObjectId, Failure> {
        attributes::refuse_at_create(&body)?;
        let parent = body.shift_remove(AgentUser::PARENT);
        let parent = parent.as_ref().and_then(Value::as_str).and_then(|id| id.parse().ok());
        let new = NewAgentUser {
            parent: parent.ok_or(AgentUserRefused::NoParent)?,
            sponsors: bound(&mut body, SPONSORS)?.unwrap_or_default(),
            members: body,
        };
        create_agent_user(call, new).await
    }

    async fn update(&self, call: &Call, id: ObjectId, body: JsonMap) -> Result<(), Failure> {
        with_attributes(call, id, body, async |body| update_agent_user(call, id, body).await).await
    }

    async fn delete(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        delete_agent_user(call, id).await
    }

    async fn restore(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        restore_agent_user(call, id).await
    }

    async fn purge(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        purge_agent_user(call, id).await
    }

    fn relations(&self) -> Vec<Box<dyn Relation>> {
        use Computed::{CreatedObjects, DirectReports, MemberOf, TransitiveMemberOf};
        let manager = WithinReach(Managers::new(&[]));
        let sponsors = WithinReach(Sponsors::<AgentUser>::new(&[]));
        let own: [Box<dyn Relation>; 2] = [Box::new(manager), Box::new(sponsors)];
        own.into_iter().chain(Computed::boxed([DirectReports, CreatedObjects, MemberOf, TransitiveMemberOf])).collect()
    }

    fn actions(&self) -> Vec<Box<dyn Action>> {
        membership_actions(READ_ALL)
    }
}
