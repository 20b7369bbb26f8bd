//! The durable record: append, group commit, chain. It has never heard of what is written in it.
//!
//! Words: a *record* is one JSON object in a *table* of a tenant. A *frame* is the records of one tenant and table
//! in one commit. A *chain* is the frames of one tenant, table and *writer* (one start of one process), each with
//! the hash of the one before. A *checkpoint* is a signed statement of every chain's head. A *guard* binds a record
//! to the revocation counter its decision saw.
//!
//! Invariants:
//! - an append returns `Ok` only after its frame is durable, and is written though its caller stops waiting;
//! - no guarded record commits once its counter was raised and [`signet_kernel::Issuance::settled`] resolved; in
//!   PostgreSQL, once the commit that raised it was answered, on any node;
//! - of two records that use up the same ([`Once`]) one is refused, on any node, also after a restart;
//! - stored bodies are never changed: erasing a personal value leaves every chain as it was;
//! - a failed sync ends the process; a full disk or a full queue refuses, and never waits.
//!
//! In PostgreSQL ([`Record::open_postgres`]) each node is a writer of its own, and the database holds the counters.
//!
//! Files: `records.db` is the record; `record-rows.db` says where each record lies, is derived, and may be deleted.
//! [`SegmentLedger`] lists files that others derive from it.
//!
//! Absent on purpose: columns, query languages, how long records are kept, export. Start with [`Record`], then [`RecordBuilder`];
//! [`verify`] recomputes everything.

mod backup;
mod checkpoint;
mod connect;
mod database;
mod entry;
mod error;
mod flood;
mod follow;
mod frame;
mod gather;
mod groups;
mod ledger;
mod log_mover;
mod metrics;
mod once;
mod personal;
mod query;
mod queue;
mod record;
mod retain;
mod rows;
mod segments;
mod transfer;
mod upgrade;
mod verify;
mod writer;

pub use checkpoint::{ChainHead, Checkpoint, CheckpointSigner, CheckpointVerifier};
pub use connect::{Client, Connect};
pub use entry::{Entry, RecordBuilder, RowKeys};
pub use error::{AppendError, OpenError};
pub use flood::{Flood, FloodCount, FloodOptions, Noted};
pub use follow::{Followed, FollowedFrame, News, Place, Tables};
pub use frame::{Hash, WriterId};
pub use gather::{
    ChainTip, FoundFrame, KeptEntries, LogError, LogHead, LogRound, LogSnapshot, LogSpan, LogStore, LogTile, Reached,
    Scope, StoredCheckpoint, Unlogged, WitnessStore,
};
pub use metrics::Metrics;
pub use once::Once;
pub use query::{Cursor, Page, Query};
pub use record::{Guard, Receipt, Record, RecordOptions};
pub use retain::{AgedFrame, NoRecord, REMOVED_AT_ONCE, RemovedFrame, whole_record};
pub use segments::{FollowedTo, SegmentChange, SegmentError, SegmentFile, SegmentLedger, SegmentTotals};
pub use transfer::transfer;
pub use upgrade::{needs_upgrade, needs_upgrade_postgres};
pub use verify::{CheckpointProblem, FramePlace, FrameProblem, VerifyError, VerifyReport, verify, verify_postgres};
pub use writer::Fatal;

/// Creates the record's tables in a PostgreSQL database or brings them up to date, and nothing else: for the role that
/// owns them.
pub async fn migrate_postgres(client: &Client) -> Result<(), OpenError> {
    Ok(ledger::schema::prepare(client).await?)
}

/// Checks that this version can use the record's tables in a PostgreSQL database as they are.
pub async fn check_postgres(client: &Client) -> Result<(), OpenError> {
    Ok(ledger::schema::check(client).await?)
}
