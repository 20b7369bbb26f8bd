//! Filters seen as the few shapes that most of them have, over objects of which nothing is declared.
//!
//! For lists that search by themselves and need to see the conditions. Whoever can declare a
//! [`Shape`](crate::Shape) uses [`Predicate`] and its constraints.

use super::FilterError;
use super::expr::{Choices, Expr, Function, MemberPath, Operator, Root, Step};
use super::predicate::Predicate;
use crate::constant::Constant;
use crate::row::Node;
use crate::scalar::Scalar;
use crate::shape::Undeclared;
use crate::{temporal, text};
use serde_json::{Map, Value};
use signet_kernel::Timestamp;
use std::cmp::Ordering;

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
    /// Anything else, as text.
    Text(String),
}

/// A condition on an object.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// Both hold.
    And(Box<Filter>, Box<Filter>),
    /// A property compares so with a literal.
    Compare {
        /// The path to the property: `status`, `errorCode`.
        property: Vec<String>,
        /// How.
        comparison: Comparison,
        /// With what.
        literal: Literal,
    },
    /// Anything else.
    Other(Box<Predicate>),
}

impl Filter {
    /// Reads a filter.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        lowered(Expr::parse(text)?)
    }

    /// Whether it holds for an object. Where it has no value, as after a division by zero, it does not.
    pub fn matches(&self, object: &Map<String, Value>) -> bool {
        match self {
            Self::And(left, right) => left.matches(object) && right.matches(object),
            Self::Compare { property, comparison, literal } => {
                let mut names = property.iter();
                let first = names.next().and_then(|name| object.get(name)).map_or(Node::Null, Node::Value);
                compare(&names.fold(first, |node, name| node.get(name)).scalar(None), *comparison, literal)
            }
            // INVARIANT: `now()` was refused, so no moment is asked for.
            Self::Other(predicate) => predicate.matches(object, Timestamp::default()).unwrap_or(false),
        }
    }

    /// The first name of each property that it reads: what an object must have for it to mean anything.
    pub fn properties(&self) -> Vec<&str> {
        match self {
            Self::And(left, right) => left.properties().into_iter().chain(right.properties()).collect(),
            Self::Compare { property, .. } => property.first().map(String::as_str).into_iter().collect(),
            Self::Other(predicate) => {
                let members = predicate.members().iter().map(String::as_str);
                members.filter(|member| !member.starts_with('@')).collect()
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

fn lowered(expr: Expr) -> Result<Filter, FilterError> {
    if let Expr::And(parts) = expr {
        let mut filters = parts.into_iter().map(lowered);
        let first = filters.next().unwrap_or(Err(FilterError::TooLong))?;
        return filters.try_fold(first, |left, right| Ok(Filter::And(Box::new(left), Box::new(right?))));
    }
    if let Some((property, comparison, literal)) = simple(&expr) {
        return Ok(Filter::Compare { property, comparison, literal });
    }
    if matches!(expr, Expr::Path(_)) {
        return Err(FilterError::Type { part: expr.to_string(), expected: "a comparison" });
    }
    if asks_the_time(&expr) {
        return Err(FilterError::NoClock);
    }
    Predicate::new(expr, &Undeclared).map(|predicate| Filter::Other(Box::new(predicate)))
}

fn simple(expr: &Expr) -> Option<(Vec<String>, Comparison, Literal)> {
    let (operator, left, right) = match expr {
        Expr::Binary(operator, left, right) => (Some(*operator), &**left, &**right),
        Expr::Call(Function::StartsWith, arguments) => match arguments.as_slice() {
            [left, right] => (None, left, right),
            _ => return None,
        },
        _ => return None,
    };
    let comparison = match operator {
        None => Comparison::StartsWith,
        Some(Operator::Equal) => Comparison::Equal,
        Some(Operator::NotEqual) => Comparison::NotEqual,
        Some(Operator::Greater) => Comparison::Greater,
        Some(Operator::GreaterOrEqual) => Comparison::GreaterOrEqual,
        Some(Operator::Less) => Comparison::Less,
        Some(Operator::LessOrEqual) => Comparison::LessOrEqual,
        Some(_) => return None,
    };
    let (Expr::Path(path), Expr::Constant(constant)) = (left, right) else { return None };
    Some((member_names(path)?, comparison, literal(constant)))
}

fn member_names(path: &MemberPath) -> Option<Vec<String>> {
    let name = |step: &Step| if let Step::Member(name) = step { Some(name.clone()) } else { None };
    if path.root != Root::It || path.steps.is_empty() { None } else { path.steps.iter().map(name).collect() }
}

fn literal(constant: &Constant) -> Literal {
    match constant {
        Constant::Null => Literal::Null,
        Constant::Boolean(value) => Literal::Boolean(*value),
        Constant::Integer(value) => Literal::Number(*value as f64),
        Constant::Number(value) => Literal::Number(*value),
        other => Literal::Text(other.as_text().map_or_else(|| other.to_string(), str::to_owned)),
    }
}

fn asks_the_time(expr: &Expr) -> bool {
    match expr {
        Expr::Constant(_) | Expr::Path(_) | Expr::IsOf(..) => false,
        Expr::Lambda(lambda) => lambda.condition.as_ref().is_some_and(|(_, condition)| asks_the_time(condition)),
        Expr::And(parts) | Expr::Or(parts) => parts.iter().any(asks_the_time),
        Expr::Not(inner) | Expr::Negative(inner) | Expr::Cast(inner, _) => asks_the_time(inner),
        Expr::Binary(_, left, right) => asks_the_time(left) || asks_the_time(right),
        Expr::In(item, Choices::Listed(_) | Choices::Collection(_)) => asks_the_time(item),
        Expr::Call(function, arguments) => *function == Function::Now || arguments.iter().any(asks_the_time),
    }
}

fn compare(value: &Scalar<'_>, comparison: Comparison, literal: &Literal) -> bool {
    let order = match (value, literal) {
        (Scalar::Text(value), Literal::Text(prefix)) if comparison == Comparison::StartsWith => {
            return text::starts_with(value, prefix);
        }
        (Scalar::Null, Literal::Null) => Some(Ordering::Equal),
        (Scalar::Boolean(value), Literal::Boolean(literal)) => Some(value.cmp(literal)),
        (Scalar::Text(value), Literal::Text(literal)) => Some(text_order(value, literal)),
        (value, Literal::Number(literal)) => value.order(&Scalar::Number(*literal)),
        _ => None,
    };
    match comparison {
        Comparison::Equal => order == Some(Ordering::Equal),
        Comparison::NotEqual => order != Some(Ordering::Equal),
        Comparison::Greater => order == Some(Ordering::Greater),
        Comparison::GreaterOrEqual => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        Comparison::Less => order == Some(Ordering::Less),
        Comparison::LessOrEqual => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        Comparison::StartsWith => false,
    }
}

/// Moments compare as moments, everything else without regard to case.
fn text_order(value: &str, literal: &str) -> Ordering {
    match (temporal::moment(value), temporal::moment(literal)) {
        (Some(value), Some(literal)) => value.cmp(&literal),
        _ => text::order(value, literal),
    }
}
