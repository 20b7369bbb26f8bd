//! Whether a filter holds. A comparison with something absent or of another type does not hold, except `eq null`.

use super::{Comparison, Filter, Literal};
use serde_json::{Map, Value};
use signet_kernel::Timestamp;
use std::cmp::Ordering;

pub(super) fn matches(filter: &Filter, object: &Map<String, Value>) -> bool {
    match filter {
        Filter::And(left, right) => matches(left, object) && matches(right, object),
        Filter::Or(left, right) => matches(left, object) || matches(right, object),
        Filter::Not(inner) => !matches(inner, object),
        Filter::Compare { property, comparison, literal } => compare(find(object, property), *comparison, literal),
        Filter::In { property, literals } => {
            let value = find(object, property);
            literals.iter().any(|literal| compare(value, Comparison::Equal, literal))
        }
    }
}

fn find<'o>(object: &'o Map<String, Value>, path: &[String]) -> &'o Value {
    let mut names = path.iter();
    let first = names.next().and_then(|name| object.get(name)).unwrap_or(&Value::Null);
    names.fold(first, |value, name| value.get(name).unwrap_or(&Value::Null))
}

fn compare(value: &Value, comparison: Comparison, literal: &Literal) -> bool {
    if comparison == Comparison::StartsWith {
        return match (value, literal) {
            (Value::String(text), Literal::Text(prefix)) => text.to_lowercase().starts_with(&prefix.to_lowercase()),
            _ => false,
        };
    }
    let order = order(value, literal);
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

fn order(value: &Value, literal: &Literal) -> Option<Ordering> {
    match (value, literal) {
        (Value::Null, Literal::Null) => Some(Ordering::Equal),
        (Value::Bool(value), Literal::Boolean(literal)) => Some(value.cmp(literal)),
        (Value::Number(value), Literal::Number(literal)) => value.as_f64()?.partial_cmp(literal),
        (Value::String(value), Literal::Text(literal)) => Some(text_order(value, literal)),
        _ => None,
    }
}

/// Moments compare as moments, everything else without regard to case.
fn text_order(value: &str, literal: &str) -> Ordering {
    match (value.parse::<Timestamp>(), literal.parse::<Timestamp>()) {
        (Ok(value), Ok(literal)) => value.cmp(&literal),
        _ => value.to_lowercase().cmp(&literal.to_lowercase()),
    }
}
