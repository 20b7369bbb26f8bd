//! Single values while an expression is computed, how they compare, and how they are calculated with.

use crate::{constant, temporal, text};
use std::borrow::Cow;
use std::cmp::Ordering;

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Scalar<'v> {
    Null,
    Boolean(bool),
    Integer(i64),
    Number(f64),
    /// Strings, GUIDs and members of enumerations.
    Text(Cow<'v, str>),
    Date(i64),
    Moment(i64),
    TimeOfDay(i64),
    Duration(i64),
    Bytes(Cow<'v, [u8]>),
    /// An object or a list: not null, and equal to nothing.
    Structure,
}

impl Scalar<'_> {
    /// How two values compare; nothing if one is null, or they are of kinds that do not.
    pub(crate) fn order(&self, other: &Self) -> Option<Ordering> {
        use Scalar::{Boolean, Bytes, Date, Duration, Integer, Moment, Number, Text, TimeOfDay};
        match (self, other) {
            (Boolean(left), Boolean(right)) => Some(left.cmp(right)),
            (Integer(left), Integer(right))
            | (Date(left), Date(right))
            | (Moment(left), Moment(right))
            | (TimeOfDay(left), TimeOfDay(right))
            | (Duration(left), Duration(right)) => Some(left.cmp(right)),
            (Number(left), Number(right)) => left.partial_cmp(right),
            (Integer(left), Number(right)) => integer_and_number(*left, *right),
            (Number(left), Integer(right)) => integer_and_number(*right, *left).map(Ordering::reverse),
            (Text(left), Text(right)) => Some(text::order(left, right)),
            (Bytes(left), Bytes(right)) => Some(left.cmp(right)),
            (Date(days), Moment(right)) => Some(days.saturating_mul(temporal::DAY).cmp(right)),
            (Moment(left), Date(days)) => Some(left.cmp(&days.saturating_mul(temporal::DAY))),
            // A property that nobody declared holds text where a declared one would hold a moment.
            (Text(text), typed) => read_as(text, typed)?.order(typed),
            (typed, Text(text)) => typed.order(&read_as(text, typed)?),
            _ => None,
        }
    }

    /// Whether two values are equal. Null equals null and nothing else.
    pub(crate) fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Text(left), Self::Text(right)) => text::equal(left, right),
            _ => self.order(other) == Some(Ordering::Equal),
        }
    }
}

/// A text as a value of the kind that another has.
fn read_as<'t>(text: &str, like: &Scalar<'_>) -> Option<Scalar<'t>> {
    match like {
        Scalar::Moment(_) => temporal::moment(text).map(Scalar::Moment),
        Scalar::Date(_) => temporal::date(text).map(Scalar::Date),
        Scalar::TimeOfDay(_) => temporal::time_of_day(text).map(Scalar::TimeOfDay),
        Scalar::Duration(_) => temporal::duration(text).map(Scalar::Duration),
        Scalar::Bytes(_) => constant::decode(text).map(|bytes| Scalar::Bytes(Cow::Owned(bytes))),
        _ => None,
    }
}

/// Compares without rounding the integer.
fn integer_and_number(integer: i64, number: f64) -> Option<Ordering> {
    const BEYOND: f64 = 9_223_372_036_854_775_808.0;
    if number.is_nan() {
        return None;
    }
    if number >= BEYOND {
        return Some(Ordering::Less);
    }
    if number < -BEYOND {
        return Some(Ordering::Greater);
    }
    #[expect(clippy::cast_possible_truncation, reason = "within the range of i64, as was just checked")]
    let whole = number.trunc() as i64;
    Some(integer.cmp(&whole).then_with(|| 0.0.partial_cmp(&number.fract()).unwrap_or(Ordering::Equal)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_equals_null_alone_and_orders_with_nothing() {
        assert!(Scalar::Null.equals(&Scalar::Null));
        assert!(!Scalar::Null.equals(&Scalar::Boolean(false)));
        assert_eq!(Scalar::Null.order(&Scalar::Null), None);
        assert!(!Scalar::Structure.equals(&Scalar::Structure));
    }

    #[test]
    fn large_integers_are_not_rounded() {
        let large = (1_i64 << 53) + 1;
        assert_eq!(Scalar::Integer(large).order(&Scalar::Number(9_007_199_254_740_992.0)), Some(Ordering::Greater));
        assert_eq!(Scalar::Integer(i64::MAX).order(&Scalar::Number(9.3e18)), Some(Ordering::Less));
        assert_eq!(Scalar::Number(-1.5).order(&Scalar::Integer(-1)), Some(Ordering::Less));
        assert_eq!(Scalar::Number(f64::NAN).order(&Scalar::Integer(1)), None);
    }
}
