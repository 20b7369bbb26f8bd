//! The trail: who signed in, who changed what, and for whom it was done.
//!
//! Words, as in Log Analytics: a *sign-in* is one request for a token, granted or refused; an *audit record* is one
//! write to the directory, done or refused. Both are kept in the tables and columns that public queries are written
//! for. A *personal* value is one that can be erased: it lies beside the record, under the JSON pointer of its place.
//!
//! INVARIANT 4: every record names the whole chain: who acted, on what, stamped from which blueprint, and who
//! answered for it at that time.
//!
//! Start with [`audit`], which every operation that writes calls, and [`SignIn`], which every token request writes.
//! [`AuditCopier`] carries audit records from the store to the record; [`sign_ins`] and [`directory_audits`] answer
//! `/auditLogs`; [`tables`] is what queries see. Absent: running queries, export.

pub mod audit;
mod copier;
mod flood;
mod graph_activity;
mod http;
mod log_read;
mod personal;
mod sign_in;
pub mod tables;

pub use audit::AUDITS;
pub use copier::AuditCopier;
pub use flood::refusals_counted;
pub use graph_activity::{CallToken, GRAPH_ACTIVITY, GraphCall};
pub use http::{DIRECTORY_AUDIT, RecordList, SIGN_IN, directory_audits, sign_ins};
pub use log_read::{LOG_READS, LogRead};
pub use personal::put_in_place;
pub use sign_in::{SIGN_INS, SignIn, SignInBlueprint, SignInClient, SignInCredential, SignInOutcome, SignInResource};
