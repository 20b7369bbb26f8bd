//! Objects in a local directory or an S3-compatible bucket, under names that their writers choose.
//!
//! Words: a *place* is one directory, or one bucket and what its objects' names begin with. An *object* is bytes under a name
//! with `/` between its parts.
//!
//! Invariants:
//! - [`Objects::put`] returns once the object is durable; it is there whole or not at all, and the same name again replaces it;
//! - a bucket is reached through [`signet_fetch`] alone, within its rules for addresses, over TLS;
//! - no secret stands in a configuration: it is read from a file, each time that it is used.
//!
//! Start with [`PlaceConfig`] and [`Objects`]. Absent on purpose: parts of objects, versions, locks, other clouds.

mod config;
mod http;
mod objects;
mod secret;

pub use config::PlaceConfig;
pub use objects::{Listed, Objects, ObjectsError};
