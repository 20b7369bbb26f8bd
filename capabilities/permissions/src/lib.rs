//! App roles, who is assigned them, what agents inherit from their blueprint, and what they may never receive.
//!
//! Invariants: 3 (rights only shrink: own ∪ inherited, within the blueprint's ceiling, without the blocked ones)
//! and 5 (what is inherited is computed when asked, never copied). The computation is [`effective`], one pure
//! function that tokens, views and reports share.

mod assignment;
mod blocked;
pub mod catalogue;
mod effective;
mod holder;
mod inheritable;
mod resource;

pub use assignment::AppRoleAssignment;
pub use blocked::is_blocked_for_agents;
pub use effective::{EffectiveRole, Provenance, ResourceRoles, effective};
pub use holder::{is_assigned, roles_of_agent, roles_of_blueprint, roles_of_client};
pub use inheritable::{InheritablePermission, InheritableRoles, InheritableScopes};
pub use resource::Resource;
