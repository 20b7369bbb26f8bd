//! Directory roles: what administrators may do, to what.
//!
//! Words, as in Entra: a *role definition* lists actions such as `microsoft.directory/agentIdentities/basic/update`;
//! a *role assignment* gives one to a principal in a scope: the tenant (`/`), an administrative unit, one object.
//!
//! INVARIANT: the entity of an action is that of the object's own kind. A role over service principals does not reach
//! an agent identity, and a role over agents reaches nothing else.
//!
//! Whether a caller may is a pure function, [`allowed`]; [`held_by`] finds what it asks. What the directory API does has
//! names there, [`actions_of`]; it asks [`DirectoryRights`], which knows what owners and sponsors may do too
//! ([`relations_for`]).

mod action;
mod assignment;
mod built_in;
mod decision;
mod definition;
mod held;
mod links;
mod rights;
mod task;

pub use action::{covers, entity_of};
pub use assignment::{RoleAssignment, RoleScope};
pub use built_in::{BuiltInRole, built_in, built_in_roles};
pub use decision::{ActedOn, HeldRole, allowed, allows};
pub use definition::{RoleDefinition, RolePermission};
pub use held::{acted_on, held_by, restricting};
pub use links::relations_for;
pub use rights::DirectoryRights;
pub use task::actions_of;

pub(crate) use action::check_action;

/// The permission to give roles and to define them.
pub const ROLE_MANAGEMENT: &str = crate::container::ROLE_MANAGEMENT;

#[cfg(test)]
mod tests;
