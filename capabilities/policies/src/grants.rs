//! Permission grant policies: who may grant which permissions to whom.

mod check;
mod condition;
mod decision;
mod policy;

pub use check::{Permission, check_grants};
pub use condition::{AnyOrThese, ConditionSet, PermissionType};
pub use decision::{GrantDecision, GrantFacts, decide};
pub use policy::PermissionGrantPolicy;
