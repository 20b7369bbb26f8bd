//! The Kusto query language: text in, a tree with spans out.
//!
//! Start with [`Script::parse`]. A [`Script`] is statements; a query is a source and the [`Step`]s it flows through.
//!
//! Words: a *step* is one operator in a pipe; a *parameter* is `name=value` after an operator's name; a *glob* is a
//! column name with `*` in it ([`ExprKind::Star`]).
//!
//! Invariants: nothing panics, whatever the text; every span lies in the text, on character boundaries; texts and
//! nesting are bounded, and what goes beyond is refused.
//!
//! Absent: management commands (`.show`), graph operators, `find`. What the language has and this crate has not is
//! refused with [`Problem::Unsupported`], never skipped.

mod bind;
mod error;
mod functions;
mod lexer;
mod nearest;
mod parser;
mod plan;
mod run;
mod syntax;
mod types;
mod value;

pub use bind::{Catalog, TableFunction};
pub use plan::Plan;
pub use run::{Answer, Environment, Limits, Patience, Row, RunError, SourceRows, Tables};
pub use types::{Column, Type};
pub use value::Value;

pub use error::{KqlError, Problem};
pub(crate) use nearest::nearest;
pub use syntax::{
    Arg, ArithmeticOp, Branch, ColumnDecl, CompareOp, Expansion, Expr, ExprKind, Function, FunctionParameter,
    ListMatch, ListTest, Literal, LogicOp, MakeSeries, Name, Operator, Ordered, Parameter, ParsePart, PartitionBody,
    Position, Query, RenderProperty, RowSchema, Scan, ScanColumn, ScanStep, Script, SeriesAggregate, SortKey, Span,
    Statement, Step, TextMatch, TextTest, TopNestedLevel, TypeSpec, UnaryOp,
};
