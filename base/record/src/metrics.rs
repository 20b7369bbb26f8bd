//! Counts for the management listener.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What the record has done since it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Metrics {
    /// Records made durable.
    pub records: u64,
    /// Their bytes as stored: bodies, personal values and keys.
    pub bytes: u64,
    /// Frames made durable.
    pub frames: u64,
    /// Commits.
    pub batches: u64,
    /// Records in the last commit.
    pub last_batch: u64,
    /// Microseconds spent committing.
    pub commit_micros: u64,
    /// Records that wait for the writer now.
    pub queue_depth: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    records: AtomicU64,
    bytes: AtomicU64,
    frames: AtomicU64,
    batches: AtomicU64,
    last_batch: AtomicU64,
    commit_micros: AtomicU64,
}

impl Counters {
    pub(crate) fn committed(&self, (records, bytes): (usize, usize), frames: usize, took: Duration) {
        self.records.fetch_add(records as u64, Ordering::Relaxed);
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        self.frames.fetch_add(frames as u64, Ordering::Relaxed);
        self.batches.fetch_add(1, Ordering::Relaxed);
        self.last_batch.store(records as u64, Ordering::Relaxed);
        self.commit_micros.fetch_add(u64::try_from(took.as_micros()).unwrap_or(0), Ordering::Relaxed);
    }

    pub(crate) fn snapshot(&self, queue_depth: usize) -> Metrics {
        Metrics {
            records: self.records.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
            frames: self.frames.load(Ordering::Relaxed),
            batches: self.batches.load(Ordering::Relaxed),
            last_batch: self.last_batch.load(Ordering::Relaxed),
            commit_micros: self.commit_micros.load(Ordering::Relaxed),
            queue_depth: queue_depth as u64,
        }
    }
}
