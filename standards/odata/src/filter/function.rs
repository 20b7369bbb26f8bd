//! Functions and arithmetic. Whatever is given null yields null.

use super::evaluate::{EvaluationError, from_text};
use super::expr::{Function, Operator};
use crate::constant::Constant;
use crate::scalar::Scalar;
use crate::shape::Edm;
use crate::temporal::{self, DAY, HOUR, MINUTE, SECOND};
use crate::text;
use signet_kernel::Timestamp;
use std::borrow::Cow;

type Computed<'r> = Result<Scalar<'r>, EvaluationError>;

const OVERFLOW: EvaluationError = EvaluationError::Overflow;

pub(super) fn negative<'r>(value: Scalar<'r>) -> Computed<'r> {
    match value {
        Scalar::Integer(value) => value.checked_neg().map(Scalar::Integer).ok_or(OVERFLOW),
        Scalar::Number(value) => Ok(Scalar::Number(-value)),
        Scalar::Duration(value) => value.checked_neg().map(Scalar::Duration).ok_or(OVERFLOW),
        _ => Ok(Scalar::Null),
    }
}

pub(super) fn calculate<'r>(operator: Operator, left: Scalar<'r>, right: Scalar<'r>) -> Computed<'r> {
    use Scalar::{Date, Duration, Integer, Moment, Null, Number};
    match (left, right) {
        (Null, _) | (_, Null) => Ok(Null),
        (Integer(left), Integer(right)) => integers(operator, left, right),
        (Integer(left), Number(right)) => Ok(Number(numbers(operator, left as f64, right))),
        (Number(left), Integer(right)) => Ok(Number(numbers(operator, left, right as f64))),
        (Number(left), Number(right)) => Ok(Number(numbers(operator, left, right))),
        (Moment(left), Moment(right)) if operator == Operator::Subtract => plus(left, right, operator).map(Duration),
        (Moment(left), Duration(right)) => plus(left, right, operator).and_then(moment),
        (Duration(left), Moment(right)) if operator == Operator::Add => plus(left, right, operator).and_then(moment),
        (Duration(left), Duration(right)) => plus(left, right, operator).map(Duration),
        (Date(left), Date(right)) => plus(left, right, operator)?.checked_mul(DAY).map(Duration).ok_or(OVERFLOW),
        (Date(left), Duration(right)) => plus(left, right.div_euclid(DAY), operator).and_then(date),
        (Duration(left), Date(right)) => plus(left.div_euclid(DAY), right, operator).and_then(date),
        (Duration(left), Integer(right)) => scaled(operator, left, right as f64),
        (Duration(left), Number(right)) => scaled(operator, left, right),
        (Integer(left), Duration(right)) => scaled(Operator::Multiply, right, left as f64),
        (Number(left), Duration(right)) => scaled(Operator::Multiply, right, left),
        _ => Err(EvaluationError::Operands),
    }
}

// SPEC: OData 4.01 URL conventions 5.1.1.2: `div` of integers is an integer, and by zero it fails.
fn integers<'r>(operator: Operator, left: i64, right: i64) -> Computed<'r> {
    let result = match operator {
        Operator::Add => left.checked_add(right),
        Operator::Subtract => left.checked_sub(right),
        Operator::Multiply => left.checked_mul(right),
        _ if right == 0 => return Err(EvaluationError::DivisionByZero),
        Operator::Divide => left.checked_div(right),
        Operator::DivideBy => return Ok(Scalar::Number(left as f64 / right as f64)),
        _ => left.checked_rem(right),
    };
    result.map(Scalar::Integer).ok_or(OVERFLOW)
}

fn numbers(operator: Operator, left: f64, right: f64) -> f64 {
    match operator {
        Operator::Add => left + right,
        Operator::Subtract => left - right,
        Operator::Multiply => left * right,
        Operator::Modulo => left % right,
        _ => left / right,
    }
}

fn plus(left: i64, right: i64, operator: Operator) -> Result<i64, EvaluationError> {
    match operator {
        Operator::Add => left.checked_add(right).ok_or(OVERFLOW),
        Operator::Subtract => left.checked_sub(right).ok_or(OVERFLOW),
        _ => Err(EvaluationError::Operands),
    }
}

fn moment<'r>(micros: i64) -> Computed<'r> {
    let known = (temporal::FIRST_MOMENT..=temporal::LAST_MOMENT).contains(&micros);
    if known { Ok(Scalar::Moment(micros)) } else { Err(OVERFLOW) }
}

fn date<'r>(days: i64) -> Computed<'r> {
    moment(days.checked_mul(DAY).ok_or(OVERFLOW)?)?;
    Ok(Scalar::Date(days))
}

fn scaled<'r>(operator: Operator, duration: i64, factor: f64) -> Computed<'r> {
    let result = match operator {
        Operator::Multiply => duration as f64 * factor,
        Operator::Divide | Operator::DivideBy => duration as f64 / factor,
        _ => return Err(EvaluationError::Operands),
    };
    whole(result).map(Scalar::Duration).ok_or(OVERFLOW)
}

/// A number without fraction as an integer, if it is one that fits.
fn whole(number: f64) -> Option<i64> {
    const BEYOND: f64 = 9_223_372_036_854_775_808.0;
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked, the fraction is not wanted")]
    (-BEYOND..BEYOND).contains(&number).then_some(number as i64)
}

pub(super) fn call<'r>(function: Function, arguments: &[Scalar<'r>], now: Timestamp) -> Computed<'r> {
    if arguments.contains(&Scalar::Null) {
        return Ok(Scalar::Null);
    }
    Ok(match (function, arguments) {
        (Function::Now, _) => Scalar::Moment(now.micros()),
        (Function::MaxDateTime, _) => Scalar::Moment(temporal::LAST_MOMENT),
        (Function::MinDateTime, _) => Scalar::Moment(temporal::FIRST_MOMENT),
        (Function::Substring, [Scalar::Text(text), rest @ ..]) => substring(text, rest)?,
        (Function::TotalSeconds, [Scalar::Duration(micros)]) => Scalar::Number(*micros as f64 / SECOND as f64),
        (_, [Scalar::Text(text)]) => of_text(function, text)?,
        (_, [Scalar::Text(left), Scalar::Text(right)]) => of_texts(function, left, right)?,
        (_, [Scalar::Integer(value)]) if rounds(function) => Scalar::Integer(*value),
        (Function::Round, [Scalar::Number(value)]) => Scalar::Number(value.round()),
        (Function::Floor, [Scalar::Number(value)]) => Scalar::Number(value.floor()),
        (Function::Ceiling, [Scalar::Number(value)]) => Scalar::Number(value.ceil()),
        (_, [Scalar::Date(days)]) => of_day(function, *days),
        (_, [Scalar::TimeOfDay(time)]) => of_clock(function, *time),
        (_, [Scalar::Moment(micros)]) => of_moment(function, *micros),
        _ => Scalar::Null,
    })
}

fn rounds(function: Function) -> bool {
    matches!(function, Function::Round | Function::Floor | Function::Ceiling)
}

fn of_text<'r>(function: Function, text: &str) -> Computed<'r> {
    let owned = |text: String| Scalar::Text(Cow::Owned(text));
    Ok(match function {
        Function::Length => count(text.chars().count())?,
        Function::ToLower => owned(text.to_lowercase()),
        Function::ToUpper => owned(text.to_uppercase()),
        Function::Trim => owned(text.trim().to_owned()),
        _ => Scalar::Null,
    })
}

fn of_texts<'r>(function: Function, left: &str, right: &str) -> Computed<'r> {
    Ok(match function {
        Function::Contains => Scalar::Boolean(text::contains(left, right)),
        Function::StartsWith => Scalar::Boolean(text::starts_with(left, right)),
        Function::EndsWith => Scalar::Boolean(text::ends_with(left, right)),
        Function::IndexOf => text::index_of(left, right).map_or(Ok(Scalar::Integer(-1)), count)?,
        Function::Concat => Scalar::Text(Cow::Owned([left, right].concat())),
        _ => Scalar::Null,
    })
}

fn count<'r>(number: usize) -> Computed<'r> {
    i64::try_from(number).map(Scalar::Integer).map_err(|_| OVERFLOW)
}

fn substring<'r>(text: &str, range: &[Scalar<'_>]) -> Computed<'r> {
    let at = |index: usize| match range.get(index) {
        Some(Scalar::Integer(value)) => usize::try_from(*value).map(Some).map_err(|_| EvaluationError::OutOfRange),
        _ => Ok(None),
    };
    let (start, length) = (at(0)?.unwrap_or(0), at(1)?.unwrap_or(usize::MAX));
    Ok(Scalar::Text(Cow::Owned(text.chars().skip(start).take(length).collect())))
}

fn of_day<'r>(function: Function, days: i64) -> Scalar<'r> {
    let (year, month, day) = temporal::civil(days);
    match function {
        Function::Year => Scalar::Integer(year),
        Function::Month => Scalar::Integer(month),
        Function::Day => Scalar::Integer(day),
        _ => Scalar::Null,
    }
}

fn of_clock<'r>(function: Function, time: i64) -> Scalar<'r> {
    match function {
        Function::Hour => Scalar::Integer(time / HOUR),
        Function::Minute => Scalar::Integer(time / MINUTE % 60),
        Function::Second => Scalar::Integer(time / SECOND % 60),
        Function::FractionalSeconds => Scalar::Number((time % SECOND) as f64 / SECOND as f64),
        _ => Scalar::Null,
    }
}

/// Moments are kept and answered in UTC, so their offset is none.
fn of_moment<'r>(function: Function, micros: i64) -> Scalar<'r> {
    let (days, time) = (micros.div_euclid(DAY), micros.rem_euclid(DAY));
    match function {
        Function::Date => Scalar::Date(days),
        Function::Time => Scalar::TimeOfDay(time),
        Function::TotalOffsetMinutes => Scalar::Integer(0),
        Function::Year | Function::Month | Function::Day => of_day(function, days),
        _ => of_clock(function, time),
    }
}

/// A value as one of another type; null if it cannot be one.
pub(super) fn convert(value: Scalar<'_>, edm: Edm) -> Scalar<'_> {
    match (value, edm) {
        (Scalar::Null | Scalar::Structure, _) => Scalar::Null,
        (Scalar::Text(text), _) => from_text(text, edm),
        (Scalar::Integer(value), Edm::Number) => Scalar::Number(value as f64),
        (Scalar::Number(value), Edm::Integer) => whole(value).map_or(Scalar::Null, Scalar::Integer),
        (Scalar::Moment(micros), Edm::Date) => Scalar::Date(micros.div_euclid(DAY)),
        (Scalar::Moment(micros), Edm::TimeOfDay) => Scalar::TimeOfDay(micros.rem_euclid(DAY)),
        (Scalar::Date(days), Edm::Moment) => Scalar::Moment(days.saturating_mul(DAY)),
        (value, Edm::String) => printed(&value).map_or(Scalar::Null, |text| Scalar::Text(Cow::Owned(text))),
        (value, edm) if fits(&value, edm) => value,
        _ => Scalar::Null,
    }
}

fn printed(value: &Scalar<'_>) -> Option<String> {
    Some(match value {
        Scalar::Duration(duration) => temporal::print_duration(*duration),
        other => Constant::of_scalar(other)?.to_string(),
    })
}

fn fits(value: &Scalar<'_>, edm: Edm) -> bool {
    matches!(
        (value, edm),
        (Scalar::Boolean(_), Edm::Boolean)
            | (Scalar::Integer(_), Edm::Integer)
            | (Scalar::Number(_), Edm::Number)
            | (Scalar::Date(_), Edm::Date)
            | (Scalar::Moment(_), Edm::Moment)
            | (Scalar::TimeOfDay(_), Edm::TimeOfDay)
            | (Scalar::Duration(_), Edm::Duration)
            | (Scalar::Bytes(_), Edm::Binary)
    )
}
