//! What the trail says, that it says it once, and how it is read.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking, and nobody links it"
)]

mod audit;
mod copier;
mod house;
mod lists;
mod sign_in;
mod tables;
