//! Changes an agent identity; switching it off ends what it holds.

use crate::AgentIdentity;
use crate::refusal::AgentRefused;
use signet_blueprints::Blueprint;
use signet_directory::body::{JsonMap, check_display_name, members, not_found, patched};
use signet_directory::check_if_match;
use signet_directory::responsibility::{Thing, audited, changes, target};
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_logs::audit::activities::UPDATE_SERVICE_PRINCIPAL;
use signet_store::{Id, UnitOfWork};

/// Writes `patch` over it. Disabling voids what was issued to it; enabling revives nothing.
pub async fn update_agent(call: &Call, id: ObjectId, patch: JsonMap) -> Result<(), Failure> {
    AgentRefused::refuse_credentials(&patch)?;
    if patch.contains_key("agentIdentityBlueprintId") {
        return Err(AgentRefused::BlueprintIsFixed.into());
    }
    if patch.contains_key("appId") {
        return Err(AgentRefused::AppIdIsFixed.into());
    }
    call.store.run(|| attempt(call, id, &patch)).await.map(drop)
}

async fn attempt(call: &Call, id: ObjectId, patch: &JsonMap) -> Result<(UnitOfWork, ()), Failure> {
    let found = call.store.find(Id::<AgentIdentity>::of(id)).await?.ok_or_else(|| not_found(id))?;
    check_if_match(call, &found)?;
    let body = patched(&found.body, patch.clone())?;
    check_display_name(&body.display_name)?;
    // A name from before the convention stays until it is changed.
    if body.display_name != found.body.display_name
        && let Some(blueprint) = Blueprint::find_by_app_id(&call.store, body.agent_identity_blueprint_id).await?
    {
        blueprint.body.check_agent_name(&call.store, &body.display_name).await?;
    }

    let mut unit = call.store.unit();
    unit.update(&found, &body);
    if found.body.account_enabled && !body.account_enabled {
        unit.revoke(id);
    }
    let changed = changes(Some(&members(&found.body)), Some(&members(&body)));
    let thing = Thing::find_of(&call.store, &found).await?;
    let target = target(call, &thing).await?.with_modified(changed);
    unit.audit(audited(call, &UPDATE_SERVICE_PRINCIPAL, vec![target]));
    Ok((unit, ()))
}
