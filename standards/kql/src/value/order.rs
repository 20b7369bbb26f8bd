use std::cmp::Ordering;

use super::{Value, as_decimal, as_real, to_text, write_json};

/// The order of two values; none where they cannot be compared or one is null.
pub(crate) fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Null, _) | (_, Value::Null) => None,
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::Long(a), Value::Long(b))
        | (Value::DateTime(a), Value::DateTime(b))
        | (Value::TimeSpan(a), Value::TimeSpan(b)) => Some(a.cmp(b)),
        (Value::Long(_) | Value::Real(_), Value::Long(_) | Value::Real(_)) => {
            as_real(left)?.partial_cmp(&as_real(right)?)
        }
        (Value::Decimal(_), Value::Decimal(_) | Value::Long(_) | Value::Real(_))
        | (Value::Long(_) | Value::Real(_), Value::Decimal(_)) => match (as_decimal(left), as_decimal(right)) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            _ => as_real(left)?.partial_cmp(&as_real(right)?),
        },
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (Value::Guid(a), Value::Guid(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

/// Whether two values are equal; none where one is null. Values of different types are compared as text.
pub(crate) fn equal(left: &Value, right: &Value) -> Option<bool> {
    if left.is_null() || right.is_null() {
        return None;
    }
    if let Some(order) = compare(left, right) {
        return Some(order == Ordering::Equal);
    }
    match (left, right) {
        (Value::Real(_), Value::Real(_) | Value::Long(_)) | (Value::Long(_), Value::Real(_)) => Some(false),
        (Value::Bool(_), Value::Long(_) | Value::Real(_) | Value::Decimal(_))
        | (Value::Long(_) | Value::Real(_) | Value::Decimal(_), Value::Bool(_)) => {
            Some(as_real(left) == as_real(right))
        }
        (Value::DateTime(_) | Value::TimeSpan(_) | Value::Guid(_), Value::String(text)) => {
            Some(converted(text, left).is_some_and(|right| equal(left, &right) == Some(true)))
        }
        (Value::String(_), Value::DateTime(_) | Value::TimeSpan(_) | Value::Guid(_)) => equal(right, left),
        (Value::String(text), Value::Long(_) | Value::Real(_) | Value::Decimal(_))
        | (Value::Long(_) | Value::Real(_) | Value::Decimal(_), Value::String(text)) => {
            let number = if matches!(left, Value::String(_)) { right } else { left };
            Some(**text == *to_text(number))
        }
        (Value::String(text), Value::Bool(flag)) | (Value::Bool(flag), Value::String(text)) => {
            Some(text.eq_ignore_ascii_case(if *flag { "true" } else { "false" }))
        }
        _ => Some(to_text(left) == to_text(right)),
    }
}

fn converted(text: &str, like: &Value) -> Option<Value> {
    let ty = match like {
        Value::DateTime(_) => crate::Type::DateTime,
        Value::TimeSpan(_) => crate::Type::TimeSpan,
        _ => crate::Type::Guid,
    };
    Some(super::convert(&Value::text(text), ty)).filter(|value| !value.is_null())
}

/// Bytes that are equal for equal values: what rows are grouped and joined by.
pub(crate) fn key(value: &Value, out: &mut Vec<u8>) {
    let tagged = |out: &mut Vec<u8>, tag: u8, bytes: &[u8]| {
        out.push(tag);
        out.extend_from_slice(&u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_le_bytes());
        out.extend_from_slice(bytes);
    };
    match value {
        Value::Null => out.push(0),
        Value::Bool(value) => tagged(out, 1, &[u8::from(*value)]),
        Value::Long(value) => tagged(out, 2, &value.to_le_bytes()),
        Value::Real(real) => match super::as_long_exact(*real).filter(|whole| *whole as f64 == *real) {
            Some(whole) => tagged(out, 2, &whole.to_le_bytes()),
            None => tagged(out, 3, &real.to_bits().to_le_bytes()),
        },
        Value::Decimal(number) => match i64::try_from(number.truncated()) {
            Ok(whole) if super::Decimal::from(whole) == *number => tagged(out, 2, &whole.to_le_bytes()),
            _ => tagged(out, 9, number.to_string().as_bytes()),
        },
        Value::String(text) => tagged(out, 4, text.as_bytes()),
        Value::DateTime(ticks) => tagged(out, 5, &ticks.to_le_bytes()),
        Value::TimeSpan(ticks) => tagged(out, 6, &ticks.to_le_bytes()),
        Value::Guid(guid) => tagged(out, 7, &guid.to_le_bytes()),
        Value::Array(_) | Value::Bag(_) => {
            let mut text = String::new();
            write_json(value, &mut text);
            tagged(out, 8, text.as_bytes());
        }
    }
}
