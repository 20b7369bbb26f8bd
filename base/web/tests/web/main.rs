//! The listeners, over real sockets.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "these are tests throughout")]

mod answers;
mod dialects;
mod limits;
mod management;
mod panics;
mod server;
mod stopping;
mod tls;
mod unix;
