//! Functions of mathematics that the standard library has not.

use super::{Run, at};
use crate::{Value, value::as_real};

pub(super) fn run(name: &str) -> Option<Run> {
    Some(match name {
        "gamma" => |args| as_real(at(args, 0)).map(libm::tgamma).into(),
        "loggamma" => |args| as_real(at(args, 0)).map(libm::lgamma).into(),
        "erf" => |args| as_real(at(args, 0)).map(libm::erf).into(),
        "erfc" => |args| as_real(at(args, 0)).map(libm::erfc).into(),
        "beta_cdf" => |args| three(args, |x, a, b| if (0.0..=1.0).contains(&x) { beta_cdf(x, a, b) } else { f64::NAN }),
        "beta_pdf" => |args| three(args, |x, a, b| if (0.0..=1.0).contains(&x) { beta_pdf(x, a, b) } else { f64::NAN }),
        "beta_inv" => |args| match as_real(at(args, 0)) {
            Some(p) if !(0.0..=1.0).contains(&p) => Value::Null,
            _ => three(args, beta_inv),
        },
        "welch_test" => welch_test,
        _ => return None,
    })
}

fn three(args: &[Value], of: impl Fn(f64, f64, f64) -> f64) -> Value {
    let (Some(x), Some(a), Some(b)) = (as_real(at(args, 0)), as_real(at(args, 1)), as_real(at(args, 2))) else {
        return Value::Null;
    };
    Value::Real(if a > 0.0 && b > 0.0 { of(x, a, b) } else { f64::NAN })
}

fn log_beta(a: f64, b: f64) -> f64 {
    libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b)
}

fn beta_pdf(x: f64, a: f64, b: f64) -> f64 {
    ((a - 1.0) * x.ln() + (b - 1.0) * (1.0 - x).ln() - log_beta(a, b)).exp()
}

/// The regularised incomplete beta function, by its continued fraction.
fn beta_cdf(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    let front = (a * x.ln() + b * (1.0 - x).ln() - log_beta(a, b)).exp();
    if x < (a + 1.0) / (a + b + 2.0) {
        front * fraction(x, a, b) / a
    } else {
        1.0 - front * fraction(1.0 - x, b, a) / b
    }
}

/// Lentz's method.
fn fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let off_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / off_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut h = d;
    for step in 1..300 {
        let m = f64::from(step);
        for numerator in [
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0)),
        ] {
            d = 1.0 / off_zero(1.0 + numerator * d);
            c = off_zero(1.0 + numerator / c);
            h *= c * d;
        }
        if (c * d - 1.0).abs() < 1e-16 {
            break;
        }
    }
    h
}

/// Where the cumulative function reaches this probability: it only grows, so halving finds it.
fn beta_inv(p: f64, a: f64, b: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..200 {
        let middle = (low + high) / 2.0;
        if beta_cdf(middle, a, b) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    (low + high) / 2.0
}

/// The probability that two means are equal, of samples whose variances may differ.
fn welch_test(args: &[Value]) -> Value {
    let numbers: Option<Vec<f64>> = (0..6).map(|index| as_real(at(args, index))).collect();
    let Some([mean1, variance1, count1, mean2, variance2, count2]) = numbers.as_deref() else { return Value::Null };
    let (a, b) = (variance1 / count1, variance2 / count2);
    let t = (mean1 - mean2) / (a + b).sqrt();
    let freedom = (a + b).powi(2) / (a * a / (count1 - 1.0) + b * b / (count2 - 1.0));
    Value::Real(beta_cdf(freedom / (freedom + t * t), freedom / 2.0, 0.5))
}
