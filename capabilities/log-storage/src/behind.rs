//! Segments follow what the record forgets: frames that were removed by right, and personal values that were erased.

use crate::error::StorageError;
use crate::gone::Gone;
use crate::job::{Kept, Wanted};
use crate::storage::LogStorage;
use crate::tail::Tail;
use signet_kernel::TenantId;
use signet_logs::tables::{Held, tables};
use signet_record::{FollowedTo, RemovedFrame, SegmentChange};
use std::collections::BTreeMap;

/// Removals followed in one change.
const AT_ONCE: usize = 2_000;

impl LogStorage {
    /// Follows what the record has forgotten since the last time. What of it was in the tail is read anew.
    pub(crate) async fn forget(&self, tenant: TenantId, tail: &mut Tail) -> Result<(), StorageError> {
        let inner = &self.inner;
        let known = inner.ledger.followed(tenant)?.unwrap_or_default();
        let erased = inner.record.erasures(tenant).await?;
        let mut followed = FollowedTo { erased, ..known };
        if erased != known.erased {
            let old = inner.ledger.forget(tenant)?;
            self.drop_tail(tail);
            inner.files.discard(&old);
            inner.ledger.change(tenant, &SegmentChange { followed: Some(followed), ..SegmentChange::default() })?;
        }
        loop {
            let removed = inner.record.removed(tenant, followed.removed, AT_ONCE).await?;
            let Some(last) = removed.last() else { return Ok(()) };
            followed.removed = last.number;
            self.drop_tail(tail);
            self.remove(tenant, &removed, followed).await?;
        }
    }

    /// Takes what was removed out of every segment, in one change.
    async fn remove(
        &self,
        tenant: TenantId,
        removed: &[RemovedFrame],
        followed: FollowedTo,
    ) -> Result<(), StorageError> {
        let mut gone: BTreeMap<&str, Gone> = BTreeMap::new();
        for frame in removed {
            gone.entry(&frame.table).or_default().add(frame);
        }
        let (mut add, mut remove) = (Vec::new(), Vec::new());
        for table in tables() {
            let Held::Record(stored, _) = table.held else { continue };
            let Some(gone) = gone.get(stored) else { continue };
            for file in self.inner.ledger.files(tenant, table.name)?.into_iter().filter(|file| gone.meets(file)) {
                let files = vec![file.file.clone()];
                let wanted = Wanted { table: table.name.to_owned(), files, without: gone.clone() };
                for made in self.make(tenant, Kept::Durably, vec![wanted], Vec::new()).await? {
                    remove.push(file.file.clone());
                    add.extend(made.file);
                }
            }
        }
        let change = SegmentChange { add: &add, remove: &remove, place: None, followed: Some(followed) };
        self.inner.ledger.change(tenant, &change)?;
        self.inner.files.discard(&remove);
        Ok(())
    }
}
