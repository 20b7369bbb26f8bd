use super::{Decimal, Value, format_datetime, format_timespan, parse_datetime, parse_timespan, write_json};
use crate::Type;

/// A whole number that this is, or that it is cut to.
pub(crate) fn as_long(value: &Value) -> Option<i64> {
    match value {
        Value::Long(value) => Some(*value),
        Value::Bool(value) => Some(i64::from(*value)),
        Value::Real(value) => cut(*value),
        Value::Decimal(value) => i64::try_from(value.truncated()).ok(),
        Value::DateTime(ticks) | Value::TimeSpan(ticks) => Some(*ticks),
        Value::String(text) => long_of(text),
        _ => None,
    }
}

/// A whole number of half the size that this is: a number wraps, a real stops at the ends, a text is one or is none.
fn as_int(value: &Value) -> Option<i64> {
    let number = as_long(value)?;
    let short = i32::try_from(number);
    match (value, short) {
        (_, Ok(short)) => Some(i64::from(short)),
        (Value::Real(_), Err(_)) => Some(i64::from(if number < 0 { i32::MIN } else { i32::MAX })),
        (Value::Long(_) | Value::DateTime(_) | Value::TimeSpan(_), Err(_)) => Some(i64::from(wrapped(number))),
        _ => None,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the upper half is dropped on purpose")]
fn wrapped(number: i64) -> i32 {
    number as i32
}

/// A real cut to a whole number; one that is too great is the greatest that there is.
#[expect(clippy::cast_possible_truncation, reason = "the conversion stops at the ends")]
fn cut(value: f64) -> Option<i64> {
    (!value.is_nan()).then_some(value as i64)
}

fn long_of(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return u64::from_str_radix(hex, 16).ok().map(u64::cast_signed);
    }
    text.parse().ok()
}

/// The whole number that a real is, where one holds it.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
pub(crate) fn as_long_exact(value: f64) -> Option<i64> {
    (value.is_finite() && (-9.3e18..9.2e18).contains(&value)).then_some(value as i64)
}

/// A real number that this is.
pub(crate) fn as_real(value: &Value) -> Option<f64> {
    match value {
        Value::Real(value) => Some(*value),
        Value::Long(value) => Some(*value as f64),
        Value::Decimal(value) => Some(value.to_real()),
        Value::Bool(value) => Some(f64::from(u8::from(*value))),
        Value::DateTime(ticks) | Value::TimeSpan(ticks) => Some(*ticks as f64),
        Value::String(text) => match text.trim() {
            "NaN" | "nan" => Some(f64::NAN),
            "inf" | "+inf" | "Infinity" => Some(f64::INFINITY),
            "-inf" | "-Infinity" => Some(f64::NEG_INFINITY),
            text => text.parse().ok().filter(|real: &f64| real.is_finite()),
        },
        _ => None,
    }
}

/// A decimal number that this is.
pub(crate) fn as_decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::Decimal(value) => Some(*value),
        Value::Long(value) => Some(Decimal::from(*value)),
        Value::Real(value) => Decimal::from_real(*value),
        Value::Bool(value) => Some(Decimal::from(i64::from(*value))),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn as_bool(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::Long(value) => Some(*value != 0),
        Value::Real(value) => Some(*value != 0.0),
        Value::Decimal(value) => Some(*value != Decimal::from(0)),
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            text => text.parse::<i64>().ok().map(|number| number != 0),
        },
        _ => None,
    }
}

fn as_guid(value: &Value) -> Option<u128> {
    match value {
        Value::Guid(guid) => Some(*guid),
        Value::String(text) => {
            let text = text.trim().trim_matches(['{', '}', '(', ')']);
            let digits: String = text.chars().filter(|c| *c != '-').collect();
            let plain = digits.len() == 32 && digits.bytes().all(|c| c.is_ascii_hexdigit());
            plain.then(|| u128::from_str_radix(&digits, 16).ok()).flatten()
        }
        _ => None,
    }
}

/// The value as one of this type; null where it is none.
pub(crate) fn convert(value: &Value, ty: Type) -> Value {
    match ty {
        Type::Dynamic => value.clone(),
        Type::String => Value::text(to_text(value)),
        Type::Bool => as_bool(value).into(),
        Type::Int => as_int(value).into(),
        Type::Long => as_long(value).into(),
        Type::Real => as_real(value).into(),
        Type::Decimal => as_decimal(value).map_or(Value::Null, Value::Decimal),
        Type::DateTime => match value {
            Value::DateTime(_) => value.clone(),
            Value::Long(ticks) => Value::DateTime(*ticks),
            Value::String(text) => parse_datetime(text).map_or(Value::Null, Value::DateTime),
            _ => Value::Null,
        },
        Type::TimeSpan => match value {
            Value::TimeSpan(_) => value.clone(),
            Value::Long(ticks) | Value::DateTime(ticks) => Value::TimeSpan(*ticks),
            Value::Real(ticks) => cut(*ticks).map_or(Value::Null, Value::TimeSpan),
            Value::Bool(flag) => Value::TimeSpan(i64::from(*flag)),
            Value::String(text) if text.trim().parse::<i64>().is_ok() => Value::Null,
            Value::String(text) => parse_timespan(text).map_or(Value::Null, Value::TimeSpan),
            _ => Value::Null,
        },
        Type::Guid => as_guid(value).map_or(Value::Null, Value::Guid),
    }
}

/// What `tostring( )` gives.
pub(crate) fn to_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(value) => value.to_string(),
        Value::Long(value) => value.to_string(),
        Value::Real(value) => real_text(*value),
        Value::Decimal(value) => value.to_string(),
        Value::String(text) => text.to_string(),
        Value::DateTime(ticks) => format_datetime(*ticks),
        Value::TimeSpan(ticks) => format_timespan(*ticks),
        Value::Guid(guid) => {
            let hex = format!("{guid:032x}");
            let parts = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)];
            parts.map(|(from, to)| hex.get(from..to).unwrap_or("")).join("-")
        }
        Value::Array(_) | Value::Bag(_) => {
            let mut text = String::new();
            write_json(value, &mut text);
            text
        }
    }
}

pub(crate) fn real_text(value: f64) -> String {
    if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "∞".to_owned() } else { "-∞".to_owned() }
    } else if value == value.trunc() && value.abs() < 1e15 {
        format!("{value:.0}")
    } else {
        value.to_string()
    }
}
