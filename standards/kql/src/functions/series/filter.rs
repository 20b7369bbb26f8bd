//! Filters and transforms.

use std::f64::consts::TAU;

use super::{Run, at, numbers, reals};
use crate::Value;

/// Elements beyond which a transform that is not of a power of two is refused.
const MOST: usize = 1 << 12;

pub(super) fn run(name: &str) -> Option<Run> {
    Some(match name {
        "series_fir" => fir,
        "series_iir" => iir,
        "series_fft" => |args| transform(args, -1.0),
        "series_ifft" => |args| transform(args, 1.0),
        _ => return None,
    })
}

/// Products of which a filter makes no more.
const MOST_PRODUCTS: usize = 1 << 26;

fn within_reach(series: &[f64], weights: &[f64]) -> bool {
    series.len().saturating_mul(weights.len()) <= MOST_PRODUCTS
}

/// A weighted sum of each element and those before it, or around it.
fn fir(args: &[Value]) -> Value {
    let (Some(series), Some(mut filter)) = (numbers(at(args, 0)), numbers(at(args, 1))) else { return Value::Null };
    if !within_reach(&series, &filter) {
        return Value::Null;
    }
    let sum: f64 = filter.iter().sum();
    let alike = filter.windows(2).all(|pair| matches!(pair, [a, b] if a == b)) || sum != 0.0;
    let normalize = match at(args, 2) {
        Value::Bool(asked) => *asked,
        _ => filter.iter().all(|weight| *weight >= 0.0) && alike,
    };
    if normalize && sum != 0.0 {
        for weight in &mut filter {
            *weight /= sum;
        }
    }
    let ahead = if matches!(at(args, 3), Value::Bool(true)) { filter.len() / 2 } else { 0 };
    let at_place = |index: usize| {
        let weighted = filter.iter().enumerate().filter_map(|(back, weight)| {
            (index + ahead).checked_sub(back).and_then(|place| series.get(place)).map(|value| value * weight)
        });
        weighted.sum::<f64>()
    };
    reals((0..series.len()).map(at_place))
}

/// A weighted sum of what went in less one of what came out.
fn iir(args: &[Value]) -> Value {
    let (Some(series), Some(forward), Some(back)) = (numbers(at(args, 0)), numbers(at(args, 1)), numbers(at(args, 2)))
    else {
        return Value::Null;
    };
    if !within_reach(&series, &forward) || !within_reach(&series, &back) {
        return Value::Null;
    }
    let Some(first) = back.first().filter(|first| **first != 0.0) else { return Value::Null };
    let mut out: Vec<f64> = Vec::with_capacity(series.len());
    for index in 0..series.len() {
        let before = |weights: &[f64], values: &[f64], skipped: usize| {
            let each = weights.iter().enumerate().skip(skipped);
            each.filter_map(|(by, weight)| {
                index.checked_sub(by).and_then(|place| values.get(place)).map(|v| v * weight)
            })
            .sum::<f64>()
        };
        let next = (before(&forward, &series, 0) - before(&back, &out, 1)) / first;
        out.push(next);
    }
    reals(out)
}

fn transform(args: &[Value], sign: f64) -> Value {
    let Some(real) = numbers(at(args, 0)) else { return Value::Null };
    let imaginary = numbers(at(args, 1)).unwrap_or_else(|| vec![0.0; real.len()]);
    if imaginary.len() != real.len() {
        return Value::Null;
    }
    let points: Vec<(f64, f64)> = real.into_iter().zip(imaginary).collect();
    let count = points.len();
    let found = match count.is_power_of_two() {
        true => fast(points, sign),
        false if count <= MOST => (0..count).map(|k| slow(&points, k, sign)).collect(),
        false => return Value::Null,
    };
    let by = if sign > 0.0 { count as f64 } else { 1.0 };
    let (real, imaginary): (Vec<f64>, Vec<f64>) = found.into_iter().map(|(a, b)| (a / by, b / by)).unzip();
    Value::array(vec![reals(real), reals(imaginary)])
}

fn slow(points: &[(f64, f64)], k: usize, sign: f64) -> (f64, f64) {
    let turn = sign * TAU * k as f64 / points.len() as f64;
    points.iter().enumerate().fold((0.0, 0.0), |sum, (index, (a, b))| {
        let (sin, cos) = (turn * index as f64).sin_cos();
        (sum.0 + a * cos - b * sin, sum.1 + a * sin + b * cos)
    })
}

/// Halves of a power of two, put together.
fn fast(points: Vec<(f64, f64)>, sign: f64) -> Vec<(f64, f64)> {
    let count = points.len();
    if count < 2 {
        return points;
    }
    let even = fast(points.iter().step_by(2).copied().collect(), sign);
    let odd = fast(points.iter().skip(1).step_by(2).copied().collect(), sign);
    let turned: Vec<(f64, f64)> = odd
        .iter()
        .enumerate()
        .map(|(k, (a, b))| {
            let (sin, cos) = (sign * TAU * k as f64 / count as f64).sin_cos();
            (a * cos - b * sin, a * sin + b * cos)
        })
        .collect();
    let low = even.iter().zip(&turned).map(|(e, t)| (e.0 + t.0, e.1 + t.1));
    let high = even.iter().zip(&turned).map(|(e, t)| (e.0 - t.0, e.1 - t.1));
    low.chain(high).collect()
}
