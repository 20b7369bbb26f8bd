//! Why a transfer ended early.

/// Why a transfer ended early. What was copied stays, and the next attempt goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The source cannot be read.
    #[error("the source cannot be read: {0}")]
    Source(#[from] rusqlite::Error),
    /// The target cannot be used.
    #[error("the target cannot be used: {}", in_full(.0))]
    Target(#[from] tokio_postgres::Error),
    /// A value of the source is not what its table says.
    #[error("a row of {table} cannot be read: {why}")]
    Row {
        /// The source's table.
        table: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// What was copied is not what was to be copied.
    #[error("{table} in the target is not what the source holds; begin again with an empty database")]
    Differs {
        /// The target's table.
        table: &'static str,
    },
}

/// The driver says only what kind of error it was; the server's sentence is the cause.
fn in_full(error: &tokio_postgres::Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}
