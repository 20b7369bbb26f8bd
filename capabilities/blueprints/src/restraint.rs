//! What a blueprint may not do to itself.

use signet_directory::body::denied;
use signet_kernel::{Caller, Failure, ObjectId};

/// Refuses a blueprint, or one of its agents, that would change what bounds it: what it passes on, its ceiling, and
/// whether it is switched off. Whatever permissions it was granted. Its credentials, owners and sponsors are guarded
/// where those are changed.
pub fn refuse_own_blueprint(caller: &Caller, blueprint: ObjectId) -> Result<(), Failure> {
    if caller.parent == Some(blueprint) {
        return Err(denied(
            "A blueprint and its agents cannot change what the blueprint passes on, its permission ceiling or \
             whether it is enabled; somebody else has to.",
        ));
    }
    Ok(())
}
