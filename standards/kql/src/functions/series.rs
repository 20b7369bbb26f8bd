//! `series_*( )`: arrays of numbers, one for each step.

mod fill;
mod filter;
mod fit;
mod season;

use super::{Run, at, whole};
use crate::{
    ArithmeticOp, Value,
    run::calculate,
    value::{as_real, compare},
};
use std::cmp::Ordering;

pub(super) fn run(name: &str) -> Option<Run> {
    elements(name)
        .or_else(|| pairs(name))
        .or_else(|| whole_series(name))
        .or_else(|| fill::run(name))
        .or_else(|| filter::run(name))
        .or_else(|| fit::run(name))
        .or_else(|| season::run(name))
}

/// The elements of an array.
fn items(value: &Value) -> Option<&[Value]> {
    match value {
        Value::Array(items) => Some(items),
        _ => None,
    }
}

/// The elements as numbers; what is none counts as zero.
fn numbers(value: &Value) -> Option<Vec<f64>> {
    let number = |item: &Value| if matches!(item, Value::String(_)) { None } else { as_real(item) };
    items(value).map(|items| items.iter().map(|item| number(item).unwrap_or(0.0)).collect())
}

fn reals(numbers: impl IntoIterator<Item = f64>) -> Value {
    Value::array(numbers.into_iter().map(Value::Real).collect())
}

fn is_number(value: &Value) -> bool {
    matches!(value, Value::Long(_) | Value::Real(_) | Value::Decimal(_))
}

fn each(args: &[Value], of: impl Fn(&Value) -> Value) -> Value {
    let Some(items) = items(at(args, 0)) else { return Value::Null };
    Value::array(items.iter().map(|item| if is_number(item) { of(item) } else { Value::Null }).collect())
}

fn each_real(args: &[Value], of: impl Fn(f64) -> f64) -> Value {
    each(args, |item| as_real(item).map(&of).into())
}

fn elements(name: &str) -> Option<Run> {
    Some(match name {
        "series_abs" => |args| {
            each(args, |item| match item {
                Value::Long(number) => Value::Long(number.wrapping_abs()),
                other => as_real(other).map(f64::abs).into(),
            })
        },
        "series_sign" => |args| {
            each(args, |item| match item {
                Value::Long(number) => Value::Long(number.signum()),
                other => as_real(other).map(|number| if number == 0.0 { 0.0 } else { number.signum() }).into(),
            })
        },
        "series_acos" => |args| each_real(args, f64::acos),
        "series_asin" => |args| each_real(args, f64::asin),
        "series_atan" => |args| each_real(args, f64::atan),
        "series_ceiling" => |args| each_real(args, f64::ceil),
        "series_cos" => |args| each_real(args, f64::cos),
        "series_exp" => |args| each_real(args, f64::exp),
        "series_floor" => |args| each_real(args, f64::floor),
        "series_log" => |args| each_real(args, f64::ln),
        "series_sin" => |args| each_real(args, f64::sin),
        "series_tan" => |args| each_real(args, f64::tan),
        _ => return None,
    })
}

/// Two series side by side; a number stands for as many of itself.
fn side_by_side(args: &[Value], of: impl Fn(&Value, &Value) -> Value) -> Value {
    let (left, right) = (at(args, 0), at(args, 1));
    let length = match (items(left), items(right)) {
        (Some(a), Some(b)) => a.len().max(b.len()),
        (Some(one), None) | (None, Some(one)) => one.len(),
        (None, None) => return Value::Null,
    };
    let element = |side: &Value, index: usize| match items(side) {
        Some(items) => items.get(index).cloned().unwrap_or_default(),
        None => side.clone(),
    };
    let found = (0..length).map(|index| {
        let (a, b) = (element(left, index), element(right, index));
        if is_number(&a) && is_number(&b) { of(&a, &b) } else { Value::Null }
    });
    Value::array(found.collect())
}

fn compared(args: &[Value], holds: impl Fn(Ordering) -> bool) -> Value {
    side_by_side(args, |a, b| compare(a, b).map(&holds).into())
}

fn pairs(name: &str) -> Option<Run> {
    Some(match name {
        "series_add" => |args| side_by_side(args, |a, b| calculate(ArithmeticOp::Add, a, b)),
        "series_subtract" => |args| side_by_side(args, |a, b| calculate(ArithmeticOp::Subtract, a, b)),
        "series_multiply" => |args| side_by_side(args, |a, b| calculate(ArithmeticOp::Multiply, a, b)),
        "series_divide" => |args| side_by_side(args, |a, b| as_real(a).zip(as_real(b)).map(|(a, b)| a / b).into()),
        "series_pow" => |args| side_by_side(args, |a, b| as_real(a).zip(as_real(b)).map(|(a, b)| a.powf(b)).into()),
        "series_equals" => |args| compared(args, Ordering::is_eq),
        "series_not_equals" => |args| compared(args, Ordering::is_ne),
        "series_less" => |args| compared(args, Ordering::is_lt),
        "series_less_equals" => |args| compared(args, Ordering::is_le),
        "series_greater" => |args| compared(args, Ordering::is_gt),
        "series_greater_equals" => |args| compared(args, Ordering::is_ge),
        "series_dot_product" => |args| two(args, dot),
        "series_cosine_similarity" => |args| two(args, |a, b| dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()),
        "series_pearson_correlation" => |args| two(args, pearson),
        _ => return None,
    })
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn mean(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / numbers.len() as f64
}

/// The mean square distance from the mean, of a sample.
fn variance(numbers: &[f64]) -> f64 {
    let mean = mean(numbers);
    numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (numbers.len() as f64 - 1.0)
}

fn pearson(a: &[f64], b: &[f64]) -> f64 {
    let off = |numbers: &[f64]| {
        let mean = mean(numbers);
        numbers.iter().map(|x| x - mean).collect::<Vec<_>>()
    };
    let (a, b) = (off(a), off(b));
    dot(&a, &b) / (dot(&a, &a) * dot(&b, &b)).sqrt()
}

fn two(args: &[Value], of: impl Fn(&[f64], &[f64]) -> f64) -> Value {
    match (numbers(at(args, 0)), numbers(at(args, 1))) {
        (Some(a), Some(b)) if a.len() == b.len() && !a.is_empty() => Value::Real(of(&a, &b)),
        (Some(a), None) => as_real(at(args, 1)).map(|b| of(&a, &vec![b; a.len()])).into(),
        (None, Some(b)) => as_real(at(args, 0)).map(|a| of(&vec![a; b.len()], &b)).into(),
        _ => Value::Null,
    }
}

fn whole_series(name: &str) -> Option<Run> {
    Some(match name {
        "series_sum" => |args| numbers(at(args, 0)).map(|series| series.iter().sum::<f64>()).into(),
        "series_product" => |args| numbers(at(args, 0)).map(|series| series.iter().product::<f64>()).into(),
        "series_magnitude" => |args| numbers(at(args, 0)).map(|series| dot(&series, &series).sqrt()).into(),
        "series_stats" => |args| stats(args).map_or(Value::Null, |stats| Value::array(stats.to_vec())),
        "series_stats_dynamic" => |args| {
            let names = ["min", "min_idx", "max", "max_idx", "avg", "stdev", "variance", "sum", "len"];
            let named = |stats: [Value; 9]| Value::bag(names.map(std::sync::Arc::from).into_iter().zip(stats));
            stats(args).map_or(Value::Null, named)
        },
        _ => return None,
    })
}

/// Least and greatest with their places, mean, deviation, variance, sum and count, of the numbers that are any.
fn stats(args: &[Value]) -> Option<[Value; 9]> {
    let keeps = matches!(at(args, 1), Value::Bool(true));
    let known: Vec<(usize, f64)> = items(at(args, 0))?
        .iter()
        .enumerate()
        .filter(|(_, item)| is_number(item))
        .filter_map(|(index, item)| as_real(item).map(|number| (index, number)))
        .filter(|(_, number)| !keeps || number.is_finite())
        .collect();
    let series: Vec<f64> = known.iter().map(|(_, number)| *number).collect();
    let least = known.iter().copied().reduce(|a, b| if b.1 < a.1 { b } else { a })?;
    let most = known.iter().copied().reduce(|a, b| if b.1 > a.1 { b } else { a })?;
    let variance = if series.len() > 1 { variance(&series) } else { 0.0 };
    Some([
        Value::Real(least.1),
        super::count(least.0),
        Value::Real(most.1),
        super::count(most.0),
        Value::Real(mean(&series)),
        Value::Real(variance.sqrt()),
        Value::Real(variance),
        Value::Real(series.iter().sum()),
        super::count(series.len()),
    ])
}

/// A small count among the arguments.
fn small(args: &[Value], index: usize) -> Option<usize> {
    whole(args, index).and_then(|number| usize::try_from(number).ok())
}
