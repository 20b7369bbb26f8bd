//! Segments follow what the record forgets: frames that were removed by right, and personal values that were erased.

use crate::error::StorageError;
use crate::segment;
use crate::storage::LogStorage;
use crate::tail::Tail;
use arrow::array::{Array, AsArray, BooleanArray};
use arrow::compute::filter_record_batch;
use arrow::datatypes::TimestampMicrosecondType;
use arrow::record_batch::RecordBatch;
use signet_kernel::{TenantId, Timestamp};
use signet_logs::tables::{Held, Table, tables};
use signet_record::{FollowedTo, RemovedFrame, SegmentChange, SegmentFile};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// Removals followed in one change.
const AT_ONCE: usize = 2_000;
/// When a row's record was committed: a frame's records were committed at one moment, and a table has no other of it.
const COMMITTED: &str = "_TimeReceived";

/// What was removed of a stored table.
#[derive(Debug)]
struct Gone {
    committed: HashSet<i64>,
    from: Timestamp,
    until: Timestamp,
}

impl Gone {
    fn of(frame: &RemovedFrame) -> Self {
        Self { committed: HashSet::new(), from: frame.from, until: frame.until }
    }

    fn add(&mut self, frame: &RemovedFrame) {
        self.committed.insert(frame.committed.micros());
        self.from = self.from.min(frame.from);
        self.until = self.until.max(frame.until);
    }

    /// The rows of a batch that stay.
    fn without(&self, rows: &RecordBatch) -> Result<RecordBatch, StorageError> {
        let committed = rows.column_by_name(COMMITTED).and_then(|at| at.as_primitive_opt::<TimestampMicrosecondType>());
        let Some(committed) = committed else { return Ok(rows.clone()) };
        let stays = |row| committed.is_null(row) || !self.committed.contains(&committed.value(row));
        let stay: BooleanArray = (0..rows.num_rows()).map(|row| Some(stays(row))).collect();
        Ok(filter_record_batch(rows, &stay)?)
    }
}

impl LogStorage {
    /// Follows what the record has forgotten since the last time. What of it was in the tail is read anew.
    pub(crate) async fn forget(&self, tenant: TenantId, tail: &mut Tail) -> Result<(), StorageError> {
        let inner = &self.inner;
        let known = inner.ledger.followed(tenant)?.unwrap_or_default();
        let erased = inner.record.erasures(tenant).await?;
        let mut followed = FollowedTo { erased, ..known };
        if erased != known.erased {
            let old = inner.ledger.forget(tenant)?;
            *tail = Tail::default();
            inner.files.discard(&old);
            inner.ledger.change(tenant, &SegmentChange { followed: Some(followed), ..SegmentChange::default() })?;
        }
        loop {
            let removed = inner.record.removed(tenant, followed.removed, AT_ONCE).await?;
            let Some(last) = removed.last() else { return Ok(()) };
            followed.removed = last.number;
            *tail = Tail::default();
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
            gone.entry(&frame.table).or_insert_with(|| Gone::of(frame)).add(frame);
        }
        let (mut add, mut remove) = (Vec::new(), Vec::new());
        for table in tables() {
            let Held::Record(stored, _) = table.held else { continue };
            let Some(gone) = gone.remove(stored).map(Arc::new) else { continue };
            for table in tables().iter().filter(|other| matches!(other.held, Held::Record(name, _) if name == stored)) {
                for file in self.inner.ledger.files(tenant, table.name)? {
                    if file.from > gone.until || file.until < gone.from {
                        continue;
                    }
                    let Some(rest) = self.rest(table, &file, gone.clone()).await? else { continue };
                    remove.push(file.file);
                    if rest.iter().any(|rows| rows.num_rows() > 0) {
                        add.extend(self.write(tenant, vec![(table.name, rest)]).await?);
                    }
                }
            }
        }
        let change = SegmentChange { add: &add, remove: &remove, place: None, followed: Some(followed) };
        self.inner.ledger.change(tenant, &change)?;
        self.inner.files.discard(&remove);
        Ok(())
    }

    /// What stays of a segment; `None` if all of it does.
    async fn rest(
        &self,
        table: &'static Table,
        file: &SegmentFile,
        gone: Arc<Gone>,
    ) -> Result<Option<Vec<RecordBatch>>, StorageError> {
        let (storage, file) = (self.clone(), file.clone());
        let read = move || -> Result<Option<Vec<RecordBatch>>, StorageError> {
            let rows = segment::read(&storage.inner.files, table, &file)?;
            let rest = rows.iter().map(|rows| gone.without(rows)).collect::<Result<Vec<_>, _>>()?;
            let count = |of: &[RecordBatch]| of.iter().map(RecordBatch::num_rows).sum::<usize>();
            Ok((count(&rest) < count(&rows)).then_some(rest))
        };
        tokio::task::spawn_blocking(read).await?
    }
}
