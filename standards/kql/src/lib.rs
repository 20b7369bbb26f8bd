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
//! Absent: execution, management commands (`.show`), graph operators; `find` is recognised and its operands are kept
//! as a span only.

mod error;
mod lexer;
mod nearest;
mod parser;
mod syntax;

pub use error::{KqlError, Problem};
pub(crate) use nearest::nearest;
pub use syntax::{
    Arg, BinaryOp, ColumnDecl, Expr, ExprKind, Function, FunctionParameter, Literal, Name, Operator, Parameter,
    ParsePart, Query, Script, SortKey, Span, Statement, Step,
};
