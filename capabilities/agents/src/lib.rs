//! Agent identities: one per logical agent, stamped from a blueprint, with a sponsor who answers for it and no
//! credential of its own.
//!
//! An agent hangs off its blueprint's principal: it goes and comes back with it, and whether it may act is derived
//! from both at decision time.
//!
//! Invariants: 6 (an agent identity holds no credential; every way to give it one is refused with the same code)
//! and 7 (at least one sponsor). Start with [`AgentIdentity`], then [`create_agent`]. Absent: agent users.

mod agent;
mod http;
mod ops;
mod parent;
mod refusal;

pub use agent::AgentIdentity;
pub use http::{AGENT_IDENTITY, AgentEntity};
pub use ops::{NewAgent, create_agent, update_agent};
pub use refusal::AgentRefused;
