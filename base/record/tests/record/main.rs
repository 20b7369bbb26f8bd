//! What the record promises, tested through its front and by looking at what is stored from outside: one suite over
//! files and over PostgreSQL, then what only one of them can do.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "these are tests throughout")]

mod files;
mod house;
mod postgres;
mod suite;

#[path = "../../../store/tests/conformance/proxy.rs"]
#[allow(clippy::indexing_slicing, missing_docs, unreachable_pub, reason = "nobody links a test")]
mod proxy;
