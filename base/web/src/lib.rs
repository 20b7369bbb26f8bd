//! Everything between a socket and a handler: listeners, TLS, request context, limits, errors on the wire.
//!
//! Knows no agent and no OAuth grant. A capability brings an [`axum::Router`]; the program puts it behind a
//! [`Front`] and serves that on one or more [`Listener`]s until [`Stopper::stop`].
//!
//! Words:
//! - *Front*: the router with what surrounds every request: ids, time limit, response headers, counters.
//! - *Arrival*: what is known of a request before anyone has read it. [`RequestOrigin`] makes a kernel `Origin` of it.
//! - *Dialect*: how a protocol words a `Failure`. A handler never chooses a status.
//!
//! Invariants:
//! - Whatever a client sends, the answer is a 4xx; a 5xx is always ours ([`body`], [`Limits`]).
//! - After a stop whoever has connected is served and every request is answered, within [`Limits::drain`]; a connection
//!   is closed without an answer only after it has been silent for [`Limits::idle_grace`].
//! - A handler that panics ends its own request, which is answered with 500, logged and counted, and nothing else.
//! - A failure's `detail` is logged and never sent.
//!
//! Start with [`Listener`], then [`body`], then [`dialect`]. Absent on purpose: HTTP/2 (no client of ours needs it),
//! middleware stacks, sessions, and compression (tokens beside attacker-chosen text must not be compressed).

mod arrival;
pub mod body;
pub mod dialect;
mod front;
mod limits;
mod listener;
pub mod management;
mod rate;
mod stop;
pub mod strict_json;
mod tls;
mod traffic;

pub use arrival::{Arrival, Peer, RequestOrigin};
pub use front::{Front, SpanOf, no_store};
pub use limits::Limits;
pub use listener::{Drained, Listener};
pub use rate::{FailureLimit, Rate, RateLimit, Source};
pub use stop::{Stop, Stopper, stop_signal};
pub use tls::{LocalCa, TlsError, TlsIdentity};
pub use traffic::{RouteClasses, Traffic};
