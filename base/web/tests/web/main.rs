//! The listeners, over real sockets.
