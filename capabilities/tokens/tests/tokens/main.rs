//! The authorization server through its real routes, over a real store and a real record.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking, and nobody links it"
)]

mod assertions;
mod back_to_back;
mod bad_input;
mod behaviours;
mod discovery;
mod invariants;
mod seed;
mod world;
