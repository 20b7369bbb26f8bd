//! Blueprints and their principals: what every agent is stamped from.
//!
//! A *blueprint* is an application that holds the credentials, the inheritable permissions and the kill switch of
//! all its agents; a *blueprint principal* is its presence in a tenant. Whether an agent may act is derived from
//! them at decision time, so disabling one is one field and reaches every agent at once.

mod blueprint;
mod principal;
mod restraint;

pub use blueprint::Blueprint;
pub use principal::BlueprintPrincipal;
pub use restraint::refuse_to_govern_itself;
