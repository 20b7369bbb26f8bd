//! The front: a tenant's table as it is now, from files and from the tail.

use crate::error::StorageError;
use crate::files::{Files, OpenFile};
use crate::job::Kept;
use crate::tail::Tail;
use crate::tend::{Maker, alike, whole};
use async_trait::async_trait;
use parking_lot::Mutex as Lock;
use signet_kernel::{Context, TenantId};
use signet_log_engine::{Segment, SourceError, TableParts, TableSource, TimeSpan};
use signet_record::{FollowedFrame, Place, Record, SegmentChange, SegmentFile, SegmentLedger, Tables};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// Files of a tail that are of about one size before they become one.
const SMALL_TAILS: usize = 4;
/// Rows below which a file of a tail is small: to write more of them anew, nobody who asks waits.
const SMALL_TAIL_ROWS: u64 = 1_024;

/// When the tail becomes segments, and segments one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StorageOptions {
    /// Records in a tail that are enough for segments; and records that are read at a time.
    pub enough: usize,
    /// How long fewer wait.
    pub patience: Duration,
    /// Segments of a table that are small before they become one.
    pub small_files: usize,
    /// Rows below which a segment is small. What is made of small ones has at most twice as many, all of which are held at once.
    pub small_rows: u64,
}

impl Default for StorageOptions {
    fn default() -> Self {
        Self { enough: 10_000, patience: Duration::from_mins(5), small_files: 8, small_rows: 128 * 1024 }
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
    pub(crate) maker: Maker,
    pub(crate) ledger: SegmentLedger,
    pub(crate) files: Files,
    pub(crate) rooms: Lock<HashMap<TenantId, Arc<Room>>>,
    /// How many records each tail had when it was looked at last, for whoever watches.
    pub(crate) seen: Lock<HashMap<TenantId, usize>>,
}

/// What there is of a tenant beside its segments.
#[derive(Debug, Default)]
pub(crate) struct Room {
    /// Held by the one who looks after the tenant, for as long as that takes; taken before the tail.
    pub(crate) tending: Mutex<()>,
    /// Held by whoever reads or moves the tail.
    pub(crate) tail: Mutex<Tail>,
}

impl LogStorage {
    /// Opens or makes the segments of `record` in `directory`. What an earlier process left unfinished is removed.
    pub fn open(
        directory: &Path,
        record: Record,
        context: Context,
        options: StorageOptions,
        maker: Maker,
    ) -> Result<Self, StorageError> {
        std::fs::create_dir_all(directory)?;
        let ledger = SegmentLedger::open(directory)?;
        let files = Files::open(directory.join("segments"), &ledger.names()?)?;
        let (rooms, seen) = (Lock::default(), Lock::default());
        Ok(Self { inner: Arc::new(Inner { record, context, options, maker, ledger, files, rooms, seen }) })
    }

    pub(crate) fn room(&self, tenant: TenantId) -> Arc<Room> {
        self.inner.rooms.lock().entry(tenant).or_default().clone()
    }

    /// Reads what was committed since. As much as is enough for segments becomes segments at once, with the rest of the tail.
    pub(crate) async fn catch_up(&self, tenant: TenantId, tail: &mut Tail) -> Result<(), StorageError> {
        let inner = &self.inner;
        loop {
            // Whoever waits may stop at any await: a tail keeps its place until what follows it was added.
            let place = match &tail.place {
                Some(place) => place.clone(),
                None => inner.ledger.place(tenant)?,
            };
            let (frames, next) = inner.record.follow_frames(tenant, &Tables::All, &place, inner.options.enough).await?;
            let records: usize = frames.iter().map(|frame| frame.count).sum();
            if records == 0 {
                tail.place = Some(next);
                return Ok(());
            }
            if records >= inner.options.enough && tail.flushing.is_none() {
                self.add_segments(tenant, tail, frames, next).await?;
            } else {
                self.add_to_tail(tenant, tail, frames, (next, records)).await?;
            }
        }
    }

    async fn add_segments(
        &self,
        tenant: TenantId,
        tail: &mut Tail,
        frames: Vec<FollowedFrame>,
        next: Place,
    ) -> Result<(), StorageError> {
        let wanted = tail.stretch.files.iter().map(|(table, files)| whole(table, files)).collect();
        let made = self.make(tenant, Kept::Durably, wanted, frames).await?;
        let add: Vec<SegmentFile> = made.into_iter().filter_map(|made| made.file).collect();
        let change = SegmentChange { add: &add, place: Some(&next), ..SegmentChange::default() };
        let changed = self.inner.ledger.change(tenant, &change);
        // If that failed, nobody knows whether it was applied: the list is asked again.
        self.drop_tail(tail);
        Ok(changed?)
    }

    async fn add_to_tail(
        &self,
        tenant: TenantId,
        tail: &mut Tail,
        frames: Vec<FollowedFrame>,
        (next, records): (Place, usize),
    ) -> Result<(), StorageError> {
        let mut wanted = Vec::new();
        for (table, files) in &tail.stretch.files {
            let small = files.iter().filter(|file| file.rows < SMALL_TAIL_ROWS).cloned().collect();
            wanted.extend(alike(small, SMALL_TAILS).map(|files| whole(table, &files)));
        }
        let instead: Vec<String> = wanted.iter().flat_map(|wanted| wanted.files.clone()).collect();
        let made = self.make(tenant, Kept::ForNow, wanted, frames).await?;
        let made = made.into_iter().filter_map(|made| made.file).collect();
        tail.add(made, &instead, next, records, self.inner.context.now());
        self.inner.files.discard(&instead);
        Ok(())
    }

    /// Forgets what is in a tail: it is read anew.
    pub(crate) fn drop_tail(&self, tail: &mut Tail) {
        let old = std::mem::take(tail);
        for stretch in old.flushing.iter().chain([&old.stretch]) {
            self.inner.files.discard(&stretch.names());
        }
    }

    async fn read_parts(&self, tenant: TenantId, table: &str, span: TimeSpan) -> Result<TableParts, StorageError> {
        let room = self.room(tenant);
        let mut tail = room.tail.lock().await;
        self.catch_up(tenant, &mut tail).await?;
        let mut held: Vec<Arc<OpenFile>> = Vec::new();
        let mut segments = Vec::new();
        let listed = self.inner.ledger.files(tenant, table)?;
        for file in listed.iter().chain(tail.files(table)) {
            let segment = self.segment(file)?;
            if segment.span.meets(span) {
                held.push(self.inner.files.hold(&file.file));
                segments.push(segment);
            }
        }
        Ok(TableParts { segments, hold: Some(Arc::new(held)), ..TableParts::default() })
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
