//! The log against the specifications' vectors and against a tree that is built as RFC 6962 2.1 defines it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::cast_possible_truncation,
    reason = "these are tests throughout, of numbers that fit"
)]

mod checkpoint;
mod naive;
mod notes;
mod proofs;
mod tiles;
mod vectors;
mod witness;
