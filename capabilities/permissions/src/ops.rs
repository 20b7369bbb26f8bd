//! What can be done: one verb per file.

mod add_inheritable_permission;
mod assign_app_role;
mod change_inheritable_permission;
mod delegated_grants;
mod remove_app_role_assignment;
mod remove_inheritable_permission;

pub use add_inheritable_permission::{NewInheritablePermission, add_inheritable_permission};
pub use assign_app_role::{NewAssignment, assign_app_role};
pub use change_inheritable_permission::{InheritablePermissionChange, change_inheritable_permission};
pub use delegated_grants::{change_delegated, grant_delegated, remove_delegated};
pub use remove_app_role_assignment::remove_app_role_assignment;
pub use remove_inheritable_permission::remove_inheritable_permission;
