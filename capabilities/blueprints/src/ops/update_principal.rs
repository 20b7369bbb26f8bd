//! Changes a blueprint principal; switching it off stops every agent of the blueprint in this tenant.

use crate::BlueprintPrincipal;
use crate::refusal::BlueprintRefused;
use crate::restraint::refuse_own_blueprint;
use serde_json::Value;
use signet_directory::body::{JsonMap, check_display_name, members, not_found, patched};
use signet_directory::check_if_match;
use signet_directory::responsibility::{Thing, audited, changes, target};
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_logs::audit::activities::UPDATE_SERVICE_PRINCIPAL;
use signet_store::{Id, UnitOfWork};

/// Writes `patch` over it. Disabling voids what was issued to it and to its agents; enabling revives nothing.
pub async fn update_principal(call: &Call, id: ObjectId, patch: JsonMap) -> Result<(), Failure> {
    call.store.run(|| attempt(call, id, &patch)).await.map(drop)
}

async fn attempt(call: &Call, id: ObjectId, patch: &JsonMap) -> Result<(UnitOfWork, ()), Failure> {
    let found = call.store.find(Id::<BlueprintPrincipal>::of(id)).await?.ok_or_else(|| not_found(id))?;
    check_if_match(call, &found)?;
    if patch.get("accountEnabled").and_then(Value::as_bool) == Some(true) {
        refuse_own_blueprint(&call.caller, found.body.blueprint)?;
    }
    let body = patched(&found.body, patch.clone())?;
    check_display_name(&body.display_name)?;
    if body.app_id != found.body.app_id {
        return Err(BlueprintRefused::AppIdIsFixed.into());
    }

    let mut unit = call.store.unit();
    unit.update(&found, &body);
    if found.body.account_enabled && !body.account_enabled {
        unit.revoke(id);
    }
    let changed = changes(Some(&members(&found.body)), Some(&members(&body)));
    let target = target(call, &Thing::of(&found)).await?.with_modified(changed);
    unit.audit(audited(call, &UPDATE_SERVICE_PRINCIPAL, vec![target]));
    Ok((unit, ()))
}
