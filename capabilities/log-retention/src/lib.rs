//! How long logs are kept: per table and tenant, longer for what is held for a case, and with a proof of what was there.
//!
//! Words: *retention* is how long records of a table can be queried; *total retention* is how long they are kept at all, from
//! then on in the *archive*. A *legal hold* keeps what it describes until it is released. A *purge* removes frames of one table;
//! its audit record is the *tombstone*: which leaves of the log, and a hash that binds their entries.
//!
//! Invariants:
//! - a frame leaves whole, or stays whole; it leaves only after its entries are kept, after its tombstone is in the log, and
//!   after it is in the archive if it is to be there;
//! - each frame is in one tombstone, also after a crash at any moment: what a purge removes is committed with its audit
//!   record, and whoever goes on removes just that;
//! - nothing leaves that is held, or that a sink or the alert rules have not read yet, unless these have stood still for
//!   longer than [`Settings::readers`];
//! - tombstones stay;
//! - a retention that is shortened counts after [`Settings::grace`], so that a mistake, or somebody in a hurry, destroys
//!   nothing at once.
//!
//! Start with [`Retention::round`]; [`LogTable`] and [`LegalHold`] are what tenants say. Absent: schedules, and where archives
//! lie ([`Archive`]).

mod choose;
mod hold;
mod http;
mod policy;
mod progress;
mod round;
mod table;

pub use hold::LegalHold;
pub use http::{LEGAL_HOLD, LOG_TABLE, LegalHolds, LogTables};
pub use policy::{Kept, Policy, Settings};
pub use progress::LogPurge;
pub use round::{Archive, Archived, Outcome, Parts, Readers, Retention};
pub use table::LogTable;
