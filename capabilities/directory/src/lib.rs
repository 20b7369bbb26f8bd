//! People, groups, administrative units, roles, attributes, applications and service principals.
//!
//! Words, as in Entra: an *application* is the definition (client id, credentials, the roles it exposes); a
//! *service principal* is its presence in a tenant (enabled or not, who is assigned). A *user* is a person. An
//! *owner* may change a thing; a *sponsor* answers for it.
//!
//! Invariants: 7 (every blueprint and agent has a sponsor, and keeps one when people leave), 8 (deleting takes along
//! what hangs off a thing), 10 (one unit of work for each operation), and that every operation writes its audit entry.
//!
//! A *group* has members, assigned or by a [`membership_rule`]; who belongs to what is computed in [`membership`]. What
//! administrators may do is decided in [`roles`]; [`attributes`] are given to objects and seen with a permission of
//! their own; [`quota`] holds nobody back who set none, and so does
//! [`agent_naming`]. The permissions that all this declares:
//! [`permissions`]. What is left behind is found by [`orphans`].
//!
//! Start with [`Application`], [`ServicePrincipal`], [`User`], then [`ops`]: one verb per file. The rules of owners and
//! sponsors are in [`responsibility`], the wire side in [`http`]. What blueprints share with applications is
//! [`Application::create`] and [`Application::change`].
//!
//! Absent on purpose: signing in; a person holds no credential here.

mod activities;
mod administrative_unit;
pub mod agent_naming;
mod app_role;
mod application;
pub mod attributes;
pub mod body;
mod container;
mod creation;
mod group;
pub mod http;
pub mod membership;
pub mod membership_rule;
pub mod ops;
pub mod orphans;
pub mod permissions;
pub mod quota;
pub mod responsibility;
pub mod roles;
mod service_principal;
mod user;

pub use administrative_unit::AdministrativeUnit;
pub use app_role::{ApiApplication, AppRole, PermissionScope, PreAuthorizedApplication};
pub use application::{Application, ApplicationChange, audit_change};
pub use body::check_display_name;
pub use container::Container;
pub use creation::{declare_creator, sign};
pub use group::Group;
pub use responsibility::creator;
pub use service_principal::{DIRECTORY_APP_ID, ServicePrincipal, ServicePrincipalType};
pub use signet_credentials::ops::check_if_match;
pub use user::User;
