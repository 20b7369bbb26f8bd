//! Numbers to the base ten, as the `decimal` type holds them.

use std::{cmp::Ordering, fmt, str::FromStr};

/// Digits after the point, at most; and digits at all.
const MAX_SCALE: u32 = 34;
const MAX_DIGITS: i128 = 10_i128.pow(37);

/// A number of up to 34 digits after the point.
///
/// Kept without zeros at its end, so that equal numbers are equal fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Decimal {
    digits: i128,
    scale: u32,
}

impl Decimal {
    fn new(digits: i128, scale: u32) -> Self {
        let (mut digits, mut scale) = (digits, scale);
        while scale > 0 && (digits % 10 == 0 || scale > MAX_SCALE) {
            digits /= 10;
            scale -= 1;
        }
        Self { digits, scale }
    }

    /// The nearest number that a real prints as.
    pub(crate) fn from_real(real: f64) -> Option<Self> {
        real.is_finite().then(|| real.to_string().parse().ok()).flatten()
    }

    pub(crate) fn to_real(self) -> f64 {
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// Without what stands after the point.
    pub(crate) fn truncated(self) -> i128 {
        10_i128.checked_pow(self.scale).map_or(0, |one| self.digits / one)
    }

    /// The digits of this with so many of them after the point, where that fits.
    fn scaled(self, scale: u32) -> Option<i128> {
        self.digits.checked_mul(10_i128.checked_pow(scale.checked_sub(self.scale)?)?)
    }

    fn aligned(self, other: Self) -> Option<(i128, i128, u32)> {
        let scale = self.scale.max(other.scale);
        Some((self.scaled(scale)?, other.scaled(scale)?, scale))
    }

    pub(crate) fn plus(self, other: Self) -> Option<Self> {
        let (a, b, scale) = self.aligned(other)?;
        Some(Self::new(a.checked_add(b)?, scale))
    }

    pub(crate) fn minus(self, other: Self) -> Option<Self> {
        self.plus(other.negated())
    }

    pub(crate) fn negated(self) -> Self {
        Self { digits: -self.digits, scale: self.scale }
    }

    pub(crate) fn times(self, other: Self) -> Option<Self> {
        Some(Self::new(self.digits.checked_mul(other.digits)?, self.scale + other.scale))
    }

    /// To as many digits as there is room for.
    pub(crate) fn over(self, other: Self) -> Option<Self> {
        if other.digits == 0 {
            return None;
        }
        let (mut digits, mut scale) = (self.digits, self.scale);
        while digits.abs() < MAX_DIGITS && (scale < other.scale || (scale - other.scale < MAX_SCALE && digits != 0)) {
            digits = digits.checked_mul(10)?;
            scale += 1;
        }
        Some(Self::new(digits / other.digits, scale.checked_sub(other.scale)?))
    }

    /// What is left of a division, never below zero.
    pub(crate) fn modulo(self, other: Self) -> Option<Self> {
        let (a, b, scale) = self.aligned(other)?;
        Some(Self::new(a.checked_rem_euclid(b)?, scale))
    }
}

impl From<i64> for Decimal {
    fn from(number: i64) -> Self {
        Self { digits: i128::from(number), scale: 0 }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match self.aligned(*other) {
            Some((a, b, _)) => a.cmp(&b),
            None => self.to_real().total_cmp(&other.to_real()),
        }
    }
}

/// A text that is no decimal number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no decimal number of up to 34 digits")]
pub struct NotDecimal;

impl FromStr for Decimal {
    type Err = NotDecimal;

    fn from_str(text: &str) -> Result<Self, NotDecimal> {
        let text = text.trim();
        let (number, power) = match text.split_once(['e', 'E']) {
            Some((number, power)) => (number, power.parse::<i32>().map_err(|_| NotDecimal)?),
            None => (text, 0),
        };
        let (sign, number) = match number.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, number.strip_prefix('+').unwrap_or(number)),
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let plain = |part: &str| part.bytes().all(|c| c.is_ascii_digit());
        if !plain(whole) || !plain(fraction) || (whole.is_empty() && fraction.is_empty()) {
            return Err(NotDecimal);
        }
        let kept = fraction.get(..usize::try_from(MAX_SCALE).unwrap_or(0)).unwrap_or(fraction);
        let mut digits: i128 = format!("0{whole}{kept}").parse().map_err(|_| NotDecimal)?;
        let scale = i32::try_from(kept.len()).map_err(|_| NotDecimal)?.checked_sub(power).ok_or(NotDecimal)?;
        if scale < 0 {
            let by = 10_i128.checked_pow(scale.unsigned_abs()).ok_or(NotDecimal)?;
            digits = digits.checked_mul(by).ok_or(NotDecimal)?;
        }
        let scale = u32::try_from(scale).unwrap_or(0);
        if scale > 2 * MAX_SCALE {
            return Ok(Self { digits: 0, scale: 0 });
        }
        Ok(Self::new(sign * digits, scale))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.digits < 0 { "-" } else { "" };
        let scale = usize::try_from(self.scale).unwrap_or(0);
        let digits = format!("{:0>width$}", self.digits.unsigned_abs(), width = scale + 1);
        let (whole, fraction) = digits.split_at_checked(digits.len() - scale).unwrap_or((&digits, ""));
        if fraction.is_empty() { write!(f, "{sign}{whole}") } else { write!(f, "{sign}{whole}.{fraction}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().expect(text)
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["", ".", "-", "1.2.3", "x", "1e", "1e40", "99999999999999999999999999999999999999999"] {
            assert_eq!(text.parse::<Decimal>(), Err(NotDecimal), "{text}");
        }
    }

    #[test]
    fn numbers_come_back_as_written() {
        for (text, printed) in [
            ("123.45678", "123.45678"),
            ("-0.10", "-0.1"),
            ("1e5", "100000"),
            ("1.5e-3", "0.0015"),
            (".5", "0.5"),
            ("0", "0"),
            ("1000000020000000300000004", "1000000020000000300000004"),
        ] {
            assert_eq!(decimal(text).to_string(), printed);
        }
    }

    #[test]
    fn sums_are_exact() {
        assert_eq!(decimal("0.1").plus(decimal("0.2")), Some(decimal("0.3")));
        assert_eq!(decimal("0.1").times(decimal("3")), Some(decimal("0.3")));
        assert_eq!(decimal("1").over(decimal("8")), Some(decimal("0.125")));
        assert_eq!(decimal("7").over(decimal("0")), None);
        assert_eq!(decimal("-7").modulo(decimal("2.5")), Some(decimal("0.5")));
        assert!(decimal("1").over(decimal("3")).is_some_and(|third| third.to_string().starts_with("0.33333333333333")));
        assert!(decimal("2.5") > decimal("2.49") && decimal("-3") < decimal("1"));
        assert_eq!((decimal("-2.9").truncated(), decimal("2.5").to_real()), (-2, 2.5));
    }
}
