//! Which agent users a caller reaches.

use crate::{AgentIdentity, AgentUser, AgentUserRefused};
use async_trait::async_trait;
use signet_directory::body::not_found;
use signet_graph::{Call, Relation};
use signet_kernel::{AppId, Caller, Failure, ObjectId};
use signet_store::{Id, Kind};

/// Reaches the users of the caller's own agents.
pub(crate) const PARENTED_BY: &str = "AgentIdUser.ReadWrite.IdentityParentedBy";
/// What suffices to write every agent user.
pub(crate) const WRITE_ALL: &[&str] = &["AgentIdUser.ReadWrite.All", "User.ReadWrite.All"];
/// What suffices to read every agent user.
pub(crate) const READ_ALL: &[&str] =
    &["AgentIdUser.ReadWrite.All", "User.Read.All", "User.ReadWrite.All", "Directory.Read.All"];

/// Whether `blueprint` is the caller.
pub(crate) fn is_own(caller: &Caller, blueprint: AppId) -> bool {
    caller.parent.is_some() && caller.app == blueprint
}

/// Refuses an agent whatever it holds, and a blueprint what belongs to the agents of another.
pub(crate) fn require(caller: &Caller, blueprint: AppId) -> Result<(), AgentUserRefused> {
    if caller.kind == AgentIdentity::NAME {
        return Err(AgentUserRefused::AgentAsks);
    }
    if caller.holds_any(WRITE_ALL) || is_own(caller, blueprint) {
        return Ok(());
    }
    Err(AgentUserRefused::NotOwnAgent)
}

/// A relation of agent users that is changed within the caller's reach alone.
pub(crate) struct WithinReach<R>(pub(crate) R);

impl<R> WithinReach<R> {
    async fn require(call: &Call, user: ObjectId) -> Result<(), Failure> {
        let found = call.store.find(Id::<AgentUser>::of(user)).await?.ok_or_else(|| not_found(user))?;
        Ok(require(&call.caller, found.body.blueprint_app_id)?)
    }
}

#[async_trait]
impl<R: Relation> Relation for WithinReach<R> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn single(&self) -> bool {
        self.0.single()
    }

    fn target(&self) -> &'static str {
        self.0.target()
    }

    async fn add(&self, call: &Call, source: ObjectId, target: ObjectId) -> Result<(), Failure> {
        Self::require(call, source).await?;
        self.0.add(call, source, target).await
    }

    async fn remove(&self, call: &Call, source: ObjectId, target: ObjectId) -> Result<(), Failure> {
        Self::require(call, source).await?;
        self.0.remove(call, source, target).await
    }
}
