//! Changes a blueprint; switching it off stops all its agents.

use crate::refusal::BlueprintRefused;
use crate::restraint::refuse_own_blueprint;
use crate::rules::{BlueprintRules, take_ceiling};
use crate::{Blueprint, BlueprintPrincipal};
use signet_alerts::Raised;
use signet_directory::body::{JsonMap, members, not_found};
use signet_directory::responsibility::{Thing, audited, changes, target};
use signet_directory::{audit_change, check_if_match};
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_logs::audit::activities::UPDATE_SERVICE_PRINCIPAL;
use signet_store::{Id, Object, UnitOfWork};

/// Members that bound a blueprint, which it does not change itself.
const BOUNDS: &[&str] =
    &["permissionCeiling", "isDisabled", Blueprint::AGENT_NAME_PATTERN, Blueprint::AGENT_USER_LIMIT];

/// Writes `patch` over it. Switching it off, or lowering its ceiling, voids what was issued to all its agents; the
/// opposite revives nothing.
pub async fn update_blueprint(
    call: &Call,
    rules: &BlueprintRules,
    id: ObjectId,
    patch: JsonMap,
) -> Result<(), Failure> {
    Blueprint::refuse_incompatible(&patch)?;
    if patch.contains_key("createPrincipal") {
        return Err(BlueprintRefused::OnlyAtCreate.into());
    }
    if BOUNDS.iter().any(|name| patch.contains_key(*name)) {
        refuse_own_blueprint(&call.caller, id)?;
    }
    let (raised, _) = call.store.run(|| attempt(call, rules, id, &patch)).await?;
    if let Some(raised) = raised {
        raised.tell();
    }
    Ok(())
}

async fn attempt(
    call: &Call,
    rules: &BlueprintRules,
    id: ObjectId,
    patch: &JsonMap,
) -> Result<(UnitOfWork, Option<Raised>), Failure> {
    let found = call.store.find(Id::<Blueprint>::of(id)).await?.ok_or_else(|| not_found(id))?;
    check_if_match(call, &found)?;
    let thing = Thing::of(&found);
    let mut patch = patch.clone();
    let ceiling = take_ceiling(&mut patch)?;
    let change = found.body.application.change(call, &rules.own, &thing, patch).await?;
    let body = Blueprint {
        permission_ceiling: ceiling.unwrap_or_else(|| found.body.permission_ceiling.clone()),
        application: change.application.clone(),
    };
    body.check(rules)?;

    let mut unit = call.store.unit();
    unit.update(&found, &body);
    change.void_tokens(&mut unit, id);
    if found.body.ceiling_is_lowered_by(&body) {
        unit.revoke(id);
    }
    rename_principal(call, &mut unit, &found, &body).await?;
    let raised = audit_change(call, &mut unit, &thing, &found.body, &body).await?;
    Ok((unit, raised))
}

/// A principal that goes by its blueprint's name takes the new one.
async fn rename_principal(
    call: &Call,
    unit: &mut UnitOfWork,
    old: &Object<Blueprint>,
    new: &Blueprint,
) -> Result<(), Failure> {
    let (old, new) = (&old.body.application, &new.application);
    let principal = BlueprintPrincipal::find_by_app_id(&call.store, old.app_id).await?;
    if let Some(principal) = principal.filter(|principal| principal.body.display_name == old.display_name)
        && old.display_name != new.display_name
    {
        let body = BlueprintPrincipal { display_name: new.display_name.clone(), ..principal.body.clone() };
        unit.update(&principal, &body);
        let changed = changes(Some(&members(&principal.body)), Some(&members(&body)));
        let target = target(call, &Thing::of(&principal)).await?.with_modified(changed);
        unit.audit(audited(call, &UPDATE_SERVICE_PRINCIPAL, vec![target]));
    }
    Ok(())
}
