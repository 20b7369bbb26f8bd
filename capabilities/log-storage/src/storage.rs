//! The front: a tenant's table as it is now, from files and from the tail.

use crate::error::StorageError;
use crate::files::{Files, OpenFile};
use crate::tail::{Tail, rows_of};
use async_trait::async_trait;
use parking_lot::Mutex as Lock;
use signet_kernel::{Context, TenantId};
use signet_log_engine::{Segment, SourceError, TableParts, TableSource, TimeSpan};
use signet_record::{Record, SegmentFile, SegmentLedger, Tables};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// Records read of the tail at a time.
const CHUNK: usize = 5_000;

/// When the tail becomes segments, and segments one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StorageOptions {
    /// Records in a tail that are enough for segments.
    pub enough: usize,
    /// How long fewer wait.
    pub patience: Duration,
    /// Records that a tail holds at most, whoever waits.
    pub full: usize,
    /// Segments of a table that are small before they become one.
    pub small_files: usize,
    /// Rows below which a segment is small.
    pub small_rows: u64,
}

impl Default for StorageOptions {
    fn default() -> Self {
        Self { enough: 20_000, patience: Duration::from_mins(5), full: 50_000, small_files: 8, small_rows: 1_000_000 }
    }
}

/// The record by columns. Cheap to clone. One process has it open.
#[derive(Clone)]
pub struct LogStorage {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) record: Record,
    pub(crate) context: Context,
    pub(crate) options: StorageOptions,
    pub(crate) ledger: SegmentLedger,
    pub(crate) files: Files,
    pub(crate) tails: Lock<HashMap<TenantId, Arc<Mutex<Tail>>>>,
    /// How many records each tail had when it was looked at last, for whoever watches.
    pub(crate) seen: Lock<HashMap<TenantId, usize>>,
}

impl LogStorage {
    /// Opens or makes the segments of `record` in `directory`. What an earlier process left unfinished is removed.
    pub fn open(
        directory: &Path,
        record: Record,
        context: Context,
        options: StorageOptions,
    ) -> Result<Self, StorageError> {
        std::fs::create_dir_all(directory)?;
        let ledger = SegmentLedger::open(directory)?;
        let files = Files::open(directory.join("segments"), &ledger.names()?)?;
        let (tails, seen) = (Lock::default(), Lock::default());
        Ok(Self { inner: Arc::new(Inner { record, context, options, ledger, files, tails, seen }) })
    }

    pub(crate) fn tail(&self, tenant: TenantId) -> Arc<Mutex<Tail>> {
        self.inner.tails.lock().entry(tenant).or_default().clone()
    }

    /// Reads what was committed since; makes segments of what would be too much to hold.
    pub(crate) async fn catch_up(&self, tenant: TenantId, tail: &mut Tail) -> Result<(), StorageError> {
        loop {
            // Whoever waits may stop at any await: a tail keeps its place until what follows it was added.
            let place = match &tail.place {
                Some(place) => place.clone(),
                None => self.inner.ledger.place(tenant)?,
            };
            let (records, next) = self.inner.record.follow(tenant, &Tables::All, &place, CHUNK).await?;
            let count = records.len();
            if count == 0 {
                tail.place = Some(next);
                return Ok(());
            }
            let rows = tokio::task::spawn_blocking(move || rows_of(tenant, &records)).await??;
            tail.add(rows, next, count, self.inner.context.now());
            if tail.records >= self.inner.options.full {
                self.flush(tenant, tail).await?;
            }
        }
    }

    async fn read_parts(&self, tenant: TenantId, table: &str, span: TimeSpan) -> Result<TableParts, StorageError> {
        let tail = self.tail(tenant);
        let mut tail = tail.lock().await;
        self.catch_up(tenant, &mut tail).await?;
        let mut held: Vec<Arc<OpenFile>> = Vec::new();
        let mut segments = Vec::new();
        for file in self.inner.ledger.files(tenant, table)? {
            let segment = self.segment(&file)?;
            if segment.span.meets(span) {
                held.push(self.inner.files.hold(&file.file));
                segments.push(segment);
            }
        }
        let hot = tail.tables.get(table).cloned().unwrap_or_default();
        Ok(TableParts { segments, hot, hold: Some(Arc::new(held)) })
    }

    fn segment(&self, file: &SegmentFile) -> Result<Segment, StorageError> {
        Ok(Segment {
            file: self.inner.files.path(&file.file),
            bytes: file.bytes,
            rows: file.rows,
            span: TimeSpan { from: file.from.micros(), until: file.until.micros() },
            unfolded: serde_json::from_str(&file.about)?,
        })
    }
}

#[async_trait]
impl TableSource for LogStorage {
    async fn parts(&self, tenant: TenantId, table: &str, span: TimeSpan) -> Result<TableParts, SourceError> {
        self.read_parts(tenant, table, span).await.map_err(|error| {
            tracing::warn!(%error, table, "a table could not be read");
            SourceError { table: table.to_owned(), why: "its columns could not be read".to_owned() }
        })
    }
}

impl std::fmt::Debug for LogStorage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogStorage").field("folder", &self.inner.files.folder()).finish_non_exhaustive()
    }
}
