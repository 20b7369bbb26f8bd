//! Questions in KQL over the logs of one tenant, in the shape of Azure Monitor Logs.
//!
//! Words: a *workspace* is what a tenant's logs are called there; its id is the tenant's. An *answer* is columns and
//! rows. A *read* of the logs is itself a row of `LAQueryLogs`, whether it was answered or refused.
//!
//! Invariants:
//! - nothing of the logs is told before it is on record that it was asked for;
//! - 11: a query sees the tables of its caller's tenant and nothing else; every source is opened for that tenant;
//! - what a query takes of time, rows and memory is bounded, and so is how many a tenant runs at once ([`QueryLimits`]);
//! - it runs on a thread of its own and opens no connection: no query holds up a token. What `externaldata` reads is had
//!   before, from addresses that the operator lists ([`ExternalSources`]).
//!
//! Queries are answered by columns where somebody does ([`AnswersByColumns`]), else row by row over the record.
//!
//! Start with [`LogQueries`], then [`ask`](LogQueries::ask), then `http`. Absent: tables of other workspaces, plugins.

mod answer;
mod ask;
mod catalog;
mod columns;
mod external;
mod http;
mod inventory;
mod limits;
mod refusal;
mod saved;
mod source;
mod timespan;

pub use answer::{Answer, Statistics};
pub use ask::{Asked, LogQueries, Question};
pub use catalog::catalog;
pub use columns::{AnswersByColumns, ColumnQuery, Ran};
pub use external::{ExternalSources, SourceRefused, WrongPrefix};
pub use http::routes;
pub use limits::QueryLimits;
pub use refusal::QueryRefused;
pub use saved::{LOG_FUNCTION, LogFunction, LogFunctions, WATCHLIST, Watchlist, Watchlists};
pub use timespan::{TimespanError, Window};
