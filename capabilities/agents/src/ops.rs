//! What can be done: one verb per file.

mod create_agent;
mod delete_agent;
mod purge_agent;
mod restore_agent;
mod update_agent;

pub use create_agent::{NewAgent, create_agent};
pub use delete_agent::delete_agent;
pub use purge_agent::purge_agent;
pub use restore_agent::restore_agent;
pub use update_agent::update_agent;
