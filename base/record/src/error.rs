//! Why the record could not be opened or written.

use rusqlite::ErrorCode;
use signet_kernel::Failure;
use tokio_postgres::error::{Severity, SqlState};

/// Why a record was not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// A right was taken away since the decision was made: decide again.
    #[error("the revocation counter has moved since the decision; decide again")]
    Moved,
    /// What may be used once was used before.
    #[error("what may be used once was used before")]
    Used,
    /// More waits for the disk than may wait.
    #[error("the record's queue is full; try again in a moment")]
    Full,
    /// The record has been shut down.
    #[error("the record is shut down")]
    Stopped,
    /// There is no room on the disk.
    #[error("the disk that holds the record is full; make room")]
    DiskFull,
    /// The database refuses; the log says why.
    #[error("the record cannot be written; the log says why")]
    Unwritable,
}

impl From<AppendError> for Failure {
    fn from(error: AppendError) -> Self {
        Failure::busy(error)
    }
}

/// Why the record could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory cannot be made or used.
    #[error("the record's directory cannot be used: {0}")]
    Directory(#[from] std::io::Error),
    /// SQLite refuses the file.
    #[error("the record's database cannot be opened: {0}")]
    Database(#[from] rusqlite::Error),
    /// The file was written by a newer version.
    #[error("the record has schema {found}, this version knows {known}; run the newer version")]
    Newer {
        /// The schema of the file.
        found: i64,
        /// The newest schema this version knows.
        known: i64,
    },
    /// The tables are missing, or were made by an older version.
    #[error(
        "the record's tables have schema {found}, this version needs {known}; run `signet database migrate` as the role that owns them"
    )]
    Older {
        /// The schema of the tables; 0 if there are none.
        found: i64,
        /// The schema that this version needs.
        known: i64,
    },
    /// What the record says of itself does not make sense.
    #[error("the record is damaged: {0}; run the verification to learn where")]
    Damaged(String),
    /// PostgreSQL cannot be reached now; it may be soon.
    #[error("the record's tables cannot be reached: {0}")]
    Unreachable(String),
    /// PostgreSQL refuses.
    #[error("the record's tables cannot be used: {0}")]
    Postgres(String),
}

impl From<StorageError> for OpenError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Newer { found, known } => Self::Newer { found, known },
            StorageError::Older { found, known } => Self::Older { found, known },
            StorageError::Unreachable(_) | StorageError::Late => Self::Unreachable(error.to_string()),
            StorageError::Postgres(ref said) if !is_said(said) => Self::Unreachable(error.to_string()),
            error => Self::Postgres(error.to_string()),
        }
    }
}

/// Whether the server said that what it was asked failed. Otherwise nothing was heard, or the connection ends, and it is
/// open what became of a COMMIT.
pub(crate) fn is_said(error: &tokio_postgres::Error) -> bool {
    let ends = |severity| matches!(severity, Some(Severity::Fatal | Severity::Panic));
    error.as_db_error().is_some_and(|said| !ends(said.parsed_severity()))
}

/// What the server said, or why nothing was heard from it: the driver's own text says neither.
pub(crate) fn said_by(error: &tokio_postgres::Error) -> String {
    let Some(said) = error.as_db_error() else {
        let why = std::error::Error::source(error);
        return why.map_or_else(|| error.to_string(), |why| format!("{error}: {why}"));
    };
    let advice = match *said.code() {
        SqlState::INSUFFICIENT_PRIVILEGE => "; grant the role what docs/operations/postgresql.md lists",
        _ => "",
    };
    format!("{}{advice}", said.message())
}

/// Why a storage did not do its part.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StorageError {
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    #[error("what is stored is not JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("PostgreSQL: {}", said_by(.0))]
    Postgres(#[from] tokio_postgres::Error),
    #[error("PostgreSQL cannot be reached: {0}")]
    Unreachable(String),
    #[error("PostgreSQL did not answer in time")]
    Late,
    #[error("another node made the same checkpoint first")]
    Taken,
    #[error("what became of the commit cannot be learnt")]
    Unknown,
    #[error("the database holds less than this writer has written")]
    Lost,
    #[error("this writer was ended")]
    Ended,
    #[error("the record's tables have schema {found}, this version knows {known}; run the newer version")]
    Newer { found: i64, known: i64 },
    #[error("the record's tables have schema {found}, this version needs {known}; run `signet database migrate`")]
    Older { found: i64, known: i64 },
}

impl StorageError {
    /// Whether writing failed as such, and would for any other record.
    pub(crate) fn is_general(&self) -> bool {
        matches!(
            self,
            Self::Sqlite(rusqlite::Error::SqliteFailure(..))
                | Self::Postgres(_)
                | Self::Unreachable(_)
                | Self::Late
                | Self::Unknown
                | Self::Newer { .. }
                | Self::Older { .. }
        )
    }
}

/// What a refusal of the database means for the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// No room: may pass.
    Full,
    /// Reading or writing failed: nobody knows what the disk holds, so the process must end.
    Io,
    /// Anything else: may pass.
    Other,
}

impl Trouble {
    pub(crate) fn of(error: &StorageError) -> Self {
        if let StorageError::Postgres(error) = error
            && error.code() == Some(&SqlState::DISK_FULL)
        {
            return Self::Full;
        }
        let StorageError::Sqlite(rusqlite::Error::SqliteFailure(failure, _)) = error else { return Self::Other };
        match failure.code {
            ErrorCode::DiskFull => Self::Full,
            // Growing the shared index of the log fails this way when the disk is full; nothing was written yet.
            ErrorCode::SystemIoFailure if failure.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE => Self::Full,
            ErrorCode::SystemIoFailure => Self::Io,
            _ => Self::Other,
        }
    }

    pub(crate) fn answer(self) -> AppendError {
        match self {
            Self::Full => AppendError::DiskFull,
            Self::Io | Self::Other => AppendError::Unwritable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::ffi;

    #[test]
    fn a_failed_sync_is_io_and_a_full_disk_is_not() {
        let trouble = |code| Trouble::of(&rusqlite::Error::SqliteFailure(ffi::Error::new(code), None).into());
        assert_eq!(trouble(ffi::SQLITE_IOERR_FSYNC), Trouble::Io);
        assert_eq!(trouble(ffi::SQLITE_IOERR_WRITE), Trouble::Io);
        assert_eq!(trouble(ffi::SQLITE_FULL), Trouble::Full);
        assert_eq!(trouble(ffi::SQLITE_IOERR_SHMSIZE), Trouble::Full);
        assert_eq!(trouble(ffi::SQLITE_BUSY), Trouble::Other);
    }
}
