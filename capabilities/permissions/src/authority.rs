//! Who gives and takes app roles.

use crate::refusal::AssignmentRefused;
use signet_kernel::{Caller, Failure};

/// The permission to give and take app roles.
pub(crate) const ASSIGN: &str = "AppRoleAssignment.ReadWrite.All";

/// WHY: whoever may change a principal may not thereby give it rights: the one permission to assign is needed here,
/// not those that allow updates of the principal's type. A blueprint or an agent has no use for it.
pub(crate) fn require_authority(caller: &Caller) -> Result<(), Failure> {
    if caller.parent.is_some() {
        return Err(AssignmentRefused::CallerIsAgent.into());
    }
    if !caller.holds_any(&[ASSIGN]) {
        return Err(AssignmentRefused::NotPermitted.into());
    }
    Ok(())
}
