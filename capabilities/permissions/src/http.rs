//! The wire: collections under service principals and blueprints. No rules here.

mod app_role_assignments;
mod body;
mod delegated_grants;
mod deletion_preview;
mod effective_permissions;
mod inheritable_permissions;
mod inherited;
mod permission_views;
mod preview_permissions;

pub use app_role_assignments::{app_role_assigned_to, app_role_assignments};
pub use delegated_grants::{DelegatedGrants, OAUTH2_PERMISSION_GRANT, oauth2_permission_grants};
pub use deletion_preview::{agent_deletion_preview, blueprint_deletion_preview, principal_deletion_preview};
pub use effective_permissions::effective_permissions;
pub use inheritable_permissions::inheritable_permissions;
pub use inherited::{inherited_app_role_assignments, inherited_oauth2_permission_grants};
pub use preview_permissions::preview_permissions;
