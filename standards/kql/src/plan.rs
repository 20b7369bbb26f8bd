//! What a query comes to once every name is resolved: a tree that one who answers it otherwise can read.
//!
//! Start with [`Rel`]. A scalar reads the columns of its relation's input by their places.

#![expect(missing_docs, reason = "the parts say what they are; those that do not are explained")]

pub(crate) mod depth;
pub(crate) mod needed;

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    ArithmeticOp, Column, CompareOp, ExternalData, ExternalError, KqlError, ListTest, LogicOp, TextTest, Type, Value,
};

/// A bound query: its columns, and how to get them.
#[derive(Debug)]
pub struct Plan {
    pub(crate) root: Rel,
    /// Tables that are read more than once, or within values.
    pub(crate) shared: Vec<Rel>,
    pub(crate) unsupported: Option<KqlError>,
    pub(crate) needs_rows: bool,
}

impl Plan {
    /// The columns of the answer.
    pub fn columns(&self) -> &[Column] {
        &self.root.columns
    }

    /// The tables and functions of the caller that are read.
    pub fn tables(&self) -> std::collections::BTreeSet<&str> {
        let mut found = std::collections::BTreeSet::new();
        self.shared.iter().chain([&self.root]).for_each(|rel| depth::tables(rel, &mut found));
        found
    }

    /// Of each table of the caller, whether anybody looks at each of its columns.
    pub fn looked_at(&self) -> BTreeMap<&str, Vec<bool>> {
        let mut needed = needed::Needed::default();
        let mut found = BTreeMap::new();
        for rel in self.shared.iter().chain([&self.root]) {
            needed.note(rel);
            needed.of_tables(rel, &mut found);
        }
        found
    }

    /// What is read from outside, each once.
    pub fn external_data(&self) -> Result<Vec<ExternalData>, ExternalError> {
        let mut found = Vec::new();
        self.shared.iter().chain([&self.root]).for_each(|rel| depth::external_data(rel, &mut found));
        let mut read: Vec<ExternalData> = Vec::new();
        for (arguments, columns) in found {
            let one = ExternalData::of(arguments, columns)?;
            if !read.contains(&one) {
                read.push(one);
            }
        }
        Ok(read)
    }

    /// Whether this cannot be run only because columns depend on rows: [`crate::Script::bind_over`] finds them.
    pub fn needs_rows(&self) -> bool {
        self.needs_rows
    }

    /// The first part that cannot be run, if there is one: something that Signet does not do, or a literal that is no
    /// value of its type.
    pub fn unsupported(&self) -> Option<&KqlError> {
        self.unsupported.as_ref()
    }
}

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

/// `make-graph`: edges between nodes, which a table may tell more of: first what tells a node, then its columns.
#[derive(Debug, Clone)]
pub struct Graph {
    pub edges: Rel,
    pub source: usize,
    pub target: usize,
    pub nodes: Option<Rel>,
    /// The columns of a node.
    pub columns: Vec<Column>,
    /// Those of them that tell a node.
    pub ids: Vec<usize>,
    /// The column that holds the number of the part of the graph that a node is in.
    pub component: Option<usize>,
}

/// `graph-match`: a row for each way to find the pattern.
#[derive(Debug, Clone)]
pub struct Match {
    pub graph: Graph,
    /// How many nodes the pattern has.
    pub nodes: usize,
    /// For each edge of the pattern whether it is a chain of any number.
    pub many: Vec<bool>,
    pub hops: Vec<Hop>,
    pub walk: Walk,
    pub condition: Option<Scalar>,
    pub columns: Vec<Scalar>,
}

/// An edge of a pattern between two of its nodes.
#[derive(Debug, Clone)]
pub struct Hop {
    pub from: usize,
    pub to: usize,
    /// It may go the other way.
    pub either: bool,
    /// It is written from its end: `<-[ ]-`.
    pub leftward: bool,
    /// How many edges stand for it.
    pub range: (usize, usize),
}

/// What may come again in a match, and which matches count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Walk {
    EachEdgeOnce,
    EachNodeOnce,
    Any,
    Shortest,
    AllShortest,
}

#[derive(Debug, Clone)]
pub struct Aggregate {
    pub name: &'static str,
    pub args: Vec<Scalar>,
    /// Only rows for which this holds.
    pub filter: Option<Scalar>,
    /// How many columns it gives.
    pub width: usize,
}

#[derive(Debug, Clone)]
pub struct Scalar {
    pub kind: Kind,
    pub ty: Type,
}

#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Kind {
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
    Call(Called, Vec<Scalar>),
    /// Condition, value, …, else.
    Case(Vec<Scalar>),
    Coalesce(Vec<Scalar>),
    Convert(Box<Scalar>),
    /// The first cell of a shared table.
    Cell(usize),
    Now,
    /// For each element of an array, which is a row of its own.
    Each(Each, Box<Scalar>, Box<Scalar>),
    /// Another value each time.
    Random(Random),
    /// The second argument as an error where the first does not hold.
    Assert(Box<Scalar>, Arc<str>),
    /// What is known of the place of an address.
    Place(Box<Scalar>),
    /// `row_number`, `prev`, `next` and their kin.
    Window(&'static str, Vec<Scalar>),
}

/// What is made of the values of a scalar for each element of an array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Each {
    Map,
    All,
    Any,
}

/// What kind of value is asked for.
#[derive(Debug, Clone)]
pub enum Random {
    /// From 0 up to 1.
    Real,
    /// A whole number below this.
    Below(Box<Scalar>),
    Guid,
}

/// A function over values.
#[derive(Clone, Copy)]
pub struct Called {
    pub name: &'static str,
    pub run: fn(&[Value]) -> Value,
}

impl std::fmt::Debug for Called {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
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
    pub fn parts(&self) -> Vec<&Scalar> {
        match &self.kind {
            Kind::Constant(_) | Kind::Column(_) | Kind::Outer(..) | Kind::Cell(_) | Kind::Now => Vec::new(),
            Kind::Random(Random::Below(a)) | Kind::Assert(a, _) | Kind::Place(a) | Kind::Each(_, a, _) => vec![a],
            Kind::Random(_) => Vec::new(),
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

    /// The same, to be replaced.
    pub fn parts_mut(&mut self) -> Vec<&mut Scalar> {
        match &mut self.kind {
            Kind::Constant(_) | Kind::Column(_) | Kind::Outer(..) | Kind::Cell(_) | Kind::Now => Vec::new(),
            Kind::Member(a, _) | Kind::Not(a) | Kind::Negate(a) | Kind::Convert(a) | Kind::Among(_, a, _) => vec![a],
            Kind::Element(a, b) | Kind::Arithmetic(_, a, b) | Kind::Compare(_, a, b) | Kind::Text(_, a, b) => {
                vec![a, b]
            }
            Kind::Random(Random::Below(a)) | Kind::Assert(a, _) | Kind::Place(a) | Kind::Each(_, a, _) => vec![a],
            Kind::Random(_) => Vec::new(),
            Kind::Logic(_, parts)
            | Kind::Call(_, parts)
            | Kind::Case(parts)
            | Kind::Coalesce(parts)
            | Kind::Window(_, parts) => parts.iter_mut().collect(),
            Kind::List(_, a, parts) => std::iter::once(&mut **a).chain(parts).collect(),
            Kind::Between(_, parts) => parts.iter_mut().collect(),
        }
    }

    /// How many scalars this is made of, and how many stand above one another.
    pub(crate) fn measure(&self) -> (usize, usize) {
        let parts = self.parts().into_iter().map(Scalar::measure);
        let (size, height) = parts.fold((0, 0), |(size, height), part| (size + part.0, height.max(part.1)));
        (size + 1, height + 1)
    }

    /// Whether this is the same for every row.
    pub fn is_constant(&self) -> bool {
        !matches!(self.kind, Kind::Random(_))
            && self.stands_alone_itself()
            && self.parts().iter().all(|part| part.is_constant())
    }

    /// Whether this reads no row.
    pub(crate) fn stands_alone(&self) -> bool {
        self.stands_alone_itself() && self.parts().iter().all(|part| part.stands_alone())
    }

    fn stands_alone_itself(&self) -> bool {
        !matches!(self.kind, Kind::Column(_) | Kind::Outer(..) | Kind::Window(..))
    }

    pub(crate) fn looks_around(&self) -> bool {
        matches!(self.kind, Kind::Window(..)) || self.parts().iter().any(|part| part.looks_around())
    }
}
