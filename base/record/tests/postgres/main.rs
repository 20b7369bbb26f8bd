//! The record in PostgreSQL: several nodes over one database, and the directory that raises the counters.

#![expect(clippy::unwrap_used, reason = "these are tests throughout")]

mod fates;
mod guard;
mod nodes;
mod once;
#[path = "../../../store/tests/conformance/proxy.rs"]
#[allow(clippy::indexing_slicing, missing_docs, unreachable_pub, reason = "nobody links a test")]
mod proxy;
mod reading;
mod upgrades;
