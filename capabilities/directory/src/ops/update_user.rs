//! Changes a person.

use super::load;
use crate::User;
use crate::body::{JsonMap, members, patched};
use crate::responsibility::{Thing, audited, changes, target_with};
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_logs::audit::activities::UPDATE_USER;
use signet_store::UnitOfWork;

/// Writes `patch` over the user `id`. Disabling voids what was issued to them.
pub async fn update_user(call: &Call, id: ObjectId, patch: JsonMap) -> Result<(), Failure> {
    User::refuse_password(&patch)?;
    call.store.run(|| attempt(call, id, &patch)).await.map(drop)
}

async fn attempt(call: &Call, id: ObjectId, patch: &JsonMap) -> Result<(UnitOfWork, ()), Failure> {
    let found = load::<User>(call, id).await?;
    let user = patched(&found.body, patch.clone())?;
    user.check()?;

    let mut unit = call.store.unit();
    unit.update(&found, &user);
    if found.body.account_enabled && !user.account_enabled {
        unit.revoke(id);
    }
    let target = target_with(&Thing::of(&found), []).with_user_principal_name(&found.body.user_principal_name);
    let modified = changes(Some(&members(&found.body)), Some(&members(&user)));
    unit.audit(audited(call, &UPDATE_USER, vec![target.with_modified(modified)]));
    Ok((unit, ()))
}
