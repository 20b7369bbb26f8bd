//! Which types an operator takes, and what it gives.

use super::Bound;
use crate::{
    ArithmeticOp, CompareOp, KqlError, Span, TextMatch, Type,
    error::Problem,
    plan::{Kind, Scalar},
};

pub(super) fn needs(wanted: &str, found: Type, span: Span) -> KqlError {
    KqlError::new(Problem::Type { wanted: wanted.to_owned(), found: found.to_string() }, span)
}

pub(super) fn undefined(operator: &'static str, left: Type, right: Type, span: Span) -> KqlError {
    KqlError::new(Problem::Operands { operator, left: left.name(), right: right.name() }, span)
}

pub(super) fn text_name(what: TextMatch) -> &'static str {
    match what {
        TextMatch::Has => "has",
        TextMatch::HasPrefix => "hasprefix",
        TextMatch::HasSuffix => "hassuffix",
        TextMatch::Contains => "contains",
        TextMatch::StartsWith => "startswith",
        TextMatch::EndsWith => "endswith",
        TextMatch::Like => "like",
        TextMatch::Regex => "matches regex",
    }
}

pub(super) fn arithmetic(op: ArithmeticOp, left: Type, right: Type, span: Span) -> Bound<Type> {
    use ArithmeticOp::{Add, Divide, Modulo, Multiply, Subtract};
    use Type::{DateTime, Dynamic, TimeSpan};
    let name = match op {
        Add => "+",
        Subtract => "-",
        Multiply => "*",
        Divide => "/",
        Modulo => "%",
    };
    let (l, r) = match (left, right) {
        (Dynamic, Dynamic) => return Ok(Dynamic),
        (Dynamic, DateTime) | (DateTime, Dynamic) if op == Add => return Ok(DateTime),
        (Dynamic, other) => (other, other),
        (other, Dynamic) => (other, other),
        both => both,
    };
    Ok(match (l, op, r) {
        (a, _, b) if a.is_number() && b.is_number() => match a.wider(b) {
            Type::Int => Type::Long,
            wide => wide,
        },
        (DateTime, Subtract, DateTime) | (TimeSpan, Add | Subtract | Modulo, TimeSpan) => TimeSpan,
        (DateTime, Add | Subtract, TimeSpan) | (TimeSpan, Add, DateTime) => DateTime,
        (TimeSpan, Divide, TimeSpan) => Type::Real,
        (TimeSpan, Multiply | Divide, number) if number.is_number() => TimeSpan,
        (number, Multiply, TimeSpan) if number.is_number() => TimeSpan,
        _ => return Err(undefined(name, left, right, span)),
    })
}

pub(super) fn comparison(op: CompareOp, left: Type, right: Type, span: Span) -> Bound<()> {
    use Type::{DateTime, Dynamic, TimeSpan};
    let texts = |ty| matches!(ty, Type::String | Dynamic);
    let number = |ty: Type| ty.is_number() || ty == Type::Bool;
    let orders = |a: Type, b: Type| {
        (number(a) && number(b))
            || matches!((a, b), (DateTime, DateTime) | (TimeSpan, TimeSpan) | (Dynamic, Dynamic))
            || (a == Dynamic && b.is_number())
            || (b == Dynamic && a.is_number())
    };
    let (name, holds) = match op {
        CompareOp::Equal | CompareOp::NotEqual => return Ok(()),
        CompareOp::Like => ("=~", texts(left) && texts(right)),
        CompareOp::NotLike => ("!~", texts(left) && texts(right)),
        CompareOp::Less => ("<", orders(left, right)),
        CompareOp::LessOrEqual => ("<=", orders(left, right)),
        CompareOp::Greater => (">", orders(left, right)),
        CompareOp::GreaterOrEqual => (">=", orders(left, right)),
    };
    if holds { Ok(()) } else { Err(undefined(name, left, right, span)) }
}

pub(super) fn between(parts: &[Scalar; 3], span: Span) -> Bound<()> {
    let [value, low, high] = parts.each_ref().map(|part| part.ty);
    let number = |ty: Type| ty.is_number() || ty == Type::Dynamic;
    let holds = match value {
        Type::DateTime => low == Type::DateTime && matches!(high, Type::DateTime | Type::TimeSpan),
        Type::TimeSpan => low == Type::TimeSpan && high == Type::TimeSpan,
        _ => number(value) && number(low) && number(high),
    };
    if holds { Ok(()) } else { Err(undefined("between", value, low, span)) }
}

/// A dynamic value that is compared with a text is its text, which is empty for null.
pub(super) fn as_texts(op: CompareOp, left: Scalar, right: Scalar) -> (Scalar, Scalar) {
    let text = |scalar: Scalar| Scalar::new(Kind::Convert(Box::new(scalar)), Type::String);
    match (op, left.ty, right.ty) {
        (CompareOp::Equal | CompareOp::NotEqual, Type::Dynamic, Type::String) => (text(left), right),
        (CompareOp::Equal | CompareOp::NotEqual, Type::String, Type::Dynamic) => (left, text(right)),
        _ => (left, right),
    }
}
