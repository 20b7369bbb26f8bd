//! Lines and curves through a series, and what lies far from it.

use std::sync::Arc;

use super::{Run, at, numbers, reals, variance};
use crate::{
    Value,
    value::{as_long, as_real},
};

pub(super) fn run(name: &str) -> Option<Run> {
    Some(match name {
        "series_fit_line" => |args| fitted(args, line_values),
        "series_fit_line_dynamic" => |args| named(fitted(args, line_values), &LINE),
        "series_fit_2lines" => |args| fitted(args, two_line_values),
        "series_fit_2lines_dynamic" => |args| two_named(fitted(args, two_line_values)),
        "series_fit_poly" => poly,
        "series_outliers" => outliers,
        _ => return None,
    })
}

const LINE: [&str; 6] = ["rsquare", "slope", "variance", "rvariance", "interception", "line_fit"];

fn fitted(args: &[Value], of: impl Fn(&[f64]) -> Vec<Value>) -> Value {
    match numbers(at(args, 0)) {
        Some(series) if !series.is_empty() => Value::array(of(&series)),
        _ => Value::Null,
    }
}

fn named(values: Value, names: &[&str]) -> Value {
    let Value::Array(values) = values else { return Value::Null };
    Value::bag(names.iter().map(|name| Arc::from(*name)).zip(values.iter().cloned()))
}

/// A line and how well it fits.
pub(super) struct Line {
    pub(super) slope: f64,
    pub(super) start: f64,
    variance: f64,
    residue: f64,
    square: f64,
}

impl Line {
    /// The line of least squares.
    pub(super) fn through(series: &[f64]) -> Self {
        let count = series.len() as f64;
        let middle = (count - 1.0) / 2.0;
        let mean = series.iter().sum::<f64>() / count;
        let across: f64 = (0..series.len()).map(|x| (x as f64 - middle).powi(2)).sum();
        let along: f64 = series.iter().enumerate().map(|(x, y)| (x as f64 - middle) * (y - mean)).sum();
        let slope = if across > 0.0 { along / across } else { 0.0 };
        let start = mean - slope * middle;
        let off: f64 = series.iter().enumerate().map(|(x, y)| (y - start - slope * x as f64).powi(2)).sum();
        let variance = if series.len() > 1 { variance(series) } else { 0.0 };
        let residue = if series.len() > 1 { off / (count - 1.0) } else { 0.0 };
        let square = if variance > 0.0 { 1.0 - residue / variance } else { 1.0 };
        Self { slope, start, variance, residue, square }
    }

    pub(super) fn at(&self, x: usize) -> f64 {
        self.start + self.slope * x as f64
    }
}

fn line_values(series: &[f64]) -> Vec<Value> {
    let line = Line::through(series);
    let mut values: Vec<Value> =
        [line.square, line.slope, line.variance, line.residue, line.start].map(Value::Real).to_vec();
    values.push(reals((0..series.len()).map(|x| line.at(x))));
    values
}

/// What the best line through so many numbers from the first on leaves behind, for each count of them.
fn residues(series: impl Iterator<Item = f64>) -> Vec<f64> {
    let (mut x_mean, mut y_mean, mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0, 0.0, 0.0);
    let mut found = vec![0.0];
    for (index, y) in series.enumerate() {
        let (x, count) = (index as f64, index as f64 + 1.0);
        let (x_off, y_off) = (x - x_mean, y - y_mean);
        x_mean += x_off / count;
        y_mean += y_off / count;
        xx += x_off * (x - x_mean);
        xy += x_off * (y - y_mean);
        yy += y_off * (y - y_mean);
        found.push(if xx > 0.0 { (yy - xy * xy / xx).max(0.0) } else { 0.0 });
    }
    found
}

/// The split after which two lines leave the least behind.
fn two_line_values(series: &[f64]) -> Vec<Value> {
    let (before, after) = (residues(series.iter().copied()), residues(series.iter().rev().copied()));
    let cost = |split: usize| {
        let at = |residues: &[f64], count: usize| residues.get(count).copied().unwrap_or(0.0);
        at(&before, split) + at(&after, series.len() - split)
    };
    let splits = 2..series.len().saturating_sub(1);
    let costs = splits.map(|split| (split, cost(split)));
    let split = costs.reduce(|a, b| if b.1 < a.1 { b } else { a }).map_or(series.len(), |(split, _)| split);
    let (left, right) = series.split_at_checked(split).unwrap_or((series, &[]));
    let (first, second) = (Line::through(left), Line::through(if right.is_empty() { left } else { right }));
    let whole = Line::through(series);
    let residue = cost(split) / (series.len() as f64 - 1.0).max(1.0);
    let square = if whole.variance > 0.0 { 1.0 - residue / whole.variance } else { 1.0 };
    let fit = (0..left.len()).map(|x| first.at(x)).chain((0..right.len()).map(|x| second.at(x)));
    let mut values = vec![
        Value::Real(square),
        super::super::count(split),
        Value::Real(whole.variance),
        Value::Real(residue),
        reals(fit),
    ];
    for line in [second, first] {
        values.extend([line.square, line.slope, line.start, line.variance, line.residue].map(Value::Real));
    }
    values
}

/// As a bag with a bag for each line.
fn two_named(values: Value) -> Value {
    let Value::Array(values) = values else { return Value::Null };
    let names = ["rsquare", "slope", "interception", "variance", "rvariance"];
    let side = |from: usize| named(Value::array(values.iter().skip(from).take(5).cloned().collect()), &names);
    let outer = named(Value::Array(values.clone()), &["rsquare", "split_idx", "variance", "rvariance", "line_fit"]);
    let Value::Bag(pairs) = outer else { return Value::Null };
    let sides = [(Arc::from("right"), side(5)), (Arc::from("left"), side(10))];
    Value::bag(pairs.iter().cloned().chain(sides))
}

const MAX_DEGREE: usize = 5;

/// The polynomial of least squares: `series_fit_poly(y, x, degree)`.
fn poly(args: &[Value]) -> Value {
    let Some(series) = numbers(at(args, 0)).filter(|series| !series.is_empty()) else { return Value::Null };
    let places = numbers(at(args, 1)).filter(|places| places.len() == series.len());
    let places = places.unwrap_or_else(|| (0..series.len()).map(|x| x as f64).collect());
    let degree = as_long(at(args, 2)).and_then(|degree| usize::try_from(degree).ok()).unwrap_or(1);
    if degree > MAX_DEGREE {
        return Value::Null;
    }
    let Some(coefficients) = least_squares(&places, &series, degree) else { return Value::Null };
    let value = |x: f64| coefficients.iter().rev().fold(0.0, |sum, coefficient| sum * x + coefficient);
    let fit: Vec<f64> = places.iter().map(|x| value(*x)).collect();
    let off: f64 = series.iter().zip(&fit).map(|(y, fit)| (y - fit).powi(2)).sum();
    let spread = if series.len() > 1 { variance(&series) } else { 0.0 };
    let residue = off / (series.len() as f64 - 1.0).max(1.0);
    let square = if spread > 0.0 { 1.0 - residue / spread } else { 1.0 };
    let mut from_highest = coefficients;
    from_highest.reverse();
    let numbers = [Value::Real(spread), Value::Real(residue)];
    Value::array([Value::Real(square), reals(from_highest)].into_iter().chain(numbers).chain([reals(fit)]).collect())
}

/// Solves the normal equations by elimination.
fn least_squares(places: &[f64], series: &[f64], degree: usize) -> Option<Vec<f64>> {
    let power = |x: f64, by: usize| x.powi(i32::try_from(by).unwrap_or(0));
    let size = degree + 1;
    let mut rows: Vec<Vec<f64>> = (0..size)
        .map(|row| {
            let left = (0..size).map(|column| places.iter().map(|x| power(*x, row + column)).sum());
            let right = places.iter().zip(series).map(|(x, y)| power(*x, row) * y).sum();
            left.chain([right]).collect()
        })
        .collect();
    for pivot in 0..size {
        let best = (pivot..size).max_by(|a, b| {
            let size = |row: &usize| rows.get(*row).and_then(|row| row.get(pivot)).map_or(0.0, |x| x.abs());
            size(a).total_cmp(&size(b))
        })?;
        rows.swap(pivot, best);
        let chosen = rows.get(pivot)?.clone();
        let head = *chosen.get(pivot).filter(|head| **head != 0.0)?;
        for (index, row) in rows.iter_mut().enumerate().filter(|(index, _)| *index != pivot) {
            let _ = index;
            let by = row.get(pivot)? / head;
            row.iter_mut().zip(&chosen).for_each(|(cell, chosen)| *cell -= by * chosen);
        }
    }
    rows.iter().enumerate().map(|(index, row)| Some(row.last()? / row.get(index)?)).collect()
}

/// The value at a rank of the ordered series, between neighbours on a line.
pub(super) fn quantile(series: &[f64], rank: f64) -> f64 {
    let mut ordered = series.to_vec();
    ordered.sort_by(f64::total_cmp);
    let place = rank * (ordered.len() as f64 - 1.0);
    let low = crate::value::as_long_exact(place.floor()).and_then(|low| usize::try_from(low).ok()).unwrap_or(0);
    let value = |index: usize| ordered.get(index.min(ordered.len().saturating_sub(1))).copied().unwrap_or(0.0);
    value(low) + (value(low + 1) - value(low)) * (place - place.floor())
}

/// How far each element lies outside of the fences of Tukey's test, in widths of the range between them.
pub(super) fn scores(series: &[f64], low: f64, high: f64) -> Vec<f64> {
    let (low, high) = (quantile(series, low), quantile(series, high));
    let width = high - low;
    let score = |x: &f64| match (*x > high, *x < low) {
        _ if width == 0.0 => 0.0,
        (true, _) => (x - high) / width,
        (_, true) => (x - low) / width,
        _ => 0.0,
    };
    series.iter().map(score).collect()
}

fn outliers(args: &[Value]) -> Value {
    let Some(series) = numbers(at(args, 0)).filter(|series| !series.is_empty()) else { return Value::Null };
    let percent = |index: usize| as_real(at(args, index)).map(|percent| percent / 100.0);
    let (low, high) = match at(args, 1).as_str() {
        Some("tukey") => (0.25, 0.75),
        _ => (percent(3).unwrap_or(0.1), percent(4).unwrap_or(0.9)),
    };
    reals(scores(&series, low, high))
}
