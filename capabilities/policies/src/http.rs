//! The wire: how policies are declared, shown and called. No rules here.

mod app_management;
mod condition_sets;
mod grant_policies;
mod tenant_policies;

pub use app_management::{APP_MANAGEMENT_POLICY, AppManagementPolicies};
pub use grant_policies::{PERMISSION_GRANT_POLICY, PermissionGrantPolicies};
pub use tenant_policies::{AuthorizationPolicies, DefaultAppManagement};
