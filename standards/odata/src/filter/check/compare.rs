//! Which types compare, calculate and fit which functions.

use super::{Type, Typed, of_constant};
use crate::constant::{Constant, decode};
use crate::filter::FilterError;
use crate::filter::expr::{Expr, Function, Operator};
use crate::filter::plan::Plan;
use crate::shape::{Edm, Kind};
use crate::temporal;
use signet_kernel::Timestamp;

/// Both sides of a comparison, constants brought to the other side's type.
pub(super) fn comparable(
    operator: Operator,
    (left, (l, left_type)): (&Expr, Typed<'_>),
    (right, (r, right_type)): (&Expr, Typed<'_>),
) -> Result<(Plan, Plan), FilterError> {
    let mismatch = || FilterError::Mismatch { left: left.to_string(), right: right.to_string() };
    match (left_type, right_type) {
        (Type::Many(_), _) => Err(FilterError::Type { part: left.to_string(), expected: "`any`, `all` or `$count`" }),
        (_, Type::Many(_)) => Err(FilterError::Type { part: right.to_string(), expected: "`any`, `all` or `$count`" }),
        (Type::Null | Type::One(Kind::Untyped), _) | (_, Type::Null | Type::One(Kind::Untyped)) => Ok((l, r)),
        (Type::One(Kind::Primitive(le)), Type::One(Kind::Primitive(re))) => {
            let enumeration = le.is_text() && re.is_text();
            if operator == Operator::Has && !enumeration {
                return Err(mismatch());
            }
            if compares(le, re) {
                return Ok((at_midnight(l, re), at_midnight(r, le)));
            }
            match (&l, &r) {
                (Plan::Constant(constant), _) => Ok((Plan::Constant(converted(constant, re).ok_or_else(mismatch)?), r)),
                (_, Plan::Constant(constant)) => Ok((l, Plan::Constant(converted(constant, le).ok_or_else(mismatch)?))),
                _ => Err(mismatch()),
            }
        }
        _ => Err(mismatch()),
    }
}

/// A value in a list of choices, brought to the item's type.
pub(super) fn choice(item: &Expr, kind: Type<'_>, constant: &Constant) -> Result<Constant, FilterError> {
    let mismatch = || FilterError::Mismatch { left: item.to_string(), right: constant.to_string() };
    match (kind, of_constant(constant)) {
        (Type::Many(_) | Type::One(Kind::Structured(_)), _) => Err(mismatch()),
        (Type::One(Kind::Primitive(edm)), Type::One(Kind::Primitive(given))) if !compares(edm, given) => {
            converted(constant, edm).ok_or_else(mismatch)
        }
        _ => Ok(constant.clone()),
    }
}

/// A date compared with a moment, as a moment, which an index of moments can look for.
fn at_midnight(plan: Plan, other: Edm) -> Plan {
    match plan {
        Plan::Constant(Constant::Date(days)) if other == Edm::Moment => {
            Plan::Constant(Constant::Moment(Timestamp::from_micros(days.saturating_mul(temporal::DAY))))
        }
        other => other,
    }
}

fn compares(left: Edm, right: Edm) -> bool {
    left == right
        || (left.is_numeric() && right.is_numeric())
        || (left.is_text() && right.is_text())
        || matches!((left, right), (Edm::Date, Edm::Moment) | (Edm::Moment, Edm::Date))
}

/// A text as the value of another type that older clients quote.
fn converted(constant: &Constant, edm: Edm) -> Option<Constant> {
    let Constant::Text(text) = constant else { return None };
    match edm {
        Edm::Moment => temporal::moment(text).map(|micros| Constant::Moment(Timestamp::from_micros(micros))),
        Edm::Date => temporal::date(text).map(Constant::Date),
        Edm::TimeOfDay => temporal::time_of_day(text).map(Constant::TimeOfDay),
        Edm::Duration => temporal::duration(text).map(Constant::Duration),
        Edm::Binary => decode(text).map(Constant::Binary),
        _ => None,
    }
}

/// What a calculation yields.
pub(super) fn calculated<'s>(
    operator: Operator,
    (left, left_type): (&Expr, Type<'s>),
    (right, right_type): (&Expr, Type<'s>),
) -> Result<Type<'s>, FilterError> {
    use Edm::{Date, Duration, Integer, Moment, Number};
    let edm = match (left_type, right_type) {
        (Type::Null, other) | (other, Type::Null) => return Ok(other),
        (Type::One(Kind::Untyped), _) | (_, Type::One(Kind::Untyped)) => return Ok(Type::One(Kind::Untyped)),
        (Type::One(Kind::Primitive(l)), Type::One(Kind::Primitive(r))) => match (l, operator, r) {
            (Integer, Operator::DivideBy, Integer) => Some(Number),
            (Integer, _, Integer) => Some(Integer),
            (l, _, r) if l.is_numeric() && r.is_numeric() => Some(Number),
            (Moment, Operator::Subtract, Moment) | (Date, Operator::Subtract, Date) => Some(Duration),
            (Moment | Date | Duration, Operator::Add | Operator::Subtract, Duration) => Some(l),
            (Duration, Operator::Add, Moment | Date) => Some(r),
            (Duration, Operator::Multiply | Operator::Divide | Operator::DivideBy, r) if r.is_numeric() => Some(l),
            (l, Operator::Multiply, Duration) if l.is_numeric() => Some(r),
            _ => None,
        },
        _ => None,
    };
    let mismatch = || FilterError::Mismatch { left: left.to_string(), right: right.to_string() };
    edm.map(|edm| Type::One(Kind::Primitive(edm))).ok_or_else(mismatch)
}

/// What a function yields. Rounding yields what it is given.
pub(super) fn result_of(function: Function) -> Type<'static> {
    use Function::{Concat, Substring, ToLower, ToUpper, Trim};
    Type::One(Kind::Primitive(match function {
        Function::Contains | Function::StartsWith | Function::EndsWith => Edm::Boolean,
        Substring | ToLower | ToUpper | Trim | Concat => Edm::String,
        Function::Date => Edm::Date,
        Function::Time => Edm::TimeOfDay,
        Function::Now | Function::MaxDateTime | Function::MinDateTime => Edm::Moment,
        Function::FractionalSeconds | Function::TotalSeconds => Edm::Number,
        _ => Edm::Integer,
    }))
}

/// What a function takes at a place.
pub(super) fn parameter(function: Function, at: usize) -> (fn(Edm) -> bool, &'static str) {
    match function {
        Function::Substring if at > 0 => (|edm| edm == Edm::Integer, "a whole number"),
        Function::Year | Function::Month | Function::Day => {
            (|edm| matches!(edm, Edm::Date | Edm::Moment), "a date or a moment")
        }
        Function::Hour | Function::Minute | Function::Second | Function::FractionalSeconds => {
            (|edm| matches!(edm, Edm::TimeOfDay | Edm::Moment), "a moment or a time of day")
        }
        Function::Date | Function::Time | Function::TotalOffsetMinutes => (|edm| edm == Edm::Moment, "a moment"),
        Function::TotalSeconds => (|edm| edm == Edm::Duration, "a duration"),
        Function::Round | Function::Floor | Function::Ceiling => (Edm::is_numeric, "a number"),
        _ => (Edm::is_text, "text"),
    }
}

/// An argument as the function reads it: of undeclared text, the moment it says.
pub(super) fn argument(function: Function, plan: Plan) -> Plan {
    use Function::{Date, Day, FractionalSeconds, Hour, Minute, Month, Second, Time, TotalOffsetMinutes, Year};
    let wants_moment = matches!(
        function,
        Date | Time | Year | Month | Day | Hour | Minute | Second | FractionalSeconds | TotalOffsetMinutes
    );
    match plan {
        Plan::Load(mut load) if wants_moment && load.edm.is_none() => {
            load.edm = Some(Edm::Moment);
            Plan::Load(load)
        }
        other => other,
    }
}
