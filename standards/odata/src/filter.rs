//! `$filter`: comparisons of properties with literals, joined by `and`, `or`, `not` and parentheses.

mod evaluate;
mod lexer;
mod parser;

/// Why a filter is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// What stands at this position was not expected.
    #[error("`$filter` cannot be read at position {position}: expected {expected}")]
    Unexpected {
        /// In characters.
        position: usize,
        /// What could stand there.
        expected: &'static str,
    },
    /// Nested too deep.
    #[error("`$filter` is nested too deep")]
    TooDeep,
    /// More comparisons than [`Filter::MAX_CONDITIONS`].
    #[error("`$filter` holds too many conditions")]
    TooLong,
}

/// How a property is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `eq`
    Equal,
    /// `ne`
    NotEqual,
    /// `gt`
    Greater,
    /// `ge`
    GreaterOrEqual,
    /// `lt`
    Less,
    /// `le`
    LessOrEqual,
    /// `startswith(property,'…')`
    StartsWith,
}

/// A value in a filter.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `null`
    Null,
    /// `true`, `false`
    Boolean(bool),
    /// A number.
    Number(f64),
    /// A string in quotes, or a GUID or a moment without.
    Text(String),
}

/// A condition on an object.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// Both hold.
    And(Box<Filter>, Box<Filter>),
    /// One holds.
    Or(Box<Filter>, Box<Filter>),
    /// It does not hold.
    Not(Box<Filter>),
    /// A property compares so with a literal.
    Compare {
        /// The path to the property: `status`, `errorCode`.
        property: Vec<String>,
        /// How.
        comparison: Comparison,
        /// With what.
        literal: Literal,
    },
    /// A property equals one of these.
    In {
        /// The path to the property.
        property: Vec<String>,
        /// The values.
        literals: Vec<Literal>,
    },
}

impl Filter {
    /// The most comparisons in one filter.
    pub const MAX_CONDITIONS: usize = 200;

    /// Reads a filter.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        parser::parse(text)
    }

    /// Whether it holds for an object.
    pub fn matches(&self, object: &serde_json::Map<String, serde_json::Value>) -> bool {
        evaluate::matches(self, object)
    }

    /// The first name of each property that it compares: what an object must have for it to mean anything.
    pub fn properties(&self) -> Vec<&str> {
        match self {
            Self::And(left, right) | Self::Or(left, right) => {
                left.properties().into_iter().chain(right.properties()).collect()
            }
            Self::Not(inner) => inner.properties(),
            Self::Compare { property, .. } | Self::In { property, .. } => {
                property.first().map(String::as_str).into_iter().collect()
            }
        }
    }

    /// The conditions that all have to hold: the parts of a conjunction, or the filter itself.
    pub fn conjuncts(&self) -> Vec<&Filter> {
        match self {
            Self::And(left, right) => left.conjuncts().into_iter().chain(right.conjuncts()).collect(),
            other => vec![other],
        }
    }
}
