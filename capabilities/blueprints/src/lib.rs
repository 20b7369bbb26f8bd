//! Blueprints and their principals: what every agent is stamped from.
//!
//! A *blueprint* is an application that holds the credentials, the inheritable permissions and the kill switch of
//! all its agents; a *blueprint principal* is its presence in a tenant. Whether an agent may act is derived from
//! them at decision time, so disabling one is one field and reaches every agent at once.
//!
//! Invariants: 1 (switching off, deleting, or lowering the ceiling voids what was issued before, and nothing
//! revives it), 7 (at least one sponsor), 8 (what hangs off a blueprint goes and comes back with it), 10 (each
//! operation is one transaction). A blueprint never governs itself: see `restraint`.
//!
//! Start with [`Blueprint`] and [`BlueprintPrincipal`], then `ops`.

mod agent_users;
mod blueprint;
mod http;
mod naming;
mod ops;
mod principal;
mod refusal;
mod restraint;
mod rules;

pub use blueprint::Blueprint;
pub use http::{
    AGENT_IDENTITY_BLUEPRINT, AGENT_IDENTITY_BLUEPRINT_PRINCIPAL, BlueprintEntity, BlueprintPrincipalEntity,
};
pub use ops::{NewBlueprint, NewPrincipal, create_blueprint, create_principal, update_blueprint, update_principal};
pub use principal::BlueprintPrincipal;
pub use refusal::BlueprintRefused;
pub use restraint::refuse_own_blueprint;
pub use rules::{BlockedPermission, BlueprintRules};
