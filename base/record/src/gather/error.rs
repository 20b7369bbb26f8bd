//! Why the log's tables could not be read or written.

use crate::error::OpenError;
use signet_kernel::Failure;

/// Why the log's tables could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The file cannot be opened.
    #[error("record-log.db cannot be opened: {0}")]
    Open(#[from] OpenError),
    /// SQLite refuses.
    #[error("the log cannot be read or written: {0}")]
    Database(#[from] rusqlite::Error),
    /// PostgreSQL refuses.
    #[error("the log cannot be read or written: PostgreSQL: {}", crate::error::said_by(.0))]
    Postgres(#[from] tokio_postgres::Error),
    /// PostgreSQL cannot be reached.
    #[error("PostgreSQL cannot be reached: {0}")]
    Unreachable(String),
    /// PostgreSQL did not answer in time.
    #[error("PostgreSQL did not answer in time")]
    Late,
    /// A row is not one that was written here.
    #[error("a row of {0} is damaged")]
    Damaged(&'static str),
    /// The thread that worked is gone.
    #[error("the work on the log was ended")]
    Ended,
}

impl LogError {
    /// Whether another attempt may succeed: it says nothing of what is kept.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Postgres(_) | Self::Unreachable(_) | Self::Late | Self::Ended)
    }
}

impl From<LogError> for Failure {
    fn from(error: LogError) -> Self {
        if error.is_passing() { Self::busy(error) } else { Self::bug(error) }
    }
}
