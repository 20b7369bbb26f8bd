//! Agent identities: one per logical agent, stamped from a blueprint, with a sponsor who answers for it and no
//! credential of its own.
//!
//! An agent hangs off its blueprint's principal: it goes and comes back with it, and whether it may act is derived
//! from both at decision time.
//!
//! Invariants: 6 (an agent identity holds no credential; every way to give it one is refused with the same code)
//! and 7 (at least one sponsor). An *agent user* is an agent identity's account among people: one at most, without a
//! password, gone and back with it.
//!
//! Start with [`AgentIdentity`], then [`create_agent`]; then [`AgentUser`]. Absent: tokens for agent users.

mod agent;
mod agent_user;
mod agent_user_refusal;
mod http;
mod ops;
mod parent;
mod reach;
mod refusal;
mod sweep;

pub use agent::AgentIdentity;
pub use agent_user::AgentUser;
pub use agent_user_refusal::AgentUserRefused;
pub use http::{AGENT_IDENTITY, AGENT_USER, AgentEntity, AgentUsers, may_see};
pub use ops::{
    NewAgent, NewAgentUser, create_agent, create_agent_user, delete_agent_user, purge_agent_user, restore_agent_user,
    update_agent, update_agent_user,
};
pub use refusal::AgentRefused;
pub use sweep::sweep;
