//! The people who answer for things: owners and sponsors.
//!
//! An *owner* may change a thing: a user or a service principal of any type. A *sponsor* answers for it: a user.
//! INVARIANT 7 is kept here: every blueprint and agent has at least one sponsor, the last one is not removed, and
//! when a person is deleted sponsorship passes on in the same transaction.

mod candidates;
mod change;
mod heirs;
mod reinstatement;
mod succession;

pub use candidates::{check_owners, check_sponsors, creator, link_people};
pub use change::{add_owner, add_sponsor, refuse_to_govern_itself, remove_owner, remove_sponsor};
pub use reinstatement::{reinstate_sponsors, require_anyone};
pub use signet_credentials::trail::{audited, changes, target, target_with};
pub use signet_credentials::{Described, Naming, SPONSORS, Thing};
pub use succession::{Succession, pass_on_sponsorships};

pub(crate) use succession::audit_succession;

/// The relation from a thing to who may change it.
pub const OWNERS: &str = "owners";
/// The relation from a person to whom they report to.
pub const MANAGER: &str = "manager";
/// How many sponsors, and how many owners, a thing has at most.
pub const MOST: usize = 100;
