//! Fetching over real sockets.
