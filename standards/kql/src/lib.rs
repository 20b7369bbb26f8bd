//! The Kusto query language: text in; a tree with spans, the columns that come out, and the rows.
//!
//! Start with [`Script::parse`], then [`Script::bind`] against the tables that exist ([`Catalog`]), then [`Plan::run`]
//! over their rows ([`Tables`]). A [`Script`] is statements; a query is a source and the [`Step`]s it flows through.
//!
//! Words: a *step* is one operator in a pipe; a *parameter* is `name=value` after an operator's name; a *glob* is a
//! column name with `*` in it ([`ExprKind::Star`]); a *row* is a value for each column.
//!
//! Invariants: nothing panics, whatever the text; every span lies in the text, on character boundaries; texts, nesting
//! and what functions unfold to are bounded, and what goes beyond is refused. A query reads the tables of its catalog and
//! nothing else: other workspaces and clusters are refused, and `externaldata` reads what the catalog allows. The time of
//! `now( )`, with which `rand( )` begins too, is handed in. What a query holds, gives and takes is limited by the caller
//! ([`Environment`]).
//!
//! `bag_unpack` and `pivot` make columns of rows: [`Script::bind_over`] reads those rows while it binds. Without them the
//! table stays open and [`Plan::needs_rows`] says so.
//!
//! Choices where the language leaves one: `sample` takes the first rows, `take_any` the first that is not empty, sets and
//! groups keep the order in which they came, `dcount`, `top-hitters`, `hll` and small digests are exact, percentiles are of
//! the values themselves.
//!
//! Absent: management commands (`.show`), `fork` and `facet` (an answer is one table), plugins that call
//! out or cluster (`python`, `sql_request`, `autocluster`, `basket`, `diffpatterns`), `hash_many` and `hash_combine` (how
//! the reference mixes hashes is not said), who asks (`current_principal( )`). What the language has and this crate has
//! not is refused with [`Problem::Unsupported`], never skipped: [`Plan::unsupported`].

mod bind;
mod error;
mod external;
mod functions;
mod glob;
mod lexer;
mod nearest;
mod parser;
pub mod plan;
mod run;
mod syntax;
mod types;
mod value;

pub use bind::{Catalog, TableFunction};
pub use external::{ExternalData, ExternalError};
pub use plan::Plan;
pub use run::{
    Answer, Environment, Evaluator, Gathering, Limits, Part, Patience, Row, RunError, SharedTables, SourceRows, Tables,
};
pub use types::{Column, Type};
pub use value::{Decimal, NotDecimal, Value};

pub use error::{KqlError, Problem};
pub(crate) use nearest::nearest;
pub use syntax::{
    Arg, ArithmeticOp, Branch, ColumnDecl, CompareOp, Direction, Expansion, Expr, ExprKind, Find, FoundColumn,
    Function, FunctionParameter, GraphMatch, ListMatch, ListTest, Literal, LogicOp, MakeGraph, MakeSeries, Name,
    Operator, Ordered, Parameter, ParsePart, PartitionBody, PatternEdge, PatternPart, Position, Query, RenderProperty,
    RowSchema, Scan, ScanColumn, ScanStep, Script, SeriesAggregate, SortKey, Span, Statement, Step, TextMatch,
    TextTest, TopNestedLevel, TypeSpec, UnaryOp,
};
