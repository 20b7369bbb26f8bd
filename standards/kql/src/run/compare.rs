//! Comparisons of two values.

use std::cmp::Ordering;

use super::text;
use crate::{
    CompareOp, ListMatch, ListTest, TextMatch, Value,
    value::{compare, equal, to_text},
};

pub(super) fn is_among(test: ListTest, value: &Value, needle: &Value) -> bool {
    match test.what {
        ListMatch::In if test.cased => equal(value, needle) == Some(true),
        ListMatch::In => !value.is_null() && to_text(value).to_lowercase() == to_text(needle).to_lowercase(),
        ListMatch::HasAny | ListMatch::HasAll => {
            let what = crate::TextTest { what: TextMatch::Has, negated: false, cased: false };
            text::test(what, value, needle)
        }
    }
}

/// Null against null is null; null is unlike every value.
pub(super) fn comparison(op: CompareOp, left: &Value, right: &Value) -> Value {
    let nulls = (left.is_null(), right.is_null());
    let order = || compare(left, right);
    match op {
        CompareOp::Equal | CompareOp::NotEqual => match nulls {
            (true, true) => Value::Null,
            (false, false) => Value::Bool((equal(left, right) == Some(true)) == (op == CompareOp::Equal)),
            _ => Value::Bool(op == CompareOp::NotEqual),
        },
        CompareOp::Like | CompareOp::NotLike => {
            let alike = to_text(left).to_lowercase() == to_text(right).to_lowercase();
            Value::Bool(alike == (op == CompareOp::Like))
        }
        _ if nulls.0 || nulls.1 => Value::Null,
        CompareOp::Less => Value::Bool(order() == Some(Ordering::Less)),
        CompareOp::LessOrEqual => Value::Bool(matches!(order(), Some(Ordering::Less | Ordering::Equal))),
        CompareOp::Greater => Value::Bool(order() == Some(Ordering::Greater)),
        CompareOp::GreaterOrEqual => Value::Bool(matches!(order(), Some(Ordering::Greater | Ordering::Equal))),
    }
}
