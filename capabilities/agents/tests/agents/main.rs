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

mod agent_users;
mod attributes;
mod changing;
mod creating;
mod credentials;
mod naming;
mod quotas;
mod schemas;
mod sweeping;
mod world;
