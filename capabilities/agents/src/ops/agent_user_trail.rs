//! An agent user as a target of the audit trail.

use crate::AgentUser;
use signet_directory::responsibility::{SPONSORS, Thing};
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_logs::audit::Target;
use signet_store::{Kind, Object};

/// By its names.
pub(super) fn described(id: ObjectId, user: &AgentUser) -> Target {
    Target::new(AgentUser::NAME, id, &user.user.display_name).with_user_principal_name(&user.user.user_principal_name)
}

/// INVARIANT 4: with its blueprint and who answers for it at this time.
pub(super) async fn target(call: &Call, user: &Object<AgentUser>) -> Result<Target, Failure> {
    let sponsors = call.store.links_from(user.id.object(), SPONSORS).await?;
    let blueprint = Thing::find_of(&call.store, user).await?.blueprint;
    Ok(described(user.id.object(), &user.body).in_chain(blueprint, sponsors.links.iter().map(|link| link.target)))
}
