//! The signing keys over a real store, with a clock that stands still.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking, and nobody links it"
)]

mod compromise;
mod invariant_13;
mod master;
mod nodes;
mod pairs;
mod rotation;
mod world;
