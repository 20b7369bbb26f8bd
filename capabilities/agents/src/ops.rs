//! What can be done: one verb per file. Deleting, restoring and purging an agent identity are the directory's, for
//! every kind.

mod agent_user_lifecycle;
mod agent_user_trail;
mod create_agent;
mod create_agent_user;
mod update_agent;
mod update_agent_user;

pub use agent_user_lifecycle::{delete_agent_user, purge_agent_user, restore_agent_user};
pub use create_agent::{NewAgent, create_agent};
pub use create_agent_user::{NewAgentUser, create_agent_user};
pub use update_agent::update_agent;
pub use update_agent_user::update_agent_user;
