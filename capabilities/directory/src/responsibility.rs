//! The people who answer for things: owners and sponsors.
//!
//! An *owner* may change a thing: a user or a service principal of any type. A *sponsor* answers for it: a user,
//! or a group whose members follow from a rule or that is a Microsoft 365 group.
//! INVARIANT 7 is kept here: every blueprint and agent has at least one sponsor, the last one is not removed, and
//! when a person or a group is deleted sponsorship passes on in the same transaction.

use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_logs::audit::Target;
use signet_store::Row;

mod candidates;
mod change;
mod heirs;
mod reinstatement;
mod succession;

pub use candidates::{Sponsor, check_owners, check_sponsors, creator, link_people, sponsors_of_new};
pub use change::{add_owner, add_sponsor, refuse_to_govern_itself, remove_owner, remove_sponsor};
pub use reinstatement::{reinstate_sponsors, require_anyone};
pub use signet_credentials::trail::{audited, changes, target, target_with};
pub use signet_credentials::{Described, Naming, SPONSORS, Thing};
pub use succession::{Succession, pass_on_sponsorships};

pub(crate) use succession::audit_succession;

/// An object as a target of the audit trail, where it hangs off no blueprint.
pub(crate) fn named_target<K: Described>(id: ObjectId, body: &K) -> Target {
    Target::new(K::NAME, id, body.display_name())
}

/// A stored object as a target of the audit trail, whatever it is.
pub(crate) async fn target_of_row(call: &Call, row: &Row) -> Result<Target, Failure> {
    let thing = Thing::find_of_row(&call.store, row).await?;
    if thing.naming.kind.is_empty() {
        return Ok(Target::new(&row.kind, row.id, thing.display_name));
    }
    target(call, &thing).await
}

/// The relation from a thing to who may change it.
pub const OWNERS: &str = "owners";
/// The relation from a person to whom they report to.
pub const MANAGER: &str = "manager";
/// How many sponsors, and how many owners, a thing has at most.
pub const MOST: usize = 100;
/// How many of the sponsors may be groups.
pub const MOST_GROUPS: usize = 5;
