//! The operations on credentials, over a real store.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking, and nobody links it"
)]

mod app_management;
mod approval;
mod authority;
mod certificates;
mod federated;
mod house;
mod keys;
mod passwords;
mod public_keys;
mod schemas;
