//! Background work: the tail becomes segments, small segments become one, and what is over goes.

use crate::error::StorageError;
use crate::segment;
use crate::storage::LogStorage;
use crate::tail::Tail;
use arrow::record_batch::RecordBatch;
use signet_kernel::TenantId;
use signet_logs::tables::{Held, Table, table, tables};
use signet_record::{SegmentChange, SegmentFile};
use std::collections::BTreeMap;

impl LogStorage {
    /// Looks after a tenant: makes segments of its tail if that is long or old enough, and one of many small ones.
    pub async fn tend(&self, tenant: TenantId) -> Result<(), StorageError> {
        let tail = self.tail(tenant);
        let mut tail = tail.lock().await;
        self.forget(tenant, &mut tail).await?;
        self.catch_up(tenant, &mut tail).await?;
        let age = tail.since.map(|since| self.inner.context.now().since(since));
        if tail.records >= self.inner.options.enough || age.is_some_and(|age| age >= self.inner.options.patience) {
            self.flush(tenant, &mut tail).await?;
        }
        for table in tables() {
            if let Held::Record(..) = table.held {
                self.merge(tenant, table).await?;
            }
        }
        Ok(())
    }

    /// Makes segments of the tail. The files are there before the list names them, and the list moves on in one commit.
    pub(crate) async fn flush(&self, tenant: TenantId, tail: &mut Tail) -> Result<(), StorageError> {
        let Some(place) = tail.place.clone() else { return Ok(()) };
        let wanted: Vec<(&'static str, Vec<RecordBatch>)> =
            tail.tables.iter().map(|(name, batches)| (*name, batches.clone())).collect();
        let written = self.write(tenant, wanted).await?;
        let change = SegmentChange { add: &written, place: Some(&place), ..SegmentChange::default() };
        if let Err(error) = self.inner.ledger.change(tenant, &change) {
            // Nobody knows whether it was applied: the list is asked again. Files that it does not name go at a start.
            *tail = Tail::default();
            return Err(error.into());
        }
        tail.flushed();
        Ok(())
    }

    /// Makes one segment of many small ones of a table.
    async fn merge(&self, tenant: TenantId, table: &'static Table) -> Result<(), StorageError> {
        let options = self.inner.options;
        let mut small = self.inner.ledger.files(tenant, table.name)?;
        small.retain(|file| file.rows < options.small_rows);
        let Some(mut small) = alike(small, options.small_files) else { return Ok(()) };
        let mut rows = 0;
        small.retain(|file| {
            rows += file.rows;
            rows <= options.small_rows.saturating_mul(2)
        });
        let storage = self.clone();
        let of = small.clone();
        let read = move || -> Result<Vec<RecordBatch>, StorageError> {
            let files = of.iter().map(|file| segment::read(&storage.inner.files, table, file));
            Ok(files.collect::<Result<Vec<_>, _>>()?.concat())
        };
        let batches = tokio::task::spawn_blocking(read).await??;
        let written = self.write(tenant, vec![(table.name, batches)]).await?;
        let old: Vec<String> = small.into_iter().map(|file| file.file).collect();
        let change = SegmentChange { add: &written, remove: &old, ..SegmentChange::default() };
        self.inner.ledger.change(tenant, &change)?;
        self.inner.files.discard(&old);
        Ok(())
    }

    /// Makes every segment of a tenant anew from the record. What was erased there is gone from the segments without it, the
    /// next time that they are looked after ([`LogStorage::tend`]).
    pub async fn rebuild(&self, tenant: TenantId) -> Result<(), StorageError> {
        let tail = self.tail(tenant);
        let mut tail = tail.lock().await;
        let old = self.inner.ledger.forget(tenant)?;
        *tail = Tail::default();
        self.inner.files.discard(&old);
        self.catch_up(tenant, &mut tail).await
    }

    /// Writes files that no list names yet.
    pub(crate) async fn write(
        &self,
        tenant: TenantId,
        wanted: Vec<(&'static str, Vec<RecordBatch>)>,
    ) -> Result<Vec<SegmentFile>, StorageError> {
        let storage = self.clone();
        let write = move || -> Result<Vec<SegmentFile>, StorageError> {
            let inner = &storage.inner;
            let one = |(name, batches): (&'static str, Vec<RecordBatch>)| {
                let known = table(name).filter(|_| !batches.is_empty())?;
                let unique = inner.context.new_uuid().to_string();
                Some(segment::write(&inner.files, &unique, tenant, known, &batches))
            };
            wanted.into_iter().filter_map(one).collect()
        };
        tokio::task::spawn_blocking(write).await?
    }
}

/// Files of about one size, if there are as many as become one; the smallest first. So a row is written anew once for each
/// size that there is, not each time that a few more rows have come.
fn alike(files: Vec<SegmentFile>, at_least: usize) -> Option<Vec<SegmentFile>> {
    let base = u64::try_from(at_least).unwrap_or(u64::MAX).max(2);
    let mut sizes: BTreeMap<u32, Vec<SegmentFile>> = BTreeMap::new();
    for file in files {
        sizes.entry(file.rows.max(1).ilog(base)).or_default().push(file);
    }
    sizes.into_values().find(|files| files.len() >= at_least)
}
