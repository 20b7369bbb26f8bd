//! App management policies: which secrets and certificates applications and blueprints may be given, and for how long.
//!
//! The tenant has a default policy; an application or blueprint may be assigned one of its own. Restriction by
//! restriction, the assigned policy goes before the default. What binds one holder is [`Limits`]; every operation that
//! adds a secret or certificate asks [`Limits::check`], and nothing else decides. What a holder has already stays.

mod lifetime;
mod limits;
mod policy;
mod restriction;

pub use lifetime::Lifetime;
pub use limits::Limits;
pub use policy::{APP_MANAGEMENT_POLICIES, AppManagementPolicy, DEFAULT_POLICY, DefaultAppManagementPolicy};
pub use restriction::{Restriction, RestrictionState, RestrictionType, Restrictions};
