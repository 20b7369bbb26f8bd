//! Background work that one node at a time does, and that a paused one cannot do late.
//!
//! Words: a *work* is a name for what is to be done in a tenant. A [`Worker`] is one process. A *lease* says which
//! worker does a work; it is an object of the tenant, and its version is the fencing number: every taking raises it.
//! To *hold* is to know the version of one's own taking ([`Held`]).
//!
//! Invariants:
//! - a unit of work that was [fenced](Held::fence) commits only if nobody has taken the lease since: the store compares
//!   the version in the same transaction that writes;
//! - a lease is taken from another worker only after its version stood still for the worker's patience, by the
//!   monotonic clock of whoever takes it: no clocks are compared between machines;
//! - exclusion rests on the fence alone. Patience only says how soon the work of a dead worker goes on.
//!
//! Absent on purpose: schedules, queues of work, retries. Who runs the work says when. Start with [`Worker::take`];
//! [`Worker::purge`] is the one work that every directory has.

mod held;
mod lease;
mod purge;
mod worker;

pub use held::Held;
pub use lease::Lease;
pub use worker::Worker;
