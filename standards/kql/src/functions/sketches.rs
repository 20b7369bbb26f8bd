//! What `hll( )` and `tdigest( )` give: values that stand for many others and can be put together.
//!
//! Here both are exact as long as they are small: the first holds a hash of each value, the second the numbers
//! themselves, until there are so many that neighbours are put together.

use std::collections::HashSet;

use twox_hash::XxHash64;

use super::{Run, at, count};
use crate::{
    Value,
    value::{as_long, as_long_exact, as_real, key},
};

/// Numbers that a digest holds apart; beyond, neighbours are put together, save these at the ends.
const APART: usize = 4_096;
const ENDS: usize = 64;

pub(super) fn run(name: &str) -> Option<Run> {
    Some(match name {
        "dcount_hll" => |args| count(hashes(at(args, 0)).len()),
        "hll_merge" => |args| {
            let all: HashSet<i64> = args.iter().flat_map(hashes).collect();
            from_hashes(all)
        },
        "hll_isvalid" => |args| Value::Bool(parts(at(args, 0)).is_some_and(|[kind, ..]| kind.len() == 2)),
        "tdigest_isvalid" => |args| Value::Bool(parts(at(args, 0)).is_some_and(|[kind, ..]| kind.len() == 1)),
        "tdigest_merge" | "merge_tdigest" => |args| from_points(args.iter().flat_map(points).collect()),
        "percentile_tdigest" => |args| percentile(&points(at(args, 0)), at(args, 1)),
        "percentiles_array_tdigest" => |args| {
            let points = points(at(args, 0));
            let ranks = args.iter().skip(1).flat_map(|rank| match rank {
                Value::Array(items) => items.to_vec(),
                one => vec![one.clone()],
            });
            Value::array(ranks.map(|rank| percentile(&points, &rank)).collect())
        },
        "rank_tdigest" => |args| as_real(at(args, 1)).map(|value| rank(&points(at(args, 0)), value).0).into(),
        "percentrank_tdigest" => |args| {
            let share = |value: f64| {
                let (below, all) = rank(&points(at(args, 0)), value);
                100.0 * below / all
            };
            as_real(at(args, 1)).map(share).into()
        },
        _ => return None,
    })
}

fn parts(value: &Value) -> Option<[&[Value]; 3]> {
    let Value::Array(items) = value else { return None };
    let part = |index: usize| match items.get(index) {
        Some(Value::Array(items)) => Some(items.as_slice()),
        _ => None,
    };
    Some([part(0)?, part(1)?, part(2)?])
}

/// A number for a value: the same for equal ones.
pub(crate) fn hash_of(value: &Value) -> i64 {
    let mut bytes = Vec::new();
    key(value, &mut bytes);
    XxHash64::oneshot(0, &bytes).cast_signed()
}

pub(crate) fn hashes(value: &Value) -> HashSet<i64> {
    let known = parts(value).map(|[_, hashes, _]| hashes).unwrap_or_default();
    known.iter().filter_map(as_long).collect()
}

pub(crate) fn from_hashes(hashes: HashSet<i64>) -> Value {
    let mut hashes: Vec<i64> = hashes.into_iter().collect();
    hashes.sort_unstable();
    let kind = Value::array(vec![Value::Long(1024), Value::Long(14)]);
    let hashes = Value::array(hashes.into_iter().map(Value::Long).collect());
    Value::array(vec![kind, hashes, Value::array(Vec::new())])
}

/// Numbers and how often each stands for one, in order.
pub(crate) fn points(value: &Value) -> Vec<(f64, f64)> {
    let Some([_, values, weights]) = parts(value) else { return Vec::new() };
    values.iter().filter_map(as_real).zip(weights.iter().filter_map(as_real)).collect()
}

pub(crate) fn from_points(points: Vec<(f64, f64)>) -> Value {
    let points = gathered(points);
    let total: f64 = points.iter().map(|(_, weight)| weight).sum();
    let number = |number: f64| match as_long_exact(number) {
        Some(whole) if whole as f64 == number => Value::Long(whole),
        _ => Value::Real(number),
    };
    let (values, weights): (Vec<Value>, Vec<Value>) =
        points.into_iter().map(|(value, weight)| (Value::Real(value), number(weight))).unzip();
    Value::array(vec![Value::array(vec![number(total)]), Value::array(values), Value::array(weights)])
}

/// In order, equal ones together, and no more than so many.
pub(crate) fn gathered(mut points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    points.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    while points.len() > APART {
        let last = points.len() - ENDS;
        let mut kept: Vec<(f64, f64)> = Vec::with_capacity(points.len() / 2 + ENDS);
        for (index, (value, weight)) in points.into_iter().enumerate() {
            match kept.last_mut() {
                Some(before) if index % 2 == 1 && (ENDS..last).contains(&index) => {
                    let all = before.1 + weight;
                    before.0 = (before.0 * before.1 + value * weight) / all;
                    before.1 = all;
                }
                _ => kept.push((value, weight)),
            }
        }
        points = kept;
    }
    points
}

fn percentile(points: &[(f64, f64)], at: &Value) -> Value {
    let total: f64 = points.iter().map(|(_, weight)| weight).sum();
    let wanted = total * as_real(at).unwrap_or(0.0).clamp(0.0, 100.0) / 100.0;
    let mut below = 0.0;
    for (value, weight) in points {
        below += weight;
        if below >= wanted {
            return match as_long_exact(*value) {
                Some(whole) if whole as f64 == *value => Value::Long(whole),
                _ => Value::Real(*value),
            };
        }
    }
    Value::Null
}

/// How many of the numbers do not exceed a value, and how many there are.
fn rank(points: &[(f64, f64)], value: f64) -> (f64, f64) {
    let below = points.iter().filter(|(point, _)| *point <= value).map(|(_, weight)| weight).sum();
    (below, points.iter().map(|(_, weight)| weight).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_of_many_stays_small_and_near() {
        let digest = from_points((0..100_000).map(|n| (f64::from(n), 1.0)).collect());
        assert!(points(&digest).len() <= APART);
        let middle = as_real(&percentile(&points(&digest), &Value::Long(50))).expect("a number");
        assert!((middle - 50_000.0).abs() < 100.0, "{middle}");
        assert_eq!(rank(&points(&digest), f64::INFINITY), (100_000.0, 100_000.0));
    }
}
