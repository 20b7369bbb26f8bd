//! An organisation's isolated space.
//!
//! A tenant is an object in its own space: its id is the tenant id. Verified domain names are unique in the whole
//! deployment, so that `/{domain}/…` names one tenant. Who creates a tenant, and what else is created with it, is
//! decided by the program that provisions one.

mod tenant;

pub use tenant::{Tenant, VerifiedDomain};
