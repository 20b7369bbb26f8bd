//! Missing elements, filled in.

use super::{Run, at, is_number, items};
use crate::{
    Value,
    value::{as_real, equal},
};

pub(super) fn run(name: &str) -> Option<Run> {
    Some(match name {
        "series_fill_const" => |args| {
            let each = |item: &Value| if missing(item, args.get(2)) { at(args, 1).clone() } else { item.clone() };
            items(at(args, 0)).map_or(Value::Null, |items| Value::array(items.iter().map(each).collect()))
        },
        "series_fill_forward" => |args| carried(args, false),
        "series_fill_backward" => |args| carried(args, true),
        "series_fill_linear" => linear,
        _ => return None,
    })
}

/// Whether an element stands for one that is missing: null, or what the argument says.
fn missing(item: &Value, placeholder: Option<&Value>) -> bool {
    match placeholder {
        Some(placeholder) if !placeholder.is_null() => equal(item, placeholder) == Some(true),
        _ => item.is_null() || matches!(item, Value::Real(real) if real.is_nan()),
    }
}

fn carried(args: &[Value], backward: bool) -> Value {
    let Some(items) = items(at(args, 0)) else { return Value::Null };
    let mut out = items.to_vec();
    if backward {
        out.reverse();
    }
    let mut last = None;
    for item in &mut out {
        if !missing(item, args.get(1)) {
            last = Some(item.clone());
        } else if let Some(last) = &last {
            item.clone_from(last);
        }
    }
    if backward {
        out.reverse();
    }
    Value::array(out)
}

/// Between known elements on a line; at the ends as the nearest one, if asked; whole numbers stay whole.
fn linear(args: &[Value]) -> Value {
    let Some(items) = items(at(args, 0)) else { return Value::Null };
    let edges = !matches!(at(args, 2), Value::Bool(false));
    let known: Vec<(usize, f64)> = items
        .iter()
        .enumerate()
        .filter(|(_, item)| is_number(item) && !missing(item, args.get(1)))
        .filter_map(|(index, item)| as_real(item).map(|number| (index, number)))
        .collect();
    let whole = !known.is_empty() && items.iter().all(|item| !matches!(item, Value::Real(_) | Value::Decimal(_)));
    let made = |number: f64| match crate::value::as_long_exact(number.trunc()) {
        Some(number) if whole => Value::Long(number),
        _ => Value::Real(number),
    };
    let fill = |index: usize, item: &Value| {
        if !missing(item, args.get(1)) {
            return item.clone();
        }
        let before = known.iter().rev().find(|(place, _)| *place < index);
        let after = known.iter().find(|(place, _)| *place > index);
        match (before, after) {
            (Some((from, low)), Some((to, high))) => {
                let part = (index - from) as f64 / (to - from) as f64;
                made(low + (high - low) * part)
            }
            (Some((_, one)), None) | (None, Some((_, one))) if edges => made(*one),
            (None, None) => match at(args, 3) {
                Value::Null => Value::Real(0.0),
                constant => constant.clone(),
            },
            _ => item.clone(),
        }
    };
    Value::array(items.iter().enumerate().map(|(index, item)| fill(index, item)).collect())
}
