//! Fetching over real sockets.

#![expect(clippy::unwrap_used, reason = "these are tests throughout")]

mod http;
mod keys;
mod server;
