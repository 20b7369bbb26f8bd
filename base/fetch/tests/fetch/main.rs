//! Fetching over real sockets.

#![expect(clippy::unwrap_used, reason = "these are tests throughout")]

mod dial;
mod http;
mod keys;
mod post;
mod server;
