//! The tree that a text is read into.

mod expr;
mod graph;
mod operator;
mod span;

pub use expr::{
    Arg, ArithmeticOp, CompareOp, Expr, ExprKind, ListMatch, ListTest, Literal, LogicOp, Name, TextMatch, TextTest,
    TypeSpec, UnaryOp,
};
pub use graph::{Direction, GraphMatch, MakeGraph, PatternEdge, PatternPart};
pub use operator::{
    Branch, ColumnDecl, Expansion, Find, FoundColumn, MakeSeries, Operator, Ordered, Parameter, ParsePart,
    PartitionBody, RenderProperty, RowSchema, Scan, ScanColumn, ScanStep, SeriesAggregate, SortKey, Step,
    TopNestedLevel,
};
pub use span::{Position, Span};

/// A whole text: statements, of which the last query is the answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Script {
    /// In the order written.
    pub statements: Vec<Statement>,
}

/// One statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Statement {
    /// `let name = value`.
    Let {
        /// What is defined.
        name: Name,
        /// A scalar, a table or a function.
        value: Expr,
    },
    /// `set option = value`: a wish about how to run.
    Set {
        /// The option.
        name: Name,
        /// Its value, where given.
        value: Option<Expr>,
    },
    /// `declare query_parameters(name:type = default, …)`.
    Parameters(Vec<FunctionParameter>),
    /// A query.
    Query(Expr),
}

/// A source and the operators it flows through.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// Where rows come from.
    pub source: Expr,
    /// In order.
    pub steps: Vec<Step>,
}

/// A parameter of a function.
#[derive(Debug, Clone, PartialEq)]
pub struct FunctionParameter {
    /// Its name.
    pub name: Name,
    /// The scalar type written, if it is scalar.
    pub scalar: Option<Name>,
    /// The columns written, if it is a table; empty means any.
    pub columns: Vec<ColumnDecl>,
    /// What it is when not given.
    pub default: Option<Expr>,
}

/// A body in braces.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// `view`: a name with `*` in it can mean this too.
    pub view: bool,
    /// In order.
    pub parameters: Vec<FunctionParameter>,
    /// Statements, of which the last is the result.
    pub body: Script,
}
