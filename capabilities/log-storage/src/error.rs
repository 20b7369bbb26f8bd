//! Why columns could not be written or read.

use arrow::error::ArrowError;
use parquet::errors::ParquetError;
use signet_children::ChildError;
use signet_kernel::Failure;
use signet_record::SegmentError;

/// Why columns could not be written or read. Nothing is lost by it: the record has everything.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The disk refuses.
    #[error("a segment: {0}")]
    Io(#[from] std::io::Error),
    /// A file is no Parquet, or cannot become one.
    #[error("a segment: {0}")]
    Parquet(#[from] ParquetError),
    /// Rows do not fit their columns.
    #[error("rows as columns: {0}")]
    Arrow(#[from] ArrowError),
    /// The list of segments cannot be read or written.
    #[error(transparent)]
    Ledger(#[from] SegmentError),
    /// What is noted of a segment is not readable.
    #[error("what is noted of a segment: {0}")]
    About(#[from] serde_json::Error),
    /// The record cannot be read.
    #[error("the record: {0}")]
    Record(#[from] Failure),
    /// No child did the work.
    #[error("segments are made by a process of their own: {0}")]
    NoChild(#[from] ChildError),
    /// A child that does the work says why it could not.
    #[error("{0}")]
    Child(String),
    /// The thread that wrote has ended.
    #[error("the thread that writes segments has ended: {0}")]
    Ended(#[from] tokio::task::JoinError),
}
