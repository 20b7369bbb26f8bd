//! Rows, and the operators that give them.

#![expect(missing_docs, reason = "the parts say what they are; those that do not are explained")]

use std::sync::Arc;

use super::{Aggregate, Graph, Match, Scalar};
use crate::{Column, Type, Value};

/// Rows.
#[derive(Debug, Clone)]
pub struct Rel {
    pub op: RelOp,
    pub columns: Vec<Column>,
    /// Whether there may be more columns than are known.
    pub open: bool,
}

#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum RelOp {
    /// A table of the caller; arguments where it is a function.
    Scan(String, Vec<Value>),
    Rows(Vec<Vec<Scalar>>),
    Range(Box<[Scalar; 3]>),
    Shared(usize),
    /// What flows into a sub-query: the rows that the operator around it hands in.
    Input,
    Filter(Box<Rel>, Scalar),
    Project(Box<Rel>, Vec<Scalar>),
    /// As `Project`, with functions that look at other rows.
    Window(Box<Rel>, Vec<Scalar>),
    Summarize {
        input: Box<Rel>,
        by: Vec<Scalar>,
        aggregates: Vec<Aggregate>,
    },
    Join {
        left: Box<Rel>,
        right: Box<Rel>,
        kind: JoinKind,
        on: Vec<(usize, usize)>,
        kept: Vec<usize>,
    },
    /// Inputs, and for each output column where it comes from.
    Union(Vec<(Rel, Vec<Origin>)>),
    Sort(Box<Rel>, Vec<Order>),
    Top(Box<Rel>, Scalar, Vec<Order>),
    Take(Box<Rel>, Scalar),
    Count(Box<Rel>),
    Expand(Box<Expand>),
    Apply(Box<Apply>),
    Parse(Box<Parse>),
    Partition {
        input: Box<Rel>,
        by: usize,
        body: Box<Rel>,
    },
    Series(Box<Series>),
    Schema(Vec<Column>),
    Steps(Box<Steps>),
    Nested(Box<Nested>),
    Plugin(Box<Plugin>),
    /// What only graph operators read.
    Graph(Box<Graph>),
    /// Its nodes, or its edges; with the numbers of nodes that are asked for.
    GraphTable(Box<Graph>, bool, Vec<bool>),
    Match(Box<Match>),
    /// Bound, and not run.
    Missing,
}

#[derive(Debug, Clone)]
pub enum Origin {
    Column(usize),
    Constant(Value),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinKind {
    InnerUnique,
    Inner,
    LeftOuter,
    RightOuter,
    FullOuter,
    LeftAnti,
    RightAnti,
    LeftSemi,
    RightSemi,
}

#[derive(Debug, Clone)]
pub struct Order {
    pub key: Scalar,
    pub ascending: bool,
    pub nulls_first: bool,
}

/// `mv-expand`: which values, and into which columns of the output.
#[derive(Debug, Clone)]
pub struct Expand {
    pub input: Rel,
    pub values: Vec<(Scalar, usize, Type)>,
    pub index: Option<usize>,
    pub limit: Option<Scalar>,
    pub as_arrays: bool,
}

/// `mv-apply`: the values become a small table per row, which flows through the body.
#[derive(Debug, Clone)]
pub struct Apply {
    pub input: Rel,
    pub values: Vec<(Scalar, Type)>,
    pub index: bool,
    pub limit: Option<Scalar>,
    pub body: Rel,
    /// The output: columns of the outer row, then of the body.
    pub outer: Vec<usize>,
    pub inner: Vec<usize>,
}

#[derive(Debug, Clone)]
pub struct Parse {
    pub input: Rel,
    pub value: Scalar,
    /// A regular expression with one group for each column.
    pub pattern: Arc<str>,
    /// For each group the output column and its type.
    pub into: Vec<(usize, Type)>,
    pub filters: bool,
    /// A group that does not convert makes the row not match.
    pub strict: bool,
}

/// `make-series`.
#[derive(Debug, Clone)]
pub struct Series {
    pub input: Rel,
    pub by: Vec<Scalar>,
    pub aggregates: Vec<(Aggregate, Scalar)>,
    pub on: Scalar,
    pub from: Option<Scalar>,
    pub to: Option<Scalar>,
    pub step: Scalar,
    /// A row comes out even where none goes in.
    pub always: bool,
}

/// `scan`: steps that rows match one after another.
///
/// Conditions and values read a row of: the input's columns; the declared ones, as they are at first; then for each
/// step the input's and the declared columns as they were when it last matched.
#[derive(Debug, Clone)]
pub struct Steps {
    pub input: Rel,
    /// What the declared columns are where no step sets them.
    pub defaults: Vec<Scalar>,
    pub steps: Vec<StepOf>,
    /// Whether the number of the match comes out as a last column.
    pub numbered: bool,
}

#[derive(Debug, Clone)]
pub struct StepOf {
    pub output: StepOutput,
    pub condition: Scalar,
    /// For each declared column what it is set to, if it is.
    pub sets: Vec<Option<Scalar>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepOutput {
    All,
    Last,
    None,
}

/// `top-nested`: each level's values within those of the level before.
#[derive(Debug, Clone)]
pub struct Nested {
    pub input: Rel,
    pub levels: Vec<NestedLevel>,
}

#[derive(Debug, Clone)]
pub struct NestedLevel {
    pub count: Option<Scalar>,
    pub of: Scalar,
    /// What stands for all values that are left out, if they are wanted.
    pub others: Option<Scalar>,
    pub aggregate: Aggregate,
    pub ascending: bool,
}

/// `evaluate`, and operators that need all rows at once.
#[derive(Debug, Clone)]
pub struct Plugin {
    pub name: &'static str,
    pub input: Rel,
    pub table: Option<Rel>,
    /// Arguments that read the row.
    pub cells: Vec<Scalar>,
    /// Arguments that read a row of the table.
    pub table_cells: Vec<Scalar>,
    /// The others.
    pub constants: Vec<Scalar>,
}
