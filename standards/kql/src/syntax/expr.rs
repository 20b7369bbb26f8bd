use super::{ColumnDecl, Function, Operator, Query, Span};

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
    Unary(UnaryOp, Box<Expr>),
    /// `a and b and c`, `a or b or c`: a chain is one node.
    Logic(LogicOp, Vec<Expr>),
    /// `left + right` and its kin.
    Arithmetic(ArithmeticOp, Box<Expr>, Box<Expr>),
    /// `left == right` and its kin.
    Compare(CompareOp, Box<Expr>, Box<Expr>),
    /// `left has right` and its kin.
    Text(TextTest, Box<Expr>, Box<Expr>),
    /// `value in (list)`, `value has_any (list)` and their kin.
    List(ListTest, Box<Expr>, Vec<Expr>),
    /// `value between (low .. high)`.
    Between {
        /// `!between`.
        negated: bool,
        /// What is tested.
        value: Box<Expr>,
        /// The lowest that passes.
        low: Box<Expr>,
        /// The highest that passes, or how far it is above the lowest.
        high: Box<Expr>,
    },
    /// `typeof(type)`.
    TypeOf(TypeSpec),
    /// A query inside an expression.
    Query(Box<Query>),
    /// An operator that begins a query.
    Source(Box<Operator>),
    /// `(parameters) { body }`.
    Function(Box<Function>),
}

/// What stands in `typeof( )`.
#[derive(Debug, Clone, PartialEq)]
pub enum TypeSpec {
    /// `typeof(string)`.
    Scalar(Name),
    /// `typeof(*, a:string)`.
    Table {
        /// Whether the input's columns come first.
        star: bool,
        /// The columns written.
        columns: Vec<ColumnDecl>,
    },
}

/// A sign before a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum UnaryOp {
    Plus,
    Minus,
}

/// How truth values are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum LogicOp {
    And,
    Or,
}

/// Operators that calculate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum ArithmeticOp {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

/// Operators that compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum CompareOp {
    Equal,
    NotEqual,
    /// `=~`: equal, whatever the case.
    Like,
    /// `!~`.
    NotLike,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A test of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextTest {
    /// What is looked for.
    pub what: TextMatch,
    /// `!has`.
    pub negated: bool,
    /// `has_cs`.
    pub cased: bool,
}

/// How a text is looked for in another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as the language names them")]
pub enum TextMatch {
    Has,
    HasPrefix,
    HasSuffix,
    Contains,
    StartsWith,
    EndsWith,
    /// `like`: `*` stands for anything.
    Like,
    /// `matches regex`.
    Regex,
}

/// A test of a value against a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListTest {
    /// What must hold.
    pub what: ListMatch,
    /// `!in`.
    pub negated: bool,
    /// `in`; not `in~`.
    pub cased: bool,
}

/// What must hold between a value and a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as the language names them")]
pub enum ListMatch {
    In,
    HasAny,
    HasAll,
}
