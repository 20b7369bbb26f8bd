//! Deleting, restoring and purging: what hangs off an object goes and comes back with it.

use super::load;
use crate::activities::lifecycle;
use crate::body::not_found;
use crate::responsibility::{Described, Thing, audited, named_target, reinstate_sponsors, require_anyone, target};
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_logs::audit::{Activity, TargetType, activities};
use signet_store::{Id, Object, UnitOfWork};
use std::sync::Arc;

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Delete,
    Restore,
    Purge,
}

impl Step {
    fn activity(self, kind: &str, target: TargetType) -> &'static Activity {
        if let Some([delete, restore, purge]) = lifecycle(kind) {
            return match self {
                Self::Delete => delete,
                Self::Restore => restore,
                Self::Purge => purge,
            };
        }
        match (self, target) {
            (Self::Delete, TargetType::User) => &activities::DELETE_USER,
            (Self::Delete, TargetType::Application) => &activities::DELETE_APPLICATION,
            (Self::Delete, _) => &activities::REMOVE_SERVICE_PRINCIPAL,
            (Self::Restore, TargetType::User) => &activities::RESTORE_USER,
            (Self::Restore, TargetType::Application) => &activities::RESTORE_APPLICATION,
            (Self::Restore, _) => &activities::RESTORE_SERVICE_PRINCIPAL,
            (Self::Purge, TargetType::User) => &activities::HARD_DELETE_USER,
            (Self::Purge, TargetType::Application) => &activities::HARD_DELETE_APPLICATION,
            (Self::Purge, _) => &activities::HARD_DELETE_SERVICE_PRINCIPAL,
        }
    }
}

/// Soft-deletes an object with its subtree, in one transaction, and voids what was issued to any of them.
pub async fn delete<K: Described>(call: &Call, id: ObjectId) -> Result<(), Failure> {
    let attempt = || async {
        let found = load::<K>(call, id).await?;
        let mut unit = call.store.unit();
        delete_in(call, &mut unit, &found).await?;
        Ok((unit, ()))
    };
    call.store.run(attempt).await.map(drop)
}

/// Adds to `unit` that `found` is deleted, with its audit entry.
pub(super) async fn delete_in<K: Described>(
    call: &Call,
    unit: &mut UnitOfWork,
    found: &Object<K>,
) -> Result<(), Failure> {
    unit.delete(found, call.store.context().new_uuid());
    audit(call, unit, Step::Delete, found).await
}

/// Brings a deleted object back with what went with it. No token is revived. INVARIANT 7: somebody answers for it.
pub async fn restore<K: Described>(call: &Call, id: ObjectId) -> Result<(), Failure> {
    let attempt = || async {
        let found = deleted::<K>(call, id).await?;
        let sponsored = Thing::find_of(&call.store, &found).await?.blueprint.is_some();
        if sponsored {
            require_anyone(&call.store).await?;
        }
        let mut unit = call.store.unit();
        unit.restore(id);
        audit(call, &mut unit, Step::Restore, &found).await?;
        Ok::<_, Failure>((unit, sponsored))
    };
    let (sponsored, _) = call.store.run(attempt).await?;
    if sponsored { reinstate_sponsors(call, id).await } else { Ok(()) }
}

/// Removes a deleted object for good, with what went with it.
pub async fn purge<K: Described>(call: &Call, id: ObjectId) -> Result<(), Failure> {
    let attempt = || async {
        let found = deleted::<K>(call, id).await?;
        let mut unit = call.store.unit();
        unit.purge(id);
        audit(call, &mut unit, Step::Purge, &found).await?;
        Ok((unit, ()))
    };
    call.store.run(attempt).await.map(drop)
}

async fn deleted<K: Described>(call: &Call, id: ObjectId) -> Result<Arc<Object<K>>, Failure> {
    let found = call.store.find_any(Id::<K>::of(id)).await?.filter(|found| found.deleted.is_some());
    found.ok_or_else(|| not_found(id))
}

async fn audit<K: Described>(call: &Call, unit: &mut UnitOfWork, step: Step, found: &Object<K>) -> Result<(), Failure> {
    let thing = Thing::find_of(&call.store, found).await?;
    let target = if thing.naming.kind.is_empty() {
        named_target(found.id.object(), &found.body)
    } else {
        target(call, &thing).await?
    };
    unit.audit(audited(call, step.activity(K::NAME, thing.naming.target), vec![target]));
    Ok(())
}
