//! What clients of Graph send, read and applied.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that panics is a test that fails"
)]

mod differential;
mod filter;
mod generated;
mod naive;
mod narrowing;
mod ordering;
mod refusal;
mod shapes;
