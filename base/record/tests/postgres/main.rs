//! The record in PostgreSQL: several nodes over one database, and the directory that raises the counters.

#![expect(clippy::unwrap_used, clippy::panic, reason = "these are tests throughout")]

mod fates;
mod guard;
mod nodes;
mod reading;
