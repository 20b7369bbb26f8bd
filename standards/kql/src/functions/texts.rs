use super::{
    Run, at, count,
    growth::{joined, replaced},
    text, whole,
};
use crate::{Value, value::to_text};

pub(super) fn run(name: &str) -> Option<Run> {
    Some(match name {
        "strlen" => |args| count(text(args, 0).chars().count()),
        "string_size" => |args| count(text(args, 0).len()),
        "tolower" => |args| text(args, 0).to_lowercase().into(),
        "toupper" => |args| text(args, 0).to_uppercase().into(),
        "strcat" => |args| joined(args.iter().map(to_text), "").into(),
        "strcat_delim" => |args| joined(args.iter().skip(1).map(to_text), &text(args, 0)).into(),
        "strcat_array" => |args| match at(args, 0) {
            Value::Array(items) => joined(items.iter().map(to_text), &text(args, 1)).into(),
            single @ Value::String(_) => single.clone(),
            _ => Value::Null,
        },
        "strrep" => repeated,
        "substring" => substring,
        "split" => split,
        "reverse" => |args| text(args, 0).chars().rev().collect::<String>().into(),
        "replace_string" => |args| replaced(&text(args, 0), &text(args, 1), &text(args, 2)).into(),
        "replace_strings" => replace_strings,
        "translate" => translate,
        "indexof" => index_of,
        "countof" => count_of,
        "strcmp" => |args| {
            Value::Long(match text(args, 0).cmp(&text(args, 1)) {
                std::cmp::Ordering::Less => -1,
                std::cmp::Ordering::Equal => 0,
                std::cmp::Ordering::Greater => 1,
            })
        },
        "isempty" => |args| Value::Bool(empty(at(args, 0))),
        "isnotempty" | "notempty" => |args| Value::Bool(!empty(at(args, 0))),
        "isnull" => |args| Value::Bool(at(args, 0).is_null()),
        "isnotnull" | "notnull" => |args| Value::Bool(!at(args, 0).is_null()),
        "isascii" => |args| text(args, 0).is_ascii().into(),
        "format_bytes" => format_bytes,
        "estimate_data_size" => |args| count(args.iter().map(size).sum()),
        "tohex" => tohex,
        "gettype" => |args| Value::text(type_of(at(args, 0))),
        _ => return None,
    })
}

fn empty(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("")
}

const MAX_TEXT: usize = 1 << 20;

fn repeated(args: &[Value]) -> Value {
    let (value, delimiter) = (text(args, 0), text(args, 2));
    let times = whole(args, 1).and_then(|times| usize::try_from(times).ok()).unwrap_or(0).min(1024);
    if (value.len() + delimiter.len()).saturating_mul(times) > MAX_TEXT {
        return Value::text("");
    }
    vec![value; times].join(&delimiter).into()
}

fn substring(args: &[Value]) -> Value {
    let value = text(args, 0);
    let length = i64::try_from(value.chars().count()).unwrap_or(i64::MAX);
    let Some(start) = whole(args, 1) else { return Value::text("") };
    let start = if start < 0 { start.saturating_add(length) } else { start };
    if start < 0 {
        return Value::text("");
    }
    let most = if args.len() > 2 { whole(args, 2).unwrap_or(0) } else { length };
    let (start, most) = (usize::try_from(start).unwrap_or(usize::MAX), usize::try_from(most).unwrap_or(0));
    value.chars().skip(start).take(most).collect::<String>().into()
}

fn split(args: &[Value]) -> Value {
    let (value, delimiter) = (text(args, 0), text(args, 1));
    let parts: Vec<Value> = if delimiter.is_empty() {
        vec![Value::text(value)]
    } else {
        value.split(&delimiter).map(Value::text).collect()
    };
    match whole(args, 2) {
        None => Value::array(parts),
        Some(index) => match usize::try_from(index).ok().and_then(|index| parts.into_iter().nth(index)) {
            Some(part) => Value::array(vec![part]),
            None => Value::Null,
        },
    }
}

fn replace_strings(args: &[Value]) -> Value {
    let (Value::Array(lookups), Value::Array(rewrites)) = (at(args, 1), at(args, 2)) else {
        return text(args, 0).into();
    };
    let pairs = lookups.iter().zip(rewrites.iter());
    let replaced =
        pairs.fold(text(args, 0), |value, (lookup, rewrite)| replaced(&value, &to_text(lookup), &to_text(rewrite)));
    replaced.into()
}

fn translate(args: &[Value]) -> Value {
    let from: Vec<char> = text(args, 0).chars().collect();
    let to: Vec<char> = text(args, 1).chars().collect();
    let map = |c: char| match from.iter().position(|found| *found == c) {
        Some(place) => to.get(place).or(to.last()).copied(),
        None => Some(c),
    };
    text(args, 2).chars().filter_map(map).collect::<String>().into()
}

fn index_of(args: &[Value]) -> Value {
    let value: Vec<char> = text(args, 0).chars().collect();
    let lookup: Vec<char> = text(args, 1).chars().collect();
    let length = i64::try_from(value.len()).unwrap_or(i64::MAX);
    let start = whole(args, 2).unwrap_or(0);
    let start = usize::try_from(if start < 0 { (start + length).max(0) } else { start }).unwrap_or(usize::MAX);
    let most = whole(args, 3).and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX);
    let nth = whole(args, 4).and_then(|nth| usize::try_from(nth).ok()).unwrap_or(1).max(1);
    if lookup.is_empty() {
        return Value::Long(-1);
    }
    // After each find the search goes on behind its first character, and as far again.
    let mut from = start;
    for found in 1..=nth {
        let end = from.saturating_add(most).min(value.len());
        let tail = value.get(from.min(end)..end).unwrap_or_default();
        match tail.windows(lookup.len()).position(|window| window == lookup.as_slice()) {
            Some(place) if found == nth => return count(from + place),
            Some(place) => from += place + 1,
            None => return Value::Long(-1),
        }
    }
    Value::Long(-1)
}

fn count_of(args: &[Value]) -> Value {
    let (value, lookup) = (text(args, 0), text(args, 1));
    if text(args, 2) == "regex" {
        return super::cached_regex(&lookup).map_or(Value::Null, |regex| count(regex.find_iter(&value).count()));
    }
    if lookup.is_empty() {
        return Value::Long(0);
    }
    count(value.as_bytes().windows(lookup.len()).filter(|window| *window == lookup.as_bytes()).count())
}

fn tohex(args: &[Value]) -> Value {
    let Some(number) = whole(args, 0) else { return Value::text("") };
    let width = whole(args, 1).and_then(|width| usize::try_from(width).ok()).unwrap_or(0).min(64);
    match (at(args, 2), i32::try_from(number)) {
        (Value::Bool(true), Ok(short)) => format!("{short:0width$x}").into(),
        _ => format!("{number:0width$x}").into(),
    }
}

/// Bytes that a value takes up.
fn size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 1,
        Value::Long(_) | Value::Real(_) | Value::DateTime(_) | Value::TimeSpan(_) => 8,
        Value::Decimal(_) | Value::Guid(_) => 16,
        other => to_text(other).len(),
    }
}

const SIZES: [&str; 7] = ["Bytes", "KB", "MB", "GB", "TB", "PB", "EB"];

/// `format_bytes(number, digits, unit)`: in the unit in which it is at least one, if none is named.
fn format_bytes(args: &[Value]) -> Value {
    let Some(number) = crate::value::as_real(at(args, 0)) else { return Value::text("") };
    let digits = whole(args, 1).and_then(|digits| usize::try_from(digits).ok()).unwrap_or(0).min(15);
    let named = at(args, 2).as_str().and_then(|unit| SIZES.iter().position(|size| size.eq_ignore_ascii_case(unit)));
    let fitting = |size: &usize| number.abs() < 1024_f64.powi(i32::try_from(*size).unwrap_or(0) + 1);
    let size = named.unwrap_or_else(|| (0..SIZES.len()).find(fitting).unwrap_or(SIZES.len() - 1));
    let shown = format!("{:.digits$}", number / 1024_f64.powi(i32::try_from(size).unwrap_or(0)));
    let shown = if shown.contains('.') { shown.trim_end_matches('0').trim_end_matches('.') } else { &shown };
    format!("{shown} {}", SIZES.get(size).unwrap_or(&"Bytes")).into()
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Long(_) => "long",
        Value::Real(_) => "double",
        Value::Decimal(_) => "decimal",
        Value::String(_) => "string",
        Value::DateTime(_) => "datetime",
        Value::TimeSpan(_) => "timespan",
        Value::Guid(_) => "guid",
        Value::Array(_) => "array",
        Value::Bag(_) => "dictionary",
    }
}
