//! Records that can be queried no longer and are still kept: Parquet in an object store, with what proves them.
//!
//! Words: a *part* is the records of one purge: `logs/<tenant>/<table>/date=<day>/<first leaf>.parquet`, and beside it
//! `<first leaf>.proof.json` with the log's checkpoint and the tiles that lead to it.
//!
//! Invariants:
//! - a part is there, with its proof, before what it holds leaves the record;
//! - a purge that is begun again after a crash writes a part of the same name;
//! - what comes back was verified: against the tiles, and these against a checkpoint that the log's key signed. A record that
//!   is in two parts comes back once.
//!
//! Start with [`ObjectArchive`] and [`restore`]. Absent: search. Whoever reads Parquet can search the parts as they lie.

mod archive;
mod part;
mod rows;

pub use archive::{ArchiveError, ObjectArchive, Restored, list, restore};
pub use part::Part;
