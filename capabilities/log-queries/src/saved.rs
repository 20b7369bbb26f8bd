//! What a tenant keeps for its queries: functions, and lists to compare with.
//!
//! Both are objects of the directory. Before a query runs, the functions that it names are written in front of it, and
//! each `_GetWatchlist('name')` becomes a table of its own, in as many characters, so that positions stay true.

mod csv;
mod expand;
mod function;
mod http;
mod watchlist;
mod words;

pub(crate) use expand::{Expanded, expand};
pub use function::LogFunction;
pub use http::{LOG_FUNCTION, LogFunctions, WATCHLIST, Watchlists};
pub use watchlist::Watchlist;
