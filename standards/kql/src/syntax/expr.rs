use super::{Function, Operator, Query, Span};

/// A name as written, brackets and quotes removed.
#[derive(Debug, Clone, PartialEq)]
pub struct Name {
    /// The name.
    pub text: String,
    /// Where.
    pub span: Span,
}

/// An expression and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where.
    pub span: Span,
}

/// An argument, perhaps named.
#[derive(Debug, Clone, PartialEq)]
pub struct Arg {
    /// `names = value`; several in `(a, b) = value`.
    pub names: Vec<Name>,
    /// The value.
    pub value: Expr,
}

/// A literal; text forms keep what was written.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// Text, unescaped.
    String(String),
    /// A whole number as written.
    Long(String),
    /// A number with point or exponent as written.
    Real(String),
    /// A duration as written.
    Timespan(String),
    /// `true` or `false`.
    Bool(bool),
    /// `type(text)`: datetime, guid, dynamic, int, …
    Typed {
        /// The type's name in lower case.
        type_name: String,
        /// What stands between the parentheses.
        text: String,
    },
}

/// What an expression is.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// A constant.
    Literal(Literal),
    /// A name.
    Name(Name),
    /// `*`, or a name with `*` in it.
    Star(String),
    /// `value.name`.
    Path(Box<Expr>, Name),
    /// `value[index]`.
    Index(Box<Expr>, Box<Expr>),
    /// `name(arguments)`.
    Call(Name, Vec<Arg>),
    /// `object.name(arguments)`.
    Method(Box<Expr>, Name, Vec<Arg>),
    /// `-value`, `+value`.
    Negate(Box<Expr>),
    /// `left op right`.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `value in (list)` and its kin; the operator's text is as written.
    In(String, Box<Expr>, Vec<Expr>),
    /// `value between (low .. high)`.
    Between(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `typeof(type)`.
    TypeOf(String),
    /// A query inside an expression.
    Query(Box<Query>),
    /// An operator that begins a query.
    Source(Box<Operator>),
    /// `(parameters) { body }`.
    Function(Box<Function>),
}

/// Operators between two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum BinaryOp {
    Or,
    And,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    /// Comparisons and text operators: the answer is a bool.
    Test,
}
