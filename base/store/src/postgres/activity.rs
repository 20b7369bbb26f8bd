//! What the connections of this process to the database went through, counted for whoever watches it.

use deadpool_postgres::Pool;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts since the process began, and the pool of reading connections as it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DatabaseActivity {
    /// Connections made: at the start, and again after each that broke.
    pub connections: u64,
    /// Reads and batches that were made again after a broken connection or another transaction.
    pub repeated: u64,
    /// Commits whose answer was lost and whose fate had to be looked up.
    pub lost_answers: u64,
    /// Reads that were refused because no connection became free, or because the database took too long.
    pub refused_reads: u64,
    /// Reading connections that are open.
    pub readers: u64,
    /// How many of them are idle.
    pub idle_readers: u64,
    /// Reads that wait for one now.
    pub waiting_reads: u64,
}

/// The counters.
#[derive(Default)]
pub(super) struct Activity {
    pub(super) connections: AtomicU64,
    pub(super) repeated: AtomicU64,
    pub(super) lost_answers: AtomicU64,
    pub(super) refused_reads: AtomicU64,
    pub(super) readers: OnceLock<Pool>,
}

impl Activity {
    /// Once more.
    pub(super) fn note(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn snapshot(&self) -> DatabaseActivity {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let pool = self.readers.get().map(Pool::status);
        let (size, idle) = pool.as_ref().map_or((0, 0), |pool| (pool.size, pool.available));
        DatabaseActivity {
            connections: read(&self.connections),
            repeated: read(&self.repeated),
            lost_answers: read(&self.lost_answers),
            refused_reads: read(&self.refused_reads),
            readers: size as u64,
            idle_readers: idle as u64,
            waiting_reads: pool.map_or(0, |pool| pool.waiting as u64),
        }
    }
}
