use std::cmp::Ordering;

use super::{Run, at, whole};
use crate::{
    Decimal, Value,
    value::{as_long_exact, as_real, compare},
};

pub(super) fn run(name: &str) -> Option<Run> {
    Some(match name {
        "bin" | "floor" => |args| bin(at(args, 0), at(args, 1), None),
        "bin_at" => |args| bin(at(args, 0), at(args, 1), Some(at(args, 2))),
        "abs" => |args| match at(args, 0) {
            Value::Long(number) => Value::Long(number.wrapping_abs()),
            Value::Real(number) => Value::Real(number.abs()),
            Value::Decimal(number) if *number < Decimal::from(0) => Value::Decimal(number.negated()),
            Value::Decimal(number) => Value::Decimal(*number),
            Value::TimeSpan(ticks) => Value::TimeSpan(ticks.wrapping_abs()),
            _ => Value::Null,
        },
        "round" => round,
        "ceiling" => |args| match at(args, 0) {
            Value::Real(number) => Value::Real(number.ceil()),
            Value::Long(number) => Value::Long(*number),
            _ => Value::Null,
        },
        "sign" => |args| real(args, |x| if x == 0.0 { 0.0 } else { x.signum() }),
        "sqrt" => |args| real(args, f64::sqrt),
        "exp" => |args| real(args, f64::exp),
        "exp2" => |args| real(args, f64::exp2),
        "exp10" => |args| real(args, |x| 10_f64.powf(x)),
        "log" => |args| real(args, f64::ln),
        "log2" => |args| real(args, f64::log2),
        "log10" => |args| real(args, f64::log10),
        "sin" => |args| real(args, f64::sin),
        "cos" => |args| real(args, f64::cos),
        "tan" => |args| real(args, f64::tan),
        "cot" => |args| real(args, |x| 1.0 / x.tan()),
        "asin" => |args| within(args, f64::asin),
        "acos" => |args| within(args, f64::acos),
        "atan" => |args| real(args, f64::atan),
        "degrees" => |args| real(args, f64::to_degrees),
        "radians" => |args| real(args, f64::to_radians),
        "pi" => |_| Value::Real(std::f64::consts::PI),
        "atan2" => |args| two(args, f64::atan2),
        "pow" => |args| two(args, f64::powf),
        "isnan" => |args| Value::Bool(matches!(at(args, 0), Value::Real(number) if number.is_nan())),
        "isinf" => |args| Value::Bool(matches!(at(args, 0), Value::Real(number) if number.is_infinite())),
        "isfinite" => |args| Value::Bool(as_real(at(args, 0)).is_some_and(f64::is_finite)),
        "max_of" => |args| extreme(args, Ordering::Greater),
        "min_of" => |args| extreme(args, Ordering::Less),
        "gcd" => |args| match (whole(args, 0), whole(args, 1)) {
            (Some(a), Some(b)) => Value::Long(gcd(a, b)),
            _ => Value::Null,
        },
        "binary_and" => |args| bits(args, |a, b| a & b),
        "binary_or" => |args| bits(args, |a, b| a | b),
        "binary_xor" => |args| bits(args, |a, b| a ^ b),
        "binary_not" => |args| whole(args, 0).map(|a| !a).into(),
        "binary_shift_left" => |args| bits(args, |a, b| a.wrapping_shl(u32::try_from(b.rem_euclid(64)).unwrap_or(0))),
        "binary_shift_right" => |args| bits(args, |a, b| a.wrapping_shr(u32::try_from(b.rem_euclid(64)).unwrap_or(0))),
        "bitset_count_ones" => |args| whole(args, 0).map(|a| i64::from(a.count_ones())).into(),
        _ => return None,
    })
}

/// Null where there is no such number.
fn within(args: &[Value], of: impl Fn(f64) -> f64) -> Value {
    as_real(at(args, 0)).map(of).filter(|number| !number.is_nan()).into()
}

fn real(args: &[Value], of: impl Fn(f64) -> f64) -> Value {
    as_real(at(args, 0)).map(of).into()
}

fn two(args: &[Value], of: impl Fn(f64, f64) -> f64) -> Value {
    as_real(at(args, 0)).zip(as_real(at(args, 1))).map(|(a, b)| of(a, b)).into()
}

fn bits(args: &[Value], of: impl Fn(i64, i64) -> i64) -> Value {
    whole(args, 0).zip(whole(args, 1)).map(|(a, b)| of(a, b)).into()
}

fn gcd(a: i64, b: i64) -> i64 {
    let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    i64::try_from(a).unwrap_or(i64::MAX)
}

/// The greatest step that is not above the value.
fn bin(value: &Value, size: &Value, from: Option<&Value>) -> Value {
    let ticks = |value: &Value| match value {
        Value::DateTime(ticks) | Value::TimeSpan(ticks) | Value::Long(ticks) => Some(*ticks),
        _ => None,
    };
    if let (Some(at), Some(by)) = (ticks(value), ticks(size)) {
        let offset = from.and_then(ticks).unwrap_or(0);
        let Some(floored) = at.checked_sub(offset).and_then(|at| at.checked_sub(at.checked_rem_euclid(by)?)) else {
            return Value::Null;
        };
        let floored = floored.saturating_add(offset);
        return match value {
            Value::DateTime(_) => Value::DateTime(floored),
            Value::TimeSpan(_) => Value::TimeSpan(floored),
            _ => Value::Long(floored),
        };
    }
    let offset = from.and_then(as_real).unwrap_or(0.0);
    match (as_real(value), as_real(size)) {
        (Some(at), Some(by)) if by > 0.0 => Value::Real(((at - offset) / by).floor() * by + offset),
        _ => Value::Null,
    }
}

/// To the nearest; halves go to the even neighbour.
fn round(args: &[Value]) -> Value {
    let digits = whole(args, 1).unwrap_or(0).clamp(-15, 15);
    let scale = 10_f64.powi(i32::try_from(digits).unwrap_or(0));
    match at(args, 0) {
        Value::Long(number) if digits >= 0 => Value::Long(*number),
        Value::Long(number) => as_long_exact((*number as f64 * scale).round_ties_even() / scale).into(),
        Value::Real(number) => Value::Real((number * scale).round_ties_even() / scale),
        _ => Value::Null,
    }
}

fn extreme(args: &[Value], wanted: Ordering) -> Value {
    let known = args.iter().filter(|value| !value.is_null());
    known.reduce(|a, b| if compare(b, a) == Some(wanted) { b } else { a }).cloned().unwrap_or_default()
}
