//! Policies of a tenant, beside conditional access: app management policies, and permission grant policies.
//!
//! An *app management policy* says which secrets and certificates applications and blueprints may be given; what it
//! means is decided in [`signet_credentials::app_management`], and this crate keeps it. A *permission grant policy* says
//! who may grant which permissions to whom; the *authorization policy* says which of them bound grants to agents. A
//! tenant whose authorization policy names none bounds nothing: the permissions of the caller decide alone.
//!
//! Invariants: whether a grant is within the policies is decided by [`decide`], a pure function, wherever it is made; 10 (each
//! operation is one unit of work, with its audit entry).
//!
//! Start with [`PermissionGrantPolicy`] and [`decide`]; [`check_grants`] gathers the facts. Absent: consent of people for
//! themselves comes with sign-in.

mod activities;
mod authorization;
mod grants;
mod http;
mod ops;
mod permissions;

pub use authorization::AuthorizationPolicy;
pub use grants::{
    AnyOrThese, ConditionSet, GrantDecision, GrantFacts, Permission, PermissionGrantPolicy, PermissionType,
    check_grants, decide,
};
pub use http::{
    APP_MANAGEMENT_POLICY, AppManagementPolicies, AuthorizationPolicies, DefaultAppManagement, PERMISSION_GRANT_POLICY,
    PermissionGrantPolicies,
};
pub use permissions::PERMISSIONS;
