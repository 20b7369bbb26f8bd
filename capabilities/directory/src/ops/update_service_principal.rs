//! Changes a service principal; switching it off ends what it holds and what was issued for it.

use super::load;
use crate::body::{JsonMap, members, patched};
use crate::responsibility::{Thing, audited, changes, target};
use crate::service_principal::PrincipalRefused;
use crate::{ServicePrincipal, check_display_name};
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_logs::audit::activities::UPDATE_SERVICE_PRINCIPAL;
use signet_store::UnitOfWork;

/// Writes `patch` over the service principal `id`. Disabling voids what was issued to it; enabling revives nothing.
pub async fn update_service_principal(call: &Call, id: ObjectId, patch: JsonMap) -> Result<(), Failure> {
    call.store.run(|| attempt(call, id, patch.clone())).await.map(drop)
}

async fn attempt(call: &Call, id: ObjectId, patch: JsonMap) -> Result<(UnitOfWork, ()), Failure> {
    let found = load::<ServicePrincipal>(call, id).await?;
    let principal: ServicePrincipal = patched(&found.body, patch)?;
    check_display_name(&principal.display_name)?;
    if principal.app_id != found.body.app_id {
        return Err(PrincipalRefused::AppIdIsFixed.into());
    }
    if !principal.account_enabled {
        found.body.refuse_if_directory()?;
    }

    let mut unit = call.store.unit();
    unit.update(&found, &principal);
    if found.body.account_enabled && !principal.account_enabled {
        unit.revoke(id);
    }
    let modified = changes(Some(&members(&found.body)), Some(&members(&principal)));
    let target = target(call, &Thing::of(&found)).await?.with_modified(modified);
    unit.audit(audited(call, &UPDATE_SERVICE_PRINCIPAL, vec![target]));
    Ok((unit, ()))
}
