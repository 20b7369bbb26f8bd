//! Changes an agent user; switching it off ends what it holds.

use super::agent_user_trail::target;
use crate::{AgentUser, AgentUserRefused, reach};
use signet_directory::body::{JsonMap, members, not_found, patched};
use signet_directory::check_if_match;
use signet_directory::responsibility::{audited, changes};
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_logs::audit::activities::UPDATE_USER;
use signet_store::{Id, UnitOfWork};

/// Writes `patch` over it. Disabling voids what was issued to it; enabling revives nothing.
pub async fn update_agent_user(call: &Call, id: ObjectId, patch: JsonMap) -> Result<(), Failure> {
    AgentUser::refuse_sign_in(&patch)?;
    if patch.contains_key(AgentUser::PARENT) {
        return Err(AgentUserRefused::ParentIsFixed.into());
    }
    call.store.run(|| attempt(call, id, &patch)).await.map(drop)
}

async fn attempt(call: &Call, id: ObjectId, patch: &JsonMap) -> Result<(UnitOfWork, ()), Failure> {
    let found = call.store.find(Id::<AgentUser>::of(id)).await?.ok_or_else(|| not_found(id))?;
    reach::require(&call.caller, found.body.blueprint_app_id)?;
    check_if_match(call, &found)?;
    let body: AgentUser = patched(&found.body, patch.clone())?;
    body.check()?;

    let mut unit = call.store.unit();
    unit.update(&found, &body);
    if found.body.user.account_enabled && !body.user.account_enabled {
        unit.revoke(id);
    }
    let changed = changes(Some(&members(&found.body)), Some(&members(&body)));
    unit.audit(audited(call, &UPDATE_USER, vec![target(call, &found).await?.with_modified(changed)]));
    Ok((unit, ()))
}
