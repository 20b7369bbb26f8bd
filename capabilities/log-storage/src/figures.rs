//! How much there is, for whoever watches.

use crate::error::StorageError;
use crate::storage::LogStorage;

/// What this node holds of all tenants' records by columns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StorageFigures {
    /// Segments.
    pub segments: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Their rows.
    pub rows: u64,
    /// Records in tails.
    pub tail: u64,
}

impl LogStorage {
    /// How much there is now. A tail that somebody works with counts as it was seen last. Blocks for a small read.
    pub fn figures(&self) -> Result<StorageFigures, StorageError> {
        let totals = self.inner.ledger.totals()?;
        let mut seen = self.inner.seen.lock();
        for (tenant, room) in self.inner.rooms.lock().iter() {
            if let Ok(tail) = room.tail.try_lock() {
                seen.insert(*tenant, tail.records());
            }
        }
        let tail = seen.values().map(|records| *records as u64).sum();
        Ok(StorageFigures { segments: totals.files, bytes: totals.bytes, rows: totals.rows, tail })
    }
}
