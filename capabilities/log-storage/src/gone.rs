//! Rows that go: those of frames that were removed from the record.

use arrow::array::{Array, AsArray, BooleanArray};
use arrow::compute::filter_record_batch;
use arrow::datatypes::TimestampMicrosecondType;
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use serde::{Deserialize, Serialize};
use signet_kernel::Timestamp;
use signet_record::{RemovedFrame, SegmentFile};
use std::collections::HashSet;

/// When a row's record was committed: a frame's records were committed at one moment, and a table has no other of it.
const COMMITTED: &str = "_TimeReceived";

/// What was removed of a stored table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Gone {
    committed: HashSet<i64>,
    span: Option<(Timestamp, Timestamp)>,
}

impl Gone {
    pub(crate) fn add(&mut self, frame: &RemovedFrame) {
        self.committed.insert(frame.committed.micros());
        let (from, until) = self.span.unwrap_or((frame.from, frame.until));
        self.span = Some((from.min(frame.from), until.max(frame.until)));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.committed.is_empty()
    }

    /// Whether some of it may be in a file.
    pub(crate) fn meets(&self, file: &SegmentFile) -> bool {
        self.span.is_some_and(|(from, until)| file.from <= until && file.until >= from)
    }

    /// The rows of a batch that stay.
    pub(crate) fn without(&self, rows: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        let committed = rows.column_by_name(COMMITTED).and_then(|at| at.as_primitive_opt::<TimestampMicrosecondType>());
        let Some(committed) = committed.filter(|_| !self.is_empty()) else { return Ok(rows.clone()) };
        let stays = |row| committed.is_null(row) || !self.committed.contains(&committed.value(row));
        let stay: BooleanArray = (0..rows.num_rows()).map(|row| Some(stays(row))).collect();
        filter_record_batch(rows, &stay)
    }
}
