//! The words every other crate speaks: identifiers, time, randomness, secrets, callers, failures.
//!
//! Nothing here has business meaning, does I/O or reads the system clock behind a caller's back. Time and
//! randomness come through [`Context`]; a test hands in a [`MockClock`] and seeded randomness instead.
//!
//! Start with [`Context`], then [`Failure`], then [`Caller`].

mod caller;
mod context;
mod failure;
mod ids;
mod issuance;
mod seal;
mod secret;
mod time;

pub use caller::{Caller, Origin};
pub use context::{Context, Randomness, SeededRandomness, SystemRandomness};
pub use failure::{Failure, Fault, Violation, Violations};
pub use ids::{AppId, ObjectId, ParseIdError, TenantId};
pub use issuance::{Issuance, Revocation, RevocationCounters};
pub use seal::{SealError, Sealed, SealingKey};
pub use secret::{ClientSecret, SecretHash, SecretKind};
pub use time::{Clock, MockClock, SystemClock, Timestamp};
