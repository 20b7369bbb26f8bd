//! The record by columns: Parquet segments, and the hot tail that is in none yet.
//!
//! Words: a *segment* is one Parquet file, written once and never changed; the *tail* of a tenant is what was committed
//! after its last segments: in files as well, but of those nothing is durable; to *flush* is to make segments of the tail; to
//! *merge* is to make one segment of several small ones.
//!
//! Invariants:
//! - each record is in just one segment of a table or in the tail, also after a crash at any moment: a file is written
//!   whole under another name, synced and renamed before the list of segments names it, and the list moves on in one
//!   commit with how far it goes;
//! - segments are derived from the record, by each node for itself: what is lost of them is made again;
//! - what is removed from the record, or erased there, is gone from segments and tails the next time that they are looked
//!   after, on every node, also after a crash in between;
//! - a file that a query reads is there until it has ended;
//! - rows are made, read and written by a [`Maker`], children as a rule: the process that has the record open holds none.
//!
//! Start with [`LogStorage`], which is a [`TableSource`](signet_log_engine::TableSource) for the engine. Absent: remote
//! object stores.

mod behind;
mod error;
mod figures;
mod files;
mod gone;
mod job;
mod segment;
mod storage;
mod tail;
mod tend;

pub use error::StorageError;
pub use figures::StorageFigures;
pub use job::serve;
pub use storage::{LogStorage, StorageOptions};
pub use tend::Maker;
