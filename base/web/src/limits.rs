//! What one listener allows.

use std::time::Duration;

/// Bounds on connections and requests. The defaults suit a listener that faces the network.
///
/// A request has at most 100 headers; the parser answers 431 beyond that, as it does beyond `header_bytes`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Connections at a time. The next one waits in the kernel's backlog.
    pub connections: usize,
    /// Bytes of request line and headers together; at least 8192.
    pub header_bytes: usize,
    /// From the moment a connection waits for a request until its headers are complete: ends slow senders and idle
    /// connections alike.
    pub header_read: Duration,
    /// For the TLS handshake.
    pub handshake: Duration,
    /// From headers read to answer ready.
    pub request: Duration,
    /// After a stop: how long everything goes on, but for each answer being its connection's last. For load balancers
    /// that learn from readiness where not to go.
    pub lame_duck: Duration,
    /// After that: how long a connection must have been silent before it is closed without an answer.
    pub idle_grace: Duration,
    /// After the lame duck: how long requests in flight may take before they are cut.
    pub drain: Duration,
    /// After the last answer on a connection: how long what the client still sends is read and thrown away, so that
    /// it gets to read the answer.
    pub linger: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 16_384,
            header_bytes: 32 * 1024,
            header_read: Duration::from_secs(60),
            handshake: Duration::from_secs(10),
            request: Duration::from_secs(30),
            lame_duck: Duration::ZERO,
            idle_grace: Duration::from_millis(100),
            drain: Duration::from_secs(20),
            linger: Duration::from_millis(500),
        }
    }
}
