//! The people who answer for things: owners and sponsors.
//!
//! INVARIANT 7 is kept here and in what deletes a person: every blueprint and agent has at least one sponsor.

/// The relation from a thing to who may change it.
pub const OWNERS: &str = "owners";
/// The relation from a thing to who answers for it.
pub const SPONSORS: &str = "sponsors";
