//! Why a query is not answered.

use crate::external::SourceRefused;
use crate::timespan::TimespanError;
use signet_kernel::Failure;
use signet_kql::{KqlError, Position, RunError, Span};

/// Why a query is not answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryRefused {
    /// The text is no query, or not over tables and columns that exist.
    #[error("{}", .error.problem)]
    Query {
        /// What is wrong.
        error: Box<KqlError>,
        /// Where in the text that was sent.
        position: Position,
        /// What stands there.
        token: String,
    },
    /// The stretch of time cannot be read.
    #[error(transparent)]
    Timespan(#[from] TimespanError),
    /// It took too long, or too much memory, or a table could not be read.
    #[error(transparent)]
    Run(#[from] RunError),
    /// There is no such list.
    #[error("there is no watchlist `{0}`: make it with POST /security/watchlists")]
    NoWatchlist(String),
    /// It reads what may not be read.
    #[error(transparent)]
    Source(#[from] SourceRefused),
    /// The tenant runs as many queries as it may.
    #[error("{0} queries of this tenant are running: wait until one has ended")]
    AtOnce(usize),
    /// We failed.
    #[error("{}", .0.message)]
    Failed(#[from] Failure),
}

impl QueryRefused {
    /// A refusal of a part of the text that was sent, before which so much more was read. What is wrong there is a
    /// function's own: it is said to be at the beginning.
    pub(crate) fn of(mut error: KqlError, before: usize, sent: &str) -> Self {
        let within = |at: usize| at.saturating_sub(before).min(sent.len());
        error.span = Span { start: within(error.span.start), end: within(error.span.end) };
        let position = error.position(sent);
        let token = sent.get(error.span.start..error.span.end).unwrap_or_default();
        let token = token.lines().next().unwrap_or_default().chars().take(120).collect();
        Self::Query { error: Box::new(error), position, token }
    }

    /// Whether the text itself cannot be read; else names in it do not exist, or do not fit.
    pub(crate) fn is_syntax(error: &KqlError) -> bool {
        matches!(error.code(), "character" | "unclosed" | "expected" | "literal" | "unknown-operator" | "no-query")
    }
}
