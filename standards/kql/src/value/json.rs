use std::{fmt::Write, sync::Arc};

use super::{Value, format_datetime, format_timespan};

/// The value of a text in JSON; a text that is no JSON stays a text.
pub(crate) fn parse_json(text: &str) -> Value {
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(value) => from(value),
        Err(_) if text.is_empty() => Value::Null,
        Err(_) => Value::text(text),
    }
}

fn from(value: serde_json::Value) -> Value {
    match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(value) => Value::Bool(value),
        serde_json::Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Value::Long(whole),
            (None, Some(real)) => Value::Real(real),
            (None, None) => Value::Null,
        },
        serde_json::Value::String(text) => Value::text(text),
        serde_json::Value::Array(items) => Value::array(items.into_iter().map(from).collect()),
        serde_json::Value::Object(pairs) => {
            Value::bag(pairs.into_iter().map(|(name, value)| (Arc::from(name), from(value))))
        }
    }
}

/// Compact JSON.
pub(crate) fn write_json(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Long(value) => {
            let _ = write!(out, "{value}");
        }
        Value::Real(value) if value.is_finite() => {
            let _ = write!(out, "{value:?}");
        }
        Value::Real(value) => quoted(&super::convert::real_text(*value), out),
        Value::String(text) => quoted(text, out),
        Value::DateTime(ticks) => quoted(&format_datetime(*ticks), out),
        Value::TimeSpan(ticks) => quoted(&format_timespan(*ticks), out),
        Value::Guid(_) | Value::Decimal(_) => quoted(&super::to_text(value), out),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_json(item, out);
            }
            out.push(']');
        }
        Value::Bag(pairs) => {
            out.push('{');
            for (index, (name, value)) in pairs.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                quoted(name, out);
                out.push(':');
                write_json(value, out);
            }
            out.push('}');
        }
    }
}

fn quoted(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
