//! The wire: how agent identities are declared, shown and called. No rules here.

mod agent_users;
mod credentials;
mod declaration;
mod entity;

pub use agent_users::{AGENT_USER, AgentUsers};
pub use declaration::AGENT_IDENTITY;
pub use entity::{AgentEntity, may_see};
