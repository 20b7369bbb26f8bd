//! Deleting, restoring and purging: the same for blueprints, their principals and agents.
//!
//! What hangs off an object goes and comes back with it: a blueprint's principal, its agents, their assignments.
//! INVARIANT 8: one transaction, one entry in the trail, which names the root.

use crate::Blueprint;
use signet_directory::body::not_found;
use signet_directory::check_if_match;
use signet_directory::responsibility::{Described, Thing, audited, target};
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_logs::audit::Activity;
use signet_logs::audit::activities as trail;
use signet_store::{Id, Kind, Object, UnitOfWork};
use std::sync::Arc;

/// Soft-deletes an object with its subtree, and voids what was issued to any of them.
pub async fn delete<K: Described>(call: &Call, id: ObjectId) -> Result<(), Failure> {
    let activity = of_kind::<K>(&trail::DELETE_APPLICATION, &trail::REMOVE_SERVICE_PRINCIPAL);
    let attempt = || async {
        let found = call.store.find(Id::<K>::of(id)).await?.ok_or_else(|| not_found(id))?;
        check_if_match(call, &found)?;
        let mut unit = call.store.unit();
        unit.delete(&found, call.store.context().new_uuid());
        noted(call, unit, activity, &found).await
    };
    call.store.run(attempt).await.map(drop)
}

/// Brings a deleted object back with what went with it. No token is revived.
pub async fn restore<K: Described>(call: &Call, id: ObjectId) -> Result<(), Failure> {
    let activity = of_kind::<K>(&trail::RESTORE_APPLICATION, &trail::RESTORE_SERVICE_PRINCIPAL);
    let attempt = || async {
        let found = deleted::<K>(call, id).await?;
        let mut unit = call.store.unit();
        unit.restore(id);
        noted(call, unit, activity, &found).await
    };
    call.store.run(attempt).await.map(drop)
}

/// Removes a deleted object for good, with what went with it.
pub async fn purge<K: Described>(call: &Call, id: ObjectId) -> Result<(), Failure> {
    let activity = of_kind::<K>(&trail::HARD_DELETE_APPLICATION, &trail::HARD_DELETE_SERVICE_PRINCIPAL);
    let attempt = || async {
        let found = deleted::<K>(call, id).await?;
        let mut unit = call.store.unit();
        unit.purge(id);
        noted(call, unit, activity, &found).await
    };
    call.store.run(attempt).await.map(drop)
}

/// A blueprint is an application in the trail; its principal and its agents are service principals.
fn of_kind<K: Described>(application: &'static Activity, service_principal: &'static Activity) -> &'static Activity {
    if K::NAME == Blueprint::NAME { application } else { service_principal }
}

async fn deleted<K: Described>(call: &Call, id: ObjectId) -> Result<Arc<Object<K>>, Failure> {
    let found = call.store.find_any(Id::<K>::of(id)).await?.filter(|found| found.deleted.is_some());
    found.ok_or_else(|| not_found(id))
}

async fn noted<K: Described>(
    call: &Call,
    mut unit: UnitOfWork,
    activity: &Activity,
    found: &Object<K>,
) -> Result<(UnitOfWork, ()), Failure> {
    let thing = Thing::find_of(&call.store, found).await?;
    unit.audit(audited(call, activity, vec![target(call, &thing).await?]));
    Ok((unit, ()))
}
