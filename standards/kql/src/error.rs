//! What can be wrong with a query, and where.

use crate::Span;

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
    /// A function that does not exist.
    #[error("there is no function `{name}`{}", hint(suggestion))]
    UnknownFunction {
        /// As written.
        name: String,
        /// The nearest one that exists.
        suggestion: Option<String>,
    },
    /// A value stands where a table is needed.
    #[error("a table is needed here, and this is a value")]
    NotATable,
    /// The query nests deeper than allowed.
    #[error("the query nests too deeply")]
    TooDeep,
    /// The text is longer than allowed.
    #[error("the query is longer than {0} bytes")]
    TooLong(usize),
}

fn hint(suggestion: &Option<String>) -> String {
    suggestion.as_ref().map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}
