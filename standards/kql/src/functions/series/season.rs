//! What repeats in a series, what is left without it, and what then stands out.

use super::{Run, at, fit, fit::Line, mean, numbers, reals, small};
use crate::{Value, value::as_real};

/// Elements that are looked at in search of a period: of a very long series only short ones are found.
const MOST: usize = 20_000_000;

/// Scores below this are no period.
const LEAST_SCORE: f64 = 0.6;

pub(super) fn run(name: &str) -> Option<Run> {
    Some(match name {
        "series_periods_detect" => detect,
        "series_periods_validate" => validate,
        "series_seasonal" => |args| {
            let Some(series) = numbers(at(args, 0)) else { return Value::Null };
            reals(seasonal(&series, period(args, 1, &series)))
        },
        "series_decompose" => {
            |args| parts(args, 1, 2, 3).map_or(Value::Null, |parts| Value::array(parts.arrays().to_vec()))
        }
        "series_decompose_anomalies" => anomalies,
        "series_decompose_forecast" => forecast,
        _ => return None,
    })
}

/// How alike a series is to itself so many steps later, from -1 to 1.
fn alikeness(series: &[f64], lag: usize) -> f64 {
    let mean = mean(series);
    let all: f64 = series.iter().map(|x| (x - mean).powi(2)).sum();
    let later: f64 = series.iter().zip(series.iter().skip(lag)).map(|(a, b)| (a - mean) * (b - mean)).sum();
    if all == 0.0 || lag >= series.len() {
        return 0.0;
    }
    later / all / ((series.len() - lag) as f64 / series.len() as f64).sqrt()
}

/// A lag that is more alike than its neighbours, and how much it is.
fn peak(series: &[f64], lag: usize) -> Option<f64> {
    let score = alikeness(series, lag);
    let beats = |other: usize| alikeness(series, other) <= score;
    (lag > 1 && lag + 1 < series.len() && beats(lag - 1) && beats(lag + 1)).then_some(score)
}

/// The peaks between two lags that come round four times, the best first; what is a multiple or a part of a better one is left out.
fn periods(series: &[f64], from: f64, to: f64) -> Vec<(usize, f64)> {
    let within = |lag: &usize| (*lag as f64) >= from && (*lag as f64) <= to;
    let longest = (series.len() / 4).min(MOST / series.len().max(1));
    let mut found: Vec<(usize, f64)> = (2..=longest)
        .filter(within)
        .filter_map(|lag| peak(series, lag).map(|score| (lag, score)))
        .filter(|(_, score)| *score >= LEAST_SCORE)
        .collect();
    found.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut kept: Vec<(usize, f64)> = Vec::new();
    for (lag, score) in found {
        if !kept.iter().any(|(better, _)| lag % better == 0 || better % lag == 0) {
            kept.push((lag, score));
        }
    }
    kept
}

fn detect(args: &[Value]) -> Value {
    let (Some(series), Some(from), Some(to)) = (numbers(at(args, 0)), as_real(at(args, 1)), as_real(at(args, 2)))
    else {
        return Value::Null;
    };
    let mut found = periods(&series, from, to);
    found.resize(small(args, 3).unwrap_or(1).min(32), (0, 0.0));
    let (lags, scores): (Vec<f64>, Vec<f64>) = found.into_iter().map(|(lag, score)| (lag as f64, score)).unzip();
    Value::array(vec![reals(lags), reals(scores)])
}

/// The scores of given periods; none where it may be by chance.
fn validate(args: &[Value]) -> Value {
    let Some(series) = numbers(at(args, 0)) else { return Value::Null };
    let asked: Vec<f64> = args.iter().skip(1).filter_map(as_real).collect();
    let score = |lag: &f64| {
        let lag = crate::value::as_long_exact(lag.round()).and_then(|lag| usize::try_from(lag).ok());
        let score = lag.and_then(|lag| peak(&series, lag)).unwrap_or(0.0);
        if score > 2.0 / (series.len() as f64).sqrt() { score } else { 0.0 }
    };
    let scores: Vec<f64> = asked.iter().map(score).collect();
    Value::array(vec![reals(asked), reals(scores)])
}

/// The period that an argument says, or the best there is; none where it says 0 or nothing repeats.
fn period(args: &[Value], index: usize, series: &[f64]) -> Option<usize> {
    match as_real(at(args, index)) {
        Some(asked) if asked >= 0.0 => small(args, index).filter(|period| *period > 0),
        _ => periods(series, 2.0, series.len() as f64).first().map(|(lag, _)| *lag),
    }
}

/// For each place in the period the middle of what stands there.
fn seasonal(series: &[f64], period: Option<usize>) -> Vec<f64> {
    let Some(period) = period else { return vec![0.0; series.len()] };
    let middle = |phase: usize| {
        let there: Vec<f64> = series.iter().skip(phase).step_by(period).copied().collect();
        fit::quantile(&there, 0.5)
    };
    let phases: Vec<f64> = (0..period.min(series.len())).map(middle).collect();
    (0..series.len()).map(|place| phases.get(place % period).copied().unwrap_or(0.0)).collect()
}

struct Parts {
    series: Vec<f64>,
    seasonal: Vec<f64>,
    trend: Vec<f64>,
}

impl Parts {
    fn baseline(&self) -> Vec<f64> {
        self.seasonal.iter().zip(&self.trend).map(|(a, b)| a + b).collect()
    }

    fn residual(&self) -> Vec<f64> {
        self.series.iter().zip(self.baseline()).map(|(x, base)| x - base).collect()
    }

    fn arrays(&self) -> [Value; 4] {
        [reals(self.baseline()), reals(self.seasonal.clone()), reals(self.trend.clone()), reals(self.residual())]
    }
}

/// A series as what repeats, what moves slowly, and the rest; the arguments say the period, the kind of trend and how
/// many points at the end are only looked at, not learnt from.
fn parts(args: &[Value], period_at: usize, trend_at: usize, points_at: usize) -> Option<Parts> {
    let series = numbers(at(args, 0)).filter(|series| !series.is_empty())?;
    let tail = small(args, points_at).unwrap_or(0).min(series.len().saturating_sub(1));
    let learnt = series.get(..series.len() - tail)?;
    let (start, slope) = match at(args, trend_at).as_str().unwrap_or("avg") {
        "linefit" => {
            let line = Line::through(learnt);
            (line.start, line.slope)
        }
        "none" => (0.0, 0.0),
        _ => (mean(learnt), 0.0),
    };
    let trend: Vec<f64> = (0..series.len()).map(|x| start + slope * x as f64).collect();
    let flat: Vec<f64> = learnt.iter().zip(&trend).map(|(x, trend)| x - trend).collect();
    let period = period(args, period_at, &flat);
    let season = seasonal(&flat, period);
    let at_place = |place: usize| period.and_then(|period| season.get(place % period)).copied().unwrap_or(0.0);
    let seasonal = (0..series.len()).map(at_place).collect();
    Some(Parts { series, seasonal, trend })
}

fn anomalies(args: &[Value]) -> Value {
    let threshold = as_real(at(args, 1)).unwrap_or(1.5);
    let Some(parts) = parts(args, 2, 3, 4) else { return Value::Null };
    let (low, high) = if at(args, 5).as_str() == Some("tukey") { (0.25, 0.75) } else { (0.1, 0.9) };
    let scores = fit::scores(&parts.residual(), low, high);
    let flag = |score: &f64| match (*score > threshold, *score < -threshold) {
        (true, _) => Value::Long(1),
        (_, true) => Value::Long(-1),
        _ => Value::Long(0),
    };
    let flags = Value::array(scores.iter().map(flag).collect());
    Value::array(vec![flags, reals(scores), reals(parts.baseline())])
}

/// `series_decompose_forecast(series, points, period, trend)`: the last points as the rest lets expect them.
fn forecast(args: &[Value]) -> Value {
    let mut asked = args.to_vec();
    if at(args, 3).is_null() {
        asked.resize(3, Value::Null);
        asked.push(Value::text("linefit"));
    }
    parts(&asked, 2, 3, 1).map_or(Value::Null, |parts| Value::array(parts.arrays().to_vec()))
}
