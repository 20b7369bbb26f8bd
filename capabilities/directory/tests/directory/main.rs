//! The operations on people, applications and service principals, over a real store.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking, and nobody links it"
)]

mod administrative_units;
mod applications;
mod attributes;
mod groups;
mod house;
mod lifecycle;
mod managers;
mod membership;
mod organization;
mod orphans;
mod publishing;
mod roles;
mod service_principals;
mod sponsors;
mod succession;
mod users;
