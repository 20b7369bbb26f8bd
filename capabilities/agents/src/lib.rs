//! Agent identities: one per logical agent, stamped from a blueprint, with a sponsor who answers for it and no
//! credential of its own.

mod agent;

pub use agent::AgentIdentity;
