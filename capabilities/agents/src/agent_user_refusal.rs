//! Why an agent user is not created or changed.

use signet_kernel::{Failure, Fault, ObjectId};

/// Why an agent user is not created or changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AgentUserRefused {
    /// An agent identity asks.
    #[error("This operation cannot be performed for the specified calling identity type.")]
    AgentAsks,
    /// A blueprint asks about the user of another blueprint's agent.
    #[error(
        "AgentIdUser.ReadWrite.IdentityParentedBy reaches only the agent users of the caller's own agent identities; \
         others need AgentIdUser.ReadWrite.All."
    )]
    NotOwnAgent,
    /// The parent is not named.
    #[error("'identityParentId' is required: the object id of an agent identity.")]
    NoParent,
    /// The id is not that of an agent identity.
    #[error("'{0}' is not the object id of an agent identity of this tenant.")]
    NotAnAgent(ObjectId),
    /// The agent identity has its user.
    #[error(
        "The agent identity '{parent}' already has an agent user, '{user}'; there are {limit} at most, unless \
         'agentUserLimit' of its blueprint says otherwise."
    )]
    Exists {
        /// The agent identity.
        parent: ObjectId,
        /// The user it has.
        user: ObjectId,
        /// How many there may be.
        limit: u32,
    },
    /// Its blueprint allows none.
    #[error("The agent identity '{0}' may have no agent user: 'agentUserLimit' of its blueprint is 0.")]
    NoneAllowed(ObjectId),
    /// The agent identity's user lies in the deleted items.
    #[error(
        "The agent user '{user}' of the agent identity '{parent}' is in the deleted items; restore it, or remove it \
         for good first."
    )]
    Deleted {
        /// The agent identity.
        parent: ObjectId,
        /// The user it has.
        user: ObjectId,
    },
    /// Its agent identity was to be changed.
    #[error("'identityParentId' cannot be changed; create an agent user for the other agent identity.")]
    ParentIsFixed,
    /// Something to sign in with was to be given to it.
    #[error("An agent user has no '{0}' and signs in nowhere: its agent identity gets tokens as it.")]
    Password(&'static str),
    /// No mail alias.
    #[error("'mailNickname' is required: 1 to 64 characters, no '@' and no space.")]
    NoNickname,
}

impl From<AgentUserRefused> for Failure {
    fn from(refusal: AgentUserRefused) -> Self {
        use AgentUserRefused as Why;
        let target = match &refusal {
            Why::AgentAsks | Why::NotOwnAgent => {
                return Self::new(Fault::Rights, "Authorization_RequestDenied", refusal.to_string());
            }
            Why::NoParent
            | Why::NotAnAgent(_)
            | Why::Exists { .. }
            | Why::NoneAllowed(_)
            | Why::Deleted { .. }
            | Why::ParentIsFixed => "identityParentId",
            Why::Password(name) => name,
            Why::NoNickname => "mailNickname",
        };
        Self::new(Fault::Input, "Request_BadRequest", refusal.to_string()).with_target(target)
    }
}
