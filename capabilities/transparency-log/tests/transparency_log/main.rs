//! What the log promises, over real records: one suite over files and over PostgreSQL, then what only one of them can do.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking, and nobody links it"
)]

mod burying;
mod cut;
mod gathering;
mod house;
mod http;
mod moving;
mod several_nodes;
mod tampering;
mod witnessing;
