//! The wire: how agent identities are declared, shown and called. No rules here.

mod credentials;
mod declaration;
mod entity;

pub use declaration::AGENT_IDENTITY;
pub use entity::AgentEntity;
