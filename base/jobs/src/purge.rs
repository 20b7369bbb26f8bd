//! The end of deleted objects whose time is up.

use crate::held::Held;
use crate::worker::Worker;
use signet_kernel::{Failure, ObjectId, TenantId, Timestamp};
use signet_store::{AuditEntry, CommitError, Precondition, TenantStore};

/// The work whose lease is held while a tenant's deleted objects are purged.
const PURGE: &str = "purge";
/// Roots purged before looking again.
const BATCH: usize = 100;

/// What became of one root.
enum Fate {
    Purged,
    /// It is gone, or was restored meanwhile.
    Spared,
    /// Another worker has taken over.
    Lost,
}

impl Worker {
    /// Purges what was deleted before a moment, in every tenant whose lease can be had; how many roots that were. `audit`
    /// is asked for the entry of each: its tenant, its kind and its id. What another worker is at waits for the next time.
    pub async fn purge(
        &self,
        before: Timestamp,
        audit: impl Fn(TenantId, &str, ObjectId) -> AuditEntry,
    ) -> Result<usize, Failure> {
        let mut sum = 0;
        loop {
            let purged = self.purge_some(before, &audit).await?;
            if purged == 0 {
                return Ok(sum);
            }
            sum += purged;
        }
    }

    async fn purge_some(
        &self,
        before: Timestamp,
        audit: &impl Fn(TenantId, &str, ObjectId) -> AuditEntry,
    ) -> Result<usize, Failure> {
        let expired = self.store.expired(before, BATCH).await?;
        let mut purged = 0;
        for roots in expired.chunk_by(|(one, _), (next, _)| one == next) {
            let Some((tenant, _)) = roots.first() else { continue };
            let Some(mut held) = self.take(*tenant, PURGE).await? else { continue };
            let store = self.store.tenant(*tenant);
            for (_, root) in roots {
                if !held.keep().await? {
                    break;
                }
                match purge_one(&store, &held, *root, before, audit).await? {
                    Fate::Purged => purged += 1,
                    Fate::Spared => {}
                    Fate::Lost => break,
                }
            }
            held.give_back().await?;
        }
        Ok(purged)
    }
}

/// Purges a root whose time is still up now that the lease is held: another may have been at it.
async fn purge_one(
    store: &TenantStore,
    held: &Held,
    root: ObjectId,
    before: Timestamp,
    audit: &impl Fn(TenantId, &str, ObjectId) -> AuditEntry,
) -> Result<Fate, Failure> {
    let Some(row) = store.read_row(root).await? else { return Ok(Fate::Spared) };
    if row.deleted.is_none_or(|deletion| deletion.at >= before) {
        return Ok(Fate::Spared);
    }
    let mut unit = store.unit();
    held.fence(&mut unit);
    unit.expect(Precondition::Version(root, row.version));
    unit.purge(root).audit(audit(store.id(), &row.kind, root));
    match store.commit(unit).await {
        Ok(_) => Ok(Fate::Purged),
        Err(CommitError::Conflict(conflict)) if held.is_lost_by(&conflict) => Ok(Fate::Lost),
        Err(CommitError::Conflict(conflict)) if conflict.is_race() => Ok(Fate::Spared),
        Err(error) => Err(error.into()),
    }
}
