//! App roles, who is assigned them, what agents inherit from their blueprint, and what they may never receive.
//!
//! Words: an *assignment* gives one app role of one resource to one service principal; an *inheritable permission*
//! says what a blueprint passes on, of what its principal was assigned, to all its agents.
//!
//! Invariants: 3 (rights only shrink: own ∪ inherited, within the blueprint's ceiling, without the blocked ones)
//! and 5 (what is inherited is computed when asked, never copied). The computation is [`effective`], one pure
//! function that tokens, views and reports share.
//!
//! A *delegated grant* lets a client use scopes of a resource for a user; [`effective_scopes`] is the computation for
//! those.
//!
//! Start with [`effective`], then `ops`. Absent: tokens with delegated permissions.

mod assignment;
mod authority;
mod blocked;
pub mod catalogue;
mod delegated_catalogue;
mod delegated_grant;
mod delegated_refusal;
mod effective;
mod given;
mod holder;
mod http;
mod inheritable;
mod ops;
mod refusal;
mod resource;
mod scopes;
mod trail;

pub use assignment::{AppRoleAssignment, Side};
pub use blocked::{blocked_permission, is_blocked_for_agents, is_scope_blocked_for_agents};
pub use delegated_catalogue::directory_scopes;
pub use delegated_grant::{ConsentType, DelegatedGrant};
pub use delegated_refusal::DelegatedRefused;
pub use effective::{EffectiveRole, Judged, Provenance, ResourceRoles, Withheld, effective, judged};
pub use holder::{is_assigned, roles_of_agent, roles_of_blueprint, roles_of_client, scopes_of_agent};
pub use http::{
    DelegatedGrants, OAUTH2_PERMISSION_GRANT, agent_deletion_preview, app_role_assigned_to, app_role_assignments,
    blueprint_deletion_preview, effective_permissions, inheritable_permissions, inherited_app_role_assignments,
    inherited_oauth2_permission_grants, oauth2_permission_grants, preview_permissions, principal_deletion_preview,
};
pub use inheritable::{InheritablePermission, InheritableRoles, InheritableScopes};
pub use ops::{
    InheritablePermissionChange, NewAssignment, NewInheritablePermission, add_inheritable_permission, assign_app_role,
    change_delegated, change_inheritable_permission, grant_delegated, remove_app_role_assignment, remove_delegated,
    remove_inheritable_permission,
};
pub use refusal::{AssignmentRefused, InheritanceRefused};
pub use resource::Resource;
pub use scopes::{EffectiveScope, JudgedScope, ResourceScopes, effective_scopes, judged_scopes};
