use std::{cmp::Ordering, collections::HashSet};

use super::{Run, at, count, whole};
use crate::{
    ArithmeticOp, Value,
    value::{as_long, as_real, compare, equal, key, to_text},
};

pub(super) fn run(name: &str) -> Option<Run> {
    Some(match name {
        "array_length" | "arraylength" => |args| match at(args, 0) {
            Value::Array(items) => count(items.len()),
            _ => Value::Null,
        },
        "pack_array" => |args| Value::array(args.to_vec()),
        "array_concat" => |args| Value::array(args.iter().flat_map(items).cloned().collect()),
        "array_slice" => slice,
        "array_index_of" => index_of,
        "array_reverse" => |args| match at(args, 0) {
            Value::Array(items) => Value::array(items.iter().rev().cloned().collect()),
            _ => Value::Null,
        },
        "array_sum" => |args| match at(args, 0) {
            Value::Array(items) => Value::Real(items.iter().filter_map(as_real).sum()),
            _ => Value::Null,
        },
        "array_sort_asc" => |args| sorted(args, true),
        "array_sort_desc" => |args| sorted(args, false),
        "array_split" => split,
        "array_strcat" => {
            |args| items(at(args, 0)).iter().map(to_text).collect::<Vec<_>>().join(&to_text(at(args, 1))).into()
        }
        "array_iff" | "array_iif" => iff,
        "array_rotate_left" => |args| rotated(args, 1),
        "array_rotate_right" => |args| rotated(args, -1),
        "array_shift_left" => |args| shifted(args, 1),
        "array_shift_right" => |args| shifted(args, -1),
        "repeat" => |args| {
            let times = whole(args, 1).and_then(|times| usize::try_from(times).ok()).unwrap_or(0).min(MOST);
            Value::array(vec![at(args, 0).clone(); times])
        },
        "zip" => zip,
        "range" => range,
        "set_union" => |args| distinct(args.iter().flat_map(items)),
        "set_intersect" => |args| kept(args, true),
        "set_difference" => |args| kept(args, false),
        "set_has_element" => |args| match at(args, 0) {
            Value::Array(items) => items.iter().any(|item| equal(item, at(args, 1)) == Some(true)).into(),
            _ => Value::Null,
        },
        "set_equals" => |args| {
            let set = |index: usize| items(at(args, index)).iter().map(bytes).collect::<HashSet<_>>();
            Value::Bool(set(0) == set(1))
        },
        "jaccard_index" => |args| {
            let set = |index: usize| items(at(args, index)).iter().map(bytes).collect::<HashSet<_>>();
            let (a, b) = (set(0), set(1));
            let all = a.union(&b).count();
            if all == 0 { Value::Real(f64::NAN) } else { Value::Real(a.intersection(&b).count() as f64 / all as f64) }
        },
        "has_any_index" => |args| {
            let value = at(args, 0);
            let test = crate::TextTest { what: crate::TextMatch::Has, negated: false, cased: false };
            let found = items(at(args, 1)).iter().position(|item| crate::run::text_test(test, value, item));
            found.map_or(Value::Long(-1), count)
        },
        _ => return None,
    })
}

fn items(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        _ => &[],
    }
}

fn bytes(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    key(value, &mut out);
    out
}

fn distinct<'v>(values: impl Iterator<Item = &'v Value>) -> Value {
    let mut seen = HashSet::new();
    Value::array(values.filter(|value| seen.insert(bytes(value))).cloned().collect())
}

/// Those of the first that stand in all others, or in none of them.
fn kept(args: &[Value], present: bool) -> Value {
    if !matches!(at(args, 0), Value::Array(_)) {
        return Value::Null;
    }
    let sets: Vec<HashSet<Vec<u8>>> = args.iter().skip(1).map(|arg| items(arg).iter().map(bytes).collect()).collect();
    let keep = |value: &&Value| {
        let key = bytes(value);
        sets.iter().all(|set| set.contains(&key) == present)
    };
    distinct(items(at(args, 0)).iter().filter(keep))
}

fn place(index: i64, length: usize) -> usize {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let index = if index < 0 { (index + length).max(0) } else { index };
    usize::try_from(index).unwrap_or(usize::MAX)
}

fn slice(args: &[Value]) -> Value {
    let Value::Array(items) = at(args, 0) else { return Value::Null };
    let from = place(whole(args, 1).unwrap_or(0), items.len());
    let last = whole(args, 2).unwrap_or(-1);
    if last < 0 && last.unsigned_abs() > u64::try_from(items.len()).unwrap_or(u64::MAX) {
        return Value::array(Vec::new());
    }
    let to = place(last, items.len()).saturating_add(1).min(items.len());
    Value::array(items.get(from.min(to)..to).unwrap_or_default().to_vec())
}

fn index_of(args: &[Value]) -> Value {
    let Value::Array(items) = at(args, 0) else { return Value::Null };
    let from = place(whole(args, 2).unwrap_or(0), items.len());
    let most = whole(args, 3).and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX);
    let nth = whole(args, 4).and_then(|nth| usize::try_from(nth).ok()).unwrap_or(1).max(1);
    let found =
        items.iter().enumerate().skip(from).take(most).filter(|(_, item)| equal(item, at(args, 1)) == Some(true));
    found.map(|(index, _)| index).nth(nth - 1).map_or(Value::Long(-1), count)
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 9,
        Value::Long(_) | Value::Real(_) => 0,
        _ => 1,
    }
}

/// The first array in order; the others follow it, in an array of them all. Nulls stand last unless it is said.
fn sorted(args: &[Value], ascending: bool) -> Value {
    let (arrays, nulls_first) = match args.split_last() {
        Some((Value::Bool(last), arrays)) => (arrays, !last),
        _ => (args, false),
    };
    let Value::Array(first) = at(arrays, 0) else { return Value::Null };
    let mut order: Vec<usize> = (0..first.len()).collect();
    order.sort_by(|a, b| {
        let (a, b) = (first.get(*a).unwrap_or(&Value::Null), first.get(*b).unwrap_or(&Value::Null));
        if a.is_null() != b.is_null() {
            return if a.is_null() == nulls_first { Ordering::Less } else { Ordering::Greater };
        }
        let found = match rank(a).cmp(&rank(b)) {
            Ordering::Equal => compare(a, b).unwrap_or_else(|| to_text(a).cmp(&to_text(b))),
            other => return other,
        };
        if ascending { found } else { found.reverse() }
    });
    let follow = |array: &Value| match array {
        Value::Array(items) if items.len() == first.len() => {
            Value::array(order.iter().filter_map(|index| items.get(*index).cloned()).collect())
        }
        _ => Value::Null,
    };
    match arrays {
        [one] => follow(one),
        several => Value::array(several.iter().map(follow).collect()),
    }
}

/// Before each of these places.
fn split(args: &[Value]) -> Value {
    let Value::Array(items) = at(args, 0) else { return Value::Null };
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let cuts: Vec<i64> = match at(args, 1) {
        Value::Array(cuts) => cuts.iter().filter_map(as_long).collect(),
        one => as_long(one).into_iter().collect(),
    };
    let mut parts = Vec::new();
    let mut from = 0;
    let places = cuts.iter().map(|cut| if *cut < 0 { (cut + length).max(0) } else { *cut });
    for to in places.chain([length]).map(|to| usize::try_from(to).unwrap_or(0).min(items.len())) {
        parts.push(Value::array(items.get(from.min(to)..to).unwrap_or_default().to_vec()));
        from = to.max(from);
    }
    Value::array(parts)
}

fn iff(args: &[Value]) -> Value {
    let Value::Array(conditions) = at(args, 0) else { return Value::Null };
    let pick = |value: &Value, index: usize| match value {
        Value::Array(items) => items.get(index).cloned().unwrap_or_default(),
        one => one.clone(),
    };
    let each = conditions.iter().enumerate().map(|(index, condition)| match condition {
        Value::Bool(holds) => pick(at(args, if *holds { 1 } else { 2 }), index),
        Value::Long(number) => pick(at(args, if *number != 0 { 1 } else { 2 }), index),
        Value::Real(number) => pick(at(args, if *number != 0.0 { 1 } else { 2 }), index),
        _ => Value::Null,
    });
    Value::array(each.collect())
}

fn rotated(args: &[Value], sign: i64) -> Value {
    let (Value::Array(items), Some(by)) = (at(args, 0), whole(args, 1)) else { return Value::Null };
    let mut items = items.to_vec();
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX).max(1);
    let by = usize::try_from(by.wrapping_mul(sign).rem_euclid(length)).unwrap_or(0).min(items.len());
    items.rotate_left(by);
    Value::array(items)
}

fn shifted(args: &[Value], sign: i64) -> Value {
    let (Value::Array(items), Some(by)) = (at(args, 0), whole(args, 1)) else { return Value::Null };
    let by = by.wrapping_mul(sign);
    let at_place = |index: usize| {
        let from = i64::try_from(index).ok()?.checked_add(by)?;
        usize::try_from(from).ok().and_then(|from| items.get(from)).cloned()
    };
    Value::array((0..items.len()).map(|index| at_place(index).unwrap_or(at(args, 2).clone())).collect())
}

fn zip(args: &[Value]) -> Value {
    let longest = args.iter().map(|arg| items(arg).len()).max().unwrap_or(0);
    let row = |index: usize| {
        Value::array(args.iter().map(|arg| items(arg).get(index).cloned().unwrap_or_default()).collect())
    };
    Value::array((0..longest).map(row).collect())
}

const MOST: usize = 1_048_576;

fn range(args: &[Value]) -> Value {
    let one = match at(args, 0) {
        Value::DateTime(_) => Value::TimeSpan(3_600 * crate::value::SECOND),
        _ => Value::Long(1),
    };
    let step = if args.len() > 2 { at(args, 2).clone() } else { one };
    let zero = crate::run::calculate(ArithmeticOp::Subtract, &step, &step);
    let Some(ahead) = compare(&step, &zero).filter(|order| *order != Ordering::Equal) else { return Value::Null };
    let mut values = Vec::new();
    let mut here = at(args, 0).clone();
    while compare(&here, at(args, 1)).is_some_and(|order| order != ahead) && values.len() < MOST {
        let next = crate::run::calculate(ArithmeticOp::Add, &here, &step);
        values.push(std::mem::replace(&mut here, next));
    }
    Value::array(values)
}
