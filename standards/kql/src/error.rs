//! What can be wrong with a query, and where.

use crate::{Position, Span};

/// A refusal: what is wrong, and the part of the text that it is about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem} (at {span})")]
pub struct KqlError {
    /// What is wrong.
    pub problem: Problem,
    /// Where in the text.
    pub span: Span,
}

impl KqlError {
    pub(crate) fn new(problem: Problem, span: Span) -> Self {
        Self { problem, span }
    }

    pub(crate) fn unsupported(what: impl Into<String>, span: Span) -> Self {
        Self::new(Problem::Unsupported(what.into()), span)
    }

    /// Where this is in the text that was read.
    pub fn position(&self, text: &str) -> Position {
        self.span.position(text)
    }

    /// A word for programs; never changes.
    pub fn code(&self) -> &'static str {
        self.problem.code()
    }
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// A character that begins nothing.
    #[error("the character `{0}` has no meaning here")]
    Character(char),
    /// A literal that does not end.
    #[error("{0} is not closed")]
    Unclosed(&'static str),
    /// A literal whose text is no value of its type.
    #[error("`{text}` is no {type_name}")]
    Literal {
        /// The type.
        type_name: &'static str,
        /// As written.
        text: String,
    },
    /// Another token was needed.
    #[error("expected {expected}, found {found}")]
    Expected {
        /// What could stand here.
        expected: &'static str,
        /// What stands here.
        found: String,
    },
    /// A tabular operator that the language does not have.
    #[error("`{name}` is no operator{}", hint(suggestion))]
    UnknownOperator {
        /// As written.
        name: String,
        /// The nearest one that exists.
        suggestion: Option<String>,
    },
    /// A name that nothing in reach has.
    #[error("nothing here is called `{name}`{}", hint(suggestion))]
    UnknownName {
        /// As written.
        name: String,
        /// The nearest one that exists.
        suggestion: Option<String>,
    },
    /// A table that does not exist.
    #[error("there is no table `{name}`{}", hint(suggestion))]
    UnknownTable {
        /// As written.
        name: String,
        /// The nearest one that exists.
        suggestion: Option<String>,
    },
    /// A function that does not exist.
    #[error("there is no function `{name}`{}", hint(suggestion))]
    UnknownFunction {
        /// As written.
        name: String,
        /// The nearest one that exists.
        suggestion: Option<String>,
    },
    /// A type that does not exist.
    #[error("there is no type `{name}`{}", hint(suggestion))]
    UnknownType {
        /// As written.
        name: String,
        /// The nearest one that exists.
        suggestion: Option<String>,
    },
    /// A column's name is used twice.
    #[error("the column `{0}` is already there: give this one another name")]
    DuplicateColumn(String),
    /// A function got too few or too many arguments.
    #[error("`{name}` takes {takes}, and {got} given")]
    Arguments {
        /// The function.
        name: String,
        /// What it takes.
        takes: String,
        /// What it got.
        got: String,
    },
    /// A value of another type was needed.
    #[error("a value of type {wanted} is needed, and this is {found}")]
    Type {
        /// What is needed.
        wanted: String,
        /// What stands here.
        found: String,
    },
    /// An operator has no meaning for these types.
    #[error("`{operator}` is not defined between {left} and {right}")]
    Operands {
        /// The operator.
        operator: &'static str,
        /// The type on the left.
        left: &'static str,
        /// The type on the right.
        right: &'static str,
    },
    /// An aggregate stands outside of `summarize` and its kin.
    #[error("`{0}` gathers rows: use it in `summarize`")]
    Aggregate(String),
    /// `summarize` was given something that gathers nothing.
    #[error("an aggregate such as `count()` is needed here")]
    NotAnAggregate,
    /// A value stands where a table is needed.
    #[error("a table is needed here, and this is a value")]
    NotATable,
    /// A table stands where a value is needed.
    #[error("a value is needed here, and this is a table: use `toscalar( )`")]
    NotAValue,
    /// Something that depends on a row stands where a constant is needed.
    #[error("a constant is needed here")]
    NotConstant,
    /// A column's name is needed.
    #[error("the name of a column is needed here")]
    NotAColumn,
    /// A parameter that is not one of those known.
    #[error("`{name}` cannot be `{value}`; it can be {allowed}")]
    Choice {
        /// The parameter.
        name: &'static str,
        /// As written.
        value: String,
        /// What it can be.
        allowed: &'static str,
    },
    /// A parameter or hint that the operator does not have.
    #[error("there is no parameter `{name}` here{}", hint(suggestion))]
    UnknownParameter {
        /// As written.
        name: String,
        /// The nearest one that exists.
        suggestion: Option<String>,
    },
    /// The text holds no query.
    #[error("there is no query here: the last statement must be one")]
    NoQuery,
    /// The language has it; Signet does not.
    #[error("not supported: {0}")]
    Unsupported(String),
    /// The query nests deeper than allowed.
    #[error("the query nests too deeply")]
    TooDeep,
    /// The query grows beyond what is allowed once its functions are unfolded.
    #[error("the query is too large")]
    TooLarge,
    /// The text is longer than allowed.
    #[error("the query is longer than {0} bytes")]
    TooLong(usize),
}

impl Problem {
    /// A word for programs; never changes.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Character(_) => "character",
            Self::Unclosed(_) => "unclosed",
            Self::Literal { .. } => "literal",
            Self::Expected { .. } => "expected",
            Self::UnknownOperator { .. } => "unknown-operator",
            Self::UnknownName { .. } => "unknown-name",
            Self::UnknownTable { .. } => "unknown-table",
            Self::UnknownFunction { .. } => "unknown-function",
            Self::UnknownType { .. } => "unknown-type",
            Self::DuplicateColumn(_) => "duplicate-column",
            Self::Arguments { .. } => "arguments",
            Self::Type { .. } => "type",
            Self::Operands { .. } => "operands",
            Self::Aggregate(_) => "aggregate",
            Self::NotAnAggregate => "not-an-aggregate",
            Self::NotATable => "not-a-table",
            Self::NotAValue => "not-a-value",
            Self::NotConstant => "not-constant",
            Self::NotAColumn => "not-a-column",
            Self::Choice { .. } => "choice",
            Self::UnknownParameter { .. } => "unknown-parameter",
            Self::NoQuery => "no-query",
            Self::Unsupported(_) => "not-supported",
            Self::TooDeep => "too-deep",
            Self::TooLarge => "too-large",
            Self::TooLong(_) => "too-long",
        }
    }
}

fn hint(suggestion: &Option<String>) -> String {
    suggestion.as_ref().map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}
