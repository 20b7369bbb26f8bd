//! What the crate promises, over a real store.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking, and nobody links it"
)]

mod assignments;
mod created;
mod csdl;
mod delegated;
mod deletion_preview;
mod effective_permissions;
mod grant_policies;
mod inheritance;
mod inherited;
mod preview_permissions;
mod rights;
mod schemas;
mod world;
