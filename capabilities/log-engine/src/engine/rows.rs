//! Batches of columns as rows of values.

use arrow::record_batch::RecordBatch;
use datafusion::execution::SendableRecordBatchStream;
use futures_util::StreamExt;
use signet_kql::{Row, RunError};

use super::{Over, repr::Repr};

pub(super) struct Rows<'o> {
    over: &'o Over<'o>,
    stream: SendableRecordBatchStream,
    /// How each column is read; none where nobody looks at it, and it is not there.
    reprs: Vec<Option<Repr>>,
    batch: Option<RecordBatch>,
    next: usize,
}

impl<'o> Rows<'o> {
    pub(super) fn new(over: &'o Over<'o>, stream: SendableRecordBatchStream, reprs: Vec<Option<Repr>>) -> Self {
        Self { over, stream, reprs, batch: None, next: 0 }
    }

    fn row(&mut self) -> Option<Row> {
        let batch = self.batch.as_ref().filter(|batch| self.next < batch.num_rows())?;
        let mut columns = batch.columns().iter();
        let mut cell = |repr: Repr| columns.next().map(|column| repr.value(column, self.next)).unwrap_or_default();
        let row = self.reprs.iter().map(|repr| repr.map(&mut cell).unwrap_or_default()).collect();
        self.next += 1;
        Some(row)
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<Row, RunError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(row) = self.row() {
                return Some(Ok(row));
            }
            let batch = self.over.engine.runtime.block_on(self.stream.next())?;
            match batch {
                Ok(batch) => {
                    self.batch = Some(batch);
                    self.next = 0;
                }
                Err(error) => return Some(Err(self.over.failure(error))),
            }
        }
    }
}
