//! What a query comes to once every name is resolved.

pub(crate) mod depth;

use std::sync::Arc;

use crate::{ArithmeticOp, Column, CompareOp, KqlError, ListTest, LogicOp, TextTest, Type, Value, functions::Run};

/// A bound query: its columns, and how to get them.
#[derive(Debug)]
pub struct Plan {
    pub(crate) root: Rel,
    /// Tables that are read more than once, or within values.
    pub(crate) shared: Vec<Rel>,
    pub(crate) unsupported: Option<KqlError>,
}

impl Plan {
    /// The columns of the answer.
    pub fn columns(&self) -> &[Column] {
        &self.root.columns
    }

    /// The first part that cannot be run, if there is one.
    pub fn unsupported(&self) -> Option<&KqlError> {
        self.unsupported.as_ref()
    }
}

/// Rows.
#[derive(Debug, Clone)]
pub(crate) struct Rel {
    pub(crate) op: RelOp,
    pub(crate) columns: Vec<Column>,
    /// Whether there may be more columns than are known.
    pub(crate) open: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum RelOp {
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
    /// Bound, and not run.
    Missing,
}

#[derive(Debug, Clone)]
pub(crate) enum Origin {
    Column(usize),
    Constant(Value),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JoinKind {
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
pub(crate) struct Order {
    pub(crate) key: Scalar,
    pub(crate) ascending: bool,
    pub(crate) nulls_first: bool,
}

/// `mv-expand`: which values, and into which columns of the output.
#[derive(Debug, Clone)]
pub(crate) struct Expand {
    pub(crate) input: Rel,
    pub(crate) values: Vec<(Scalar, usize, Type)>,
    pub(crate) index: Option<usize>,
    pub(crate) limit: Option<Scalar>,
    pub(crate) as_arrays: bool,
}

/// `mv-apply`: the values become a small table per row, which flows through the body.
#[derive(Debug, Clone)]
pub(crate) struct Apply {
    pub(crate) input: Rel,
    pub(crate) values: Vec<(Scalar, Type)>,
    pub(crate) index: bool,
    pub(crate) limit: Option<Scalar>,
    pub(crate) body: Rel,
    /// The output: columns of the outer row, then of the body.
    pub(crate) outer: Vec<usize>,
    pub(crate) inner: Vec<usize>,
}

#[derive(Debug, Clone)]
pub(crate) struct Parse {
    pub(crate) input: Rel,
    pub(crate) value: Scalar,
    /// A regular expression with one group for each column.
    pub(crate) pattern: Arc<str>,
    /// For each group the output column and its type.
    pub(crate) into: Vec<(usize, Type)>,
    pub(crate) filters: bool,
    /// A group that does not convert makes the row not match.
    pub(crate) strict: bool,
}

/// `make-series`.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    pub(crate) input: Rel,
    pub(crate) by: Vec<Scalar>,
    pub(crate) aggregates: Vec<(Aggregate, Scalar)>,
    pub(crate) on: Scalar,
    pub(crate) from: Option<Scalar>,
    pub(crate) to: Option<Scalar>,
    pub(crate) step: Scalar,
    /// A row comes out even where none goes in.
    pub(crate) always: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Aggregate {
    pub(crate) name: &'static str,
    pub(crate) args: Vec<Scalar>,
    /// Only rows for which this holds.
    pub(crate) filter: Option<Scalar>,
    /// How many columns it gives.
    pub(crate) width: usize,
}

#[derive(Debug, Clone)]
pub(crate) struct Scalar {
    pub(crate) kind: Kind,
    pub(crate) ty: Type,
}

#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Constant(Value),
    Column(usize),
    /// A column of the row around a sub-query, so many levels out.
    Outer(usize, usize),
    Member(Box<Scalar>, Arc<str>),
    Element(Box<Scalar>, Box<Scalar>),
    Logic(LogicOp, Vec<Scalar>),
    Not(Box<Scalar>),
    Negate(Box<Scalar>),
    Arithmetic(ArithmeticOp, Box<Scalar>, Box<Scalar>),
    Compare(CompareOp, Box<Scalar>, Box<Scalar>),
    Text(TextTest, Box<Scalar>, Box<Scalar>),
    List(ListTest, Box<Scalar>, Vec<Scalar>),
    /// Against the first column of a shared table.
    Among(ListTest, Box<Scalar>, usize),
    Between(bool, Box<[Scalar; 3]>),
    Call(Run, Vec<Scalar>),
    /// Condition, value, …, else.
    Case(Vec<Scalar>),
    Coalesce(Vec<Scalar>),
    Convert(Box<Scalar>),
    /// The first cell of a shared table.
    Cell(usize),
    Now,
    /// `row_number`, `prev`, `next`.
    Window(&'static str, Vec<Scalar>),
}

impl Scalar {
    pub(crate) fn new(kind: Kind, ty: Type) -> Self {
        Self { kind, ty }
    }

    pub(crate) fn constant(value: Value, ty: Type) -> Self {
        Self { kind: Kind::Constant(value), ty }
    }

    pub(crate) fn column(index: usize, ty: Type) -> Self {
        Self { kind: Kind::Column(index), ty }
    }

    /// The scalars of which this is made.
    pub(crate) fn parts(&self) -> Vec<&Scalar> {
        match &self.kind {
            Kind::Constant(_) | Kind::Column(_) | Kind::Outer(..) | Kind::Cell(_) | Kind::Now => Vec::new(),
            Kind::Member(a, _) | Kind::Not(a) | Kind::Negate(a) | Kind::Convert(a) | Kind::Among(_, a, _) => vec![a],
            Kind::Element(a, b) | Kind::Arithmetic(_, a, b) | Kind::Compare(_, a, b) | Kind::Text(_, a, b) => {
                vec![a, b]
            }
            Kind::Logic(_, parts) | Kind::Call(_, parts) | Kind::Case(parts) | Kind::Coalesce(parts) => {
                parts.iter().collect()
            }
            Kind::Window(_, parts) => parts.iter().collect(),
            Kind::List(_, a, parts) => std::iter::once(&**a).chain(parts).collect(),
            Kind::Between(_, parts) => parts.iter().collect(),
        }
    }

    /// How many scalars this is made of, and how many stand above one another.
    pub(crate) fn measure(&self) -> (usize, usize) {
        let parts = self.parts().into_iter().map(Scalar::measure);
        let (size, height) = parts.fold((0, 0), |(size, height), part| (size + part.0, height.max(part.1)));
        (size + 1, height + 1)
    }

    /// Whether this is the same for every row.
    pub(crate) fn is_constant(&self) -> bool {
        !matches!(self.kind, Kind::Column(_) | Kind::Outer(..) | Kind::Window(..))
            && self.parts().iter().all(|part| part.is_constant())
    }

    pub(crate) fn looks_around(&self) -> bool {
        matches!(self.kind, Kind::Window(..)) || self.parts().iter().any(|part| part.looks_around())
    }
}
