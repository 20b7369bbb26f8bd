//! Typed objects, typed links between them, unique keys, and an ordered change feed.
//!
//! Everything in the directory is an [`Object`] of some declared [`Kind`]; a kind is a struct with its indexed
//! fields and unique keys, never a table with its queries. Reads go through a [`TenantStore`], so a query without
//! a tenant does not type-check. Writes are a [`UnitOfWork`]: data, not an open transaction, with the
//! preconditions under which it may be applied.
//!
//! Invariants:
//! - a unit is applied whole or not at all, and is durable before its commit returns;
//! - a commit is visible to every read that starts after it returned, cached or not; on other nodes over the same
//!   database to reads past the cache at once, and to cached ones within [`Store::age_of_view`];
//! - positions of the change feed are per tenant, gapless, in commit order;
//! - a revocation counter never goes back, and a commit that raises it returns only when no token decided
//!   against the old value can still leave ([`signet_kernel::Issuance`]).
//!
//! Two engines: [`SqliteBackend`] for one process, [`PostgresBackend`] for several nodes.
//!
//! Absent on purpose: SQL outside this crate, joins, JSON operators, collations, kinds in the [`Backend`] trait.
//! Start with [`Store`], then [`UnitOfWork`]; `tests/conformance` says what every backend must do.

mod backend;
mod cache;
mod kind;
mod postgres;
mod sqlite;
mod store;
mod sweep;
mod transfer;
mod unit;

pub use backend::{
    Backend, BackendError, Change, ChangeOperation, Changed, CommitObserver, CommitReceipt, Head, IndexMatch,
    IndexRange, IndexWalk, Link, LinkEnd, LinkQuery, LinkSet, ListQuery, Liveness, NeededLink, OutboxEntry, Position,
    Row, Touched, UniqueKeyOwner,
};
pub use kind::{Deletion, Id, IndexEntries, IndexKey, KeyScope, Kind, Object, OtherMembers, UniqueKeys};
pub use postgres::{DatabaseActivity, PostgresBackend, PostgresOptions};
pub use sqlite::{SqliteBackend, SqliteOptions};
pub use store::{Page, Store, StoreOptions, TenantStore};
pub use transfer::transfer;
pub use unit::{AuditEntry, CommitError, Conflict, Precondition, UnitOfWork, Write};
