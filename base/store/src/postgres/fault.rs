//! What the driver's errors mean.

use crate::backend::BackendError;
use tokio_postgres::Error;
use tokio_postgres::error::{Severity, SqlState};

/// The driver's error as the front knows it.
#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
pub(super) fn engine(error: Error) -> BackendError {
    let Some(said) = error.as_db_error() else {
        let reason =
            std::error::Error::source(&error).map_or_else(|| error.to_string(), |source| format!("{error}: {source}"));
        return BackendError::Unreachable(reason);
    };
    let state = said.code();
    let sentence = || match said.detail() {
        Some(detail) => format!("{} ({detail})", said.message()),
        None => said.message().to_owned(),
    };
    match *state {
        SqlState::DISK_FULL | SqlState::OUT_OF_MEMORY => BackendError::Full,
        SqlState::QUERY_CANCELED | SqlState::LOCK_NOT_AVAILABLE | SqlState::TOO_MANY_CONNECTIONS => BackendError::Busy,
        SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED => BackendError::Interrupted(sentence()),
        SqlState::INSUFFICIENT_PRIVILEGE => BackendError::Rights(sentence()),
        SqlState::INVALID_PASSWORD | SqlState::INVALID_AUTHORIZATION_SPECIFICATION | SqlState::INVALID_CATALOG_NAME => {
            BackendError::Rights(sentence())
        }
        SqlState::READ_ONLY_SQL_TRANSACTION => BackendError::Unreachable(sentence()),
        _ if state.code().starts_with("08") || state.code().starts_with("57P") => BackendError::Unreachable(sentence()),
        _ if ends_connection(said.parsed_severity()) => BackendError::Unreachable(sentence()),
        _ => BackendError::Engine(format!("{} [{}]", sentence(), state.code())),
    }
}

/// Why steps came to no answer.
#[derive(Debug)]
pub(super) enum Broken {
    /// The driver or the server says so.
    Failed(Error),
    /// Nothing was heard in time.
    Late,
}

impl Broken {
    /// Whether the server said that the statement, and with it the transaction, failed. Anything else leaves
    /// open what became of a COMMIT on its way.
    pub(super) fn is_definite(&self) -> bool {
        match self {
            Self::Failed(error) => error.as_db_error().is_some_and(|said| !ends_connection(said.parsed_severity())),
            Self::Late => false,
        }
    }

    /// Whether another transaction holds a unique key.
    pub(super) fn is_taken(&self) -> bool {
        matches!(self, Self::Failed(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION))
    }
}

impl From<Broken> for BackendError {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Failed(error) => engine(error),
            Broken::Late => Self::Unreachable("the database did not answer in time".to_owned()),
        }
    }
}

fn ends_connection(severity: Option<Severity>) -> bool {
    matches!(severity, Some(Severity::Fatal | Severity::Panic))
}
