//! The wire: how blueprints and their principals are declared, shown and called. No rules here.

mod blueprint_entity;
mod declarations;
mod principal_entity;

pub use blueprint_entity::BlueprintEntity;
pub use declarations::{AGENT_IDENTITY_BLUEPRINT, AGENT_IDENTITY_BLUEPRINT_PRINCIPAL};
pub use principal_entity::BlueprintPrincipalEntity;
