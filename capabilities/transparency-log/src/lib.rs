//! The record as one Merkle log for each tenant: any record proves its place in a few hundred bytes, offline, and nobody
//! is shown another history unnoticed (docs/decisions/0008-merkle-log.md).
//!
//! Words: an *entry* is five lines about one record and nothing of its content; its hash is a *leaf*. To *gather* is to
//! take frames of the record into the log. A *checkpoint* is a signed statement of the whole log; a *witness*, in other
//! hands, cosigns that it only grew. An *anchor* is a checkpoint that was put where the operator cannot take it back.
//!
//! Invariants:
//! - only a tree that is committed is signed, and a log never signs two trees of which one did not grow out of the other;
//! - a frame that does not follow its chain, and a tile that does not hash to the tree, stop the log of their tenant and
//!   raise an alarm: nothing is signed until somebody has looked;
//! - nothing of a log is told to whoever may not read its tenant's audit records, unless the tenant's log is published;
//! - no token waits for any of this.
//!
//! Start with [`TransparencyLogs`]: [`TransparencyLogs::gather`] writes, [`TransparencyLogs::prove`] proves, [`routes`]
//! serves, [`verify`] recomputes everything offline. [`Witness`] is the other side.
//!
//! Absent on purpose: SQL (it lies in `base/record`), outbound HTTP ([`WitnessClient`]), clocks and schedules, where keys
//! come from ([`LogKeys`]), pruning of the tree.

mod alarm;
mod anchor;
mod bury;
mod entry;
mod gather;
mod http;
mod logs;
mod meter;
mod name;
mod problem;
mod prove;
mod purge;
mod range_proof;
mod sign;
mod static_files;
mod submit;
mod verify;
mod witness;

pub use alarm::{Alarm, AlarmKind};
pub use anchor::{AnchorError, AnchorSink, Anchored, DirectorySink, newest_signed, put_anchors};
pub use bury::{Tombstone, Unburied};
pub use entry::entries_of;
pub use gather::Gathered;
pub use http::{Access, routes};
pub use logs::{LogKeys, TransparencyLogs};
pub use meter::LogFigures;
pub use name::{FIRST_EPOCH, LogName};
pub use problem::LogProblem;
pub use prove::{Consistency, ProveError};
pub use purge::{PURGE, PurgeStatement, StatedPurge, states_purge};
pub use range_proof::{ProvedRange, RangeProof, RangeProofError, Stood};
pub use static_files::{StaticReport, verify_static};
pub use submit::{Submitted, WatchedBy, WitnessAnswer, WitnessClient};
pub use verify::{LogReport, Trust, verify};
pub use witness::{Witness, WitnessRefusal};
