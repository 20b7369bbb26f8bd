//! Sums and their kin.

use crate::{
    ArithmeticOp, Value,
    value::{as_decimal, as_real},
};

pub(crate) fn arithmetic(op: ArithmeticOp, left: &Value, right: &Value) -> Value {
    use ArithmeticOp::{Add, Divide, Modulo, Multiply, Subtract};
    match (left, op, right) {
        (Value::Null, ..) | (.., Value::Null) => Value::Null,
        (Value::Long(a), _, Value::Long(b)) => match op {
            Add => Value::Long(a.wrapping_add(*b)),
            Subtract => Value::Long(a.wrapping_sub(*b)),
            Multiply => Value::Long(a.wrapping_mul(*b)),
            Divide => a.checked_div(*b).into(),
            Modulo => a.checked_rem_euclid(*b).into(),
        },
        (Value::Decimal(_), _, Value::Decimal(_) | Value::Long(_) | Value::Real(_))
        | (Value::Long(_) | Value::Real(_), _, Value::Decimal(_)) => {
            let (Some(a), Some(b)) = (as_decimal(left), as_decimal(right)) else { return Value::Null };
            let found = match op {
                Add => a.plus(b),
                Subtract => a.minus(b),
                Multiply => a.times(b),
                Divide => a.over(b),
                Modulo => a.modulo(b),
            };
            found.map_or(Value::Null, Value::Decimal)
        }
        (Value::Long(_) | Value::Real(_), _, Value::Long(_) | Value::Real(_)) => {
            let (Some(a), Some(b)) = (as_real(left), as_real(right)) else { return Value::Null };
            Value::Real(match op {
                Add => a + b,
                Subtract => a - b,
                Multiply => a * b,
                Divide => a / b,
                Modulo => a.rem_euclid(b),
            })
        }
        (Value::DateTime(a), Subtract, Value::DateTime(b)) => Value::TimeSpan(a.wrapping_sub(*b)),
        (Value::DateTime(a), Add, Value::TimeSpan(b)) | (Value::TimeSpan(b), Add, Value::DateTime(a)) => {
            a.checked_add(*b).map_or(Value::Null, Value::DateTime)
        }
        (Value::DateTime(a), Subtract, Value::TimeSpan(b)) => a.checked_sub(*b).map_or(Value::Null, Value::DateTime),
        (Value::TimeSpan(a), _, Value::TimeSpan(b)) => match op {
            Add => a.checked_add(*b).map_or(Value::Null, Value::TimeSpan),
            Subtract => a.checked_sub(*b).map_or(Value::Null, Value::TimeSpan),
            Modulo => a.checked_rem_euclid(*b).map_or(Value::Null, Value::TimeSpan),
            Divide => Value::Real(*a as f64 / *b as f64),
            Multiply => Value::Null,
        },
        (Value::TimeSpan(a), Multiply | Divide, number) => scaled(*a, op, number),
        (number, Multiply, Value::TimeSpan(a)) => scaled(*a, op, number),
        _ => Value::Null,
    }
}

fn scaled(ticks: i64, op: ArithmeticOp, number: &Value) -> Value {
    let whole = match (op, number) {
        (ArithmeticOp::Multiply, Value::Long(by)) => ticks.checked_mul(*by),
        (ArithmeticOp::Divide, Value::Long(by)) => ticks.checked_div(*by),
        (ArithmeticOp::Multiply, Value::Real(by)) => crate::value::as_long_exact(ticks as f64 * by),
        (_, Value::Real(by)) => crate::value::as_long_exact(ticks as f64 / by),
        _ => None,
    };
    whole.map_or(Value::Null, Value::TimeSpan)
}
