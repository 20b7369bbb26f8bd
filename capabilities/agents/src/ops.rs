//! What can be done: one verb per file. Deleting, restoring and purging are the directory's, for every kind.

mod create_agent;
mod update_agent;

pub use create_agent::{NewAgent, create_agent};
pub use update_agent::update_agent;
