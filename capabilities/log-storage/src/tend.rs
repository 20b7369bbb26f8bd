//! Background work: the tail becomes segments, small segments become one, and what is over goes.

use crate::error::StorageError;
use crate::gone::Gone;
use crate::job::{Job, Kept, Made, Wanted};
use crate::storage::{LogStorage, Room};
use signet_children::Children;
use signet_kernel::TenantId;
use signet_logs::tables::{Held, tables};
use signet_record::{FollowedFrame, SegmentChange, SegmentFile};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Who makes files.
#[derive(Debug, Clone)]
pub enum Maker {
    /// Threads of this process.
    Here,
    /// Children that run [`crate::serve`]: so that nobody who waits for this process waits for it.
    Children(Arc<Children>),
}

impl LogStorage {
    /// Looks after a tenant: makes segments of its tail if that is long or old enough, and one of many small ones. Nobody who
    /// asks waits for that.
    pub async fn tend(&self, tenant: TenantId) -> Result<(), StorageError> {
        let room = self.room(tenant);
        let _alone = room.tending.lock().await;
        let enough = {
            let mut tail = room.tail.lock().await;
            // Somebody may have stopped waiting in the middle of it.
            tail.end_flush();
            self.forget(tenant, &mut tail).await?;
            self.catch_up(tenant, &mut tail).await?;
            let age = tail.stretch.since.map(|since| self.inner.context.now().since(since));
            tail.records() >= self.inner.options.enough || age.is_some_and(|age| age >= self.inner.options.patience)
        };
        if enough {
            self.flush(tenant, &room).await?;
        }
        for table in tables() {
            if let Held::Record(..) = table.held {
                self.merge(tenant, table.name).await?;
            }
        }
        Ok(())
    }

    /// Makes segments of the tail. The files are there before the list names them, and the list moves on in one commit.
    async fn flush(&self, tenant: TenantId, room: &Room) -> Result<(), StorageError> {
        let Some((place, apart)) = room.tail.lock().await.start_flush() else { return Ok(()) };
        let wanted = apart.files.iter().map(|(table, files)| whole(table, files)).collect();
        let made = self.make(tenant, Kept::Durably, wanted, Vec::new()).await;
        let mut tail = room.tail.lock().await;
        let add: Vec<SegmentFile> = match made {
            Ok(made) => made.into_iter().filter_map(|made| made.file).collect(),
            Err(error) => {
                tail.end_flush();
                return Err(error);
            }
        };
        let change = SegmentChange { add: &add, place: Some(&place), ..SegmentChange::default() };
        if let Err(error) = self.inner.ledger.change(tenant, &change) {
            // Nobody knows whether it was applied: the list is asked again. Files that it does not name go at a start.
            self.drop_tail(&mut tail);
            return Err(error.into());
        }
        tail.flushing = None;
        self.inner.files.discard(&apart.names());
        Ok(())
    }

    /// Makes one segment of many small ones of a table.
    async fn merge(&self, tenant: TenantId, table: &str) -> Result<(), StorageError> {
        let options = self.inner.options;
        let mut small = self.inner.ledger.files(tenant, table)?;
        small.retain(|file| file.rows < options.small_rows);
        let Some(mut small) = alike(small, options.small_files) else { return Ok(()) };
        let mut rows = 0;
        small.retain(|file| {
            rows += file.rows;
            rows <= options.small_rows.saturating_mul(2)
        });
        let made = self.make(tenant, Kept::Durably, vec![whole(table, &small)], Vec::new()).await?;
        let add: Vec<SegmentFile> = made.into_iter().filter_map(|made| made.file).collect();
        let old: Vec<String> = small.into_iter().map(|file| file.file).collect();
        let change = SegmentChange { add: &add, remove: &old, ..SegmentChange::default() };
        self.inner.ledger.change(tenant, &change)?;
        self.inner.files.discard(&old);
        Ok(())
    }

    /// Makes every segment of a tenant anew from the record. What was erased there is gone from the segments without it, the
    /// next time that they are looked after ([`LogStorage::tend`]).
    pub async fn rebuild(&self, tenant: TenantId) -> Result<(), StorageError> {
        let room = self.room(tenant);
        let _alone = room.tending.lock().await;
        let mut tail = room.tail.lock().await;
        let old = self.inner.ledger.forget(tenant)?;
        self.drop_tail(&mut tail);
        self.inner.files.discard(&old);
        self.catch_up(tenant, &mut tail).await
    }

    /// Has files made that nothing names yet. What work that failed leaves is removed.
    pub(crate) async fn make(
        &self,
        tenant: TenantId,
        kept: Kept,
        wanted: Vec<Wanted>,
        frames: Vec<FollowedFrame>,
    ) -> Result<Vec<Made>, StorageError> {
        let inner = &self.inner;
        let prefix = inner.context.new_uuid().to_string();
        let job = Job { tenant, folder: inner.files.folder().to_owned(), prefix: prefix.clone(), kept, wanted };
        let made = match &inner.maker {
            Maker::Here => tokio::task::spawn_blocking(move || job.run(&frames)).await?,
            Maker::Children(children) => {
                children.work(move |pipes| job.send(&frames, pipes)).await?.map_err(StorageError::Child)
            }
        };
        if made.is_err() {
            inner.files.remove_all(&prefix);
        }
        made
    }
}

/// One segment of whole files.
pub(crate) fn whole(table: &str, files: &[SegmentFile]) -> Wanted {
    let files = files.iter().map(|file| file.file.clone()).collect();
    Wanted { table: table.to_owned(), files, without: Gone::default() }
}

/// Files of about one size, if there are as many as become one; the smallest first. So a row is written anew once for each
/// size that there is, not each time that a few more rows have come.
pub(crate) fn alike(files: Vec<SegmentFile>, at_least: usize) -> Option<Vec<SegmentFile>> {
    let base = u64::try_from(at_least).unwrap_or(u64::MAX).max(2);
    let mut sizes: BTreeMap<u32, Vec<SegmentFile>> = BTreeMap::new();
    for file in files {
        sizes.entry(file.rows.max(1).ilog(base)).or_default().push(file);
    }
    sizes.into_values().find(|files| files.len() >= at_least)
}
