//! What the caller of a plan gives: tables, the time, limits, and how long it waits.

use crate::{Column, KqlError, Value, plan::Rel};

/// A row: a value for each column.
pub type Row = Vec<Value>;

/// Rows that a source gives.
pub type SourceRows<'r> = Box<dyn Iterator<Item = Result<Row, RunError>> + 'r>;

/// Where the caller's tables are read.
pub trait Tables {
    /// The rows of a table, or of a function of the caller with these arguments: a value of each column's type, in
    /// the order of the columns.
    fn rows(&self, table: &str, arguments: &[Value], columns: &[Column]) -> Result<SourceRows<'_>, RunError>;

    /// What is known of the place of an address: a bag with `country`, `state`, `city`, `latitude` and `longitude`. Only
    /// asked for where [`crate::Catalog::places`] is set.
    fn place(&self, address: std::net::IpAddr) -> Option<Value> {
        let _ = address;
        None
    }

    /// The rows of a part of a plan, from one who has a better way to them than operator by operator; none where it
    /// has not. Asked for the whole plan first, and for what lies below an operator when there was no answer for it.
    fn answer(&self, part: Part<'_>) -> Option<Result<SourceRows<'_>, RunError>> {
        let _ = part;
        None
    }
}

/// A part of a plan that is asked for.
#[derive(Clone, Copy)]
pub struct Part<'p> {
    /// Its operators.
    pub rel: &'p Rel,
    /// Whether each of its columns is looked at; what stands in the others does not matter. None: all are.
    pub needed: Option<&'p [bool]>,
    /// The tables that the plan reads more than once.
    pub shared: SharedTables<'p>,
}

/// Gives the rows of a table that a plan reads more than once, by its number.
pub type SharedTables<'x> = &'x dyn Fn(usize) -> Result<Vec<Row>, RunError>;

/// How long a query may go on: asked again and again while it runs.
pub trait Patience {
    /// Whether to go on.
    fn goes_on(&self) -> bool;
}

/// What a query may use.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Rows of the answer.
    pub rows: usize,
    /// Bytes held at once, about.
    pub memory: usize,
}

/// Everything that is not in the plan.
#[derive(Clone, Copy)]
pub struct Environment<'r> {
    /// The tables.
    pub tables: &'r dyn Tables,
    /// When it is, in hundreds of nanoseconds since the year 1. What is random begins with this too.
    pub now: i64,
    /// What may be used.
    pub limits: Limits,
    /// How long it may take.
    pub patience: &'r dyn Patience,
}

/// Why a query stopped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// A part of the language that is bound and not run.
    #[error("{}", .0.problem)]
    Unsupported(KqlError),
    /// The answer is longer than allowed.
    #[error("the answer has more than {0} rows: narrow the query, or end it with `take`")]
    Rows(usize),
    /// More is held at once than allowed.
    #[error("the query holds more than {0} bytes at once: narrow it by time, or group by less")]
    Memory(usize),
    /// It took longer than allowed.
    #[error("the query took longer than allowed: narrow it by time")]
    Time,
    /// What `assert( )` says where its condition does not hold.
    #[error("{0}")]
    Assertion(String),
    /// The query was refused while it ran: what it is bound to depends on rows.
    #[error("{}", .0.problem)]
    Refused(KqlError),
    /// A table could not be read.
    #[error("`{table}` could not be read: {why}")]
    Source {
        /// The table.
        table: String,
        /// Why.
        why: String,
    },
}
