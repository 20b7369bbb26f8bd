//! What a blueprint may not do to itself.

use signet_directory::body::denied;
use signet_kernel::{Caller, Failure, ObjectId};

/// Refuses a blueprint, or one of its agents, that would change what it is governed by: its sponsors, owners,
/// credentials, grants, what it passes on, and whether it is enabled. Whatever permissions it was granted.
pub fn refuse_to_govern_itself(caller: &Caller, blueprint: ObjectId) -> Result<(), Failure> {
    if caller.parent == Some(blueprint) {
        return Err(denied(
            "A blueprint and its agents cannot change the blueprint's own sponsors, owners, credentials, permissions \
             or whether it is enabled; somebody else has to.",
        ));
    }
    Ok(())
}
