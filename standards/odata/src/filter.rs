//! `$filter`: from text to an expression, from an expression to a predicate that decides about objects.

mod check;
mod evaluate;
mod expr;
mod function;
mod lexer;
mod narrow;
mod parser;
mod plan;
mod predicate;
mod print;

pub use evaluate::EvaluationError;
pub use expr::{Choices, Expr, Function, Lambda, MemberPath, Operator, Root, Step};
pub use narrow::{Condition, Constraint};
pub use predicate::{Predicate, Relation};

pub(crate) use parser::parse_list;
pub(crate) use predicate::Computation;

/// Why a filter is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// What stands at this position was not expected.
    #[error("cannot be read at position {position}, `{found}`: expected {expected}")]
    Unexpected {
        /// In characters, from 0.
        position: usize,
        /// What stands there.
        found: String,
        /// What could stand there.
        expected: &'static str,
    },
    /// Nested too deep.
    #[error("the expression is nested too deep")]
    TooDeep,
    /// Too many parts, or too many characters.
    #[error("the expression is too long")]
    TooLong,
    /// Too many values after `in`.
    #[error("a list after `in` holds too many values")]
    TooManyValues,
    /// A name that the resource does not have.
    #[error("there is no property `{0}` here")]
    UnknownProperty(String),
    /// A property that expressions may not name.
    #[error("`{0}` cannot be filtered or ordered by")]
    NotFilterable(String),
    /// A type that is none, or none that objects here can have.
    #[error("`{0}` is not a type that objects here can have")]
    UnknownType(String),
    /// A part that yields something of another type than its place takes.
    #[error("`{part}` does not fit: expected {expected}")]
    Type {
        /// The part.
        part: String,
        /// What its place takes.
        expected: &'static str,
    },
    /// Two sides of different types.
    #[error("`{left}` and `{right}` are of types that do not go together")]
    Mismatch {
        /// One.
        left: String,
        /// The other.
        right: String,
    },
}

impl Expr {
    /// Reads an expression.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        parser::parse(text)
    }
}
