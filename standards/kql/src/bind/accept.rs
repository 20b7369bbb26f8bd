//! Whether arguments fit a function, and the type of what it gives.

use super::{Bound, call::arguments, operand};
use crate::{
    Arg, Span, Type,
    functions::{Gives, Signature, Takes},
    plan::Scalar,
};

/// Whether the arguments fit, and what then comes out.
pub(super) fn check(signature: &Signature, bound: &[Scalar], args: &[Arg], literal: bool, span: Span) -> Bound<Gives> {
    if signature.name == "case" {
        return check_case(bound, args, span);
    }
    let count = bound.len() + usize::from(literal);
    let mut problem = None;
    for overload in signature.taking(count) {
        let wrong = bound
            .iter()
            .enumerate()
            .find(|(index, scalar)| !overload.candidates(*index).any(|parameter| accepts(&parameter.takes, scalar.ty)));
        let Some((index, scalar)) = wrong else { return Ok(overload.gives) };
        let at = args.get(index).map_or(span, |arg| arg.value.span);
        let wanted = overload.parameter(index).map_or_else(String::new, |parameter| wanted(&parameter.takes));
        problem.get_or_insert(operand::needs(&wanted, scalar.ty, at));
    }
    Err(problem.unwrap_or_else(|| arguments(signature.name, signature.counts(), count, span)))
}

fn check_case(bound: &[Scalar], args: &[Arg], span: Span) -> Bound<Gives> {
    if bound.len() < 3 || bound.len().is_multiple_of(2) {
        return Err(arguments("case", "conditions and values in turn, then a value".to_owned(), bound.len(), span));
    }
    for (index, part) in bound.iter().enumerate().step_by(2) {
        if part.ty != Type::Bool && index + 1 < bound.len() {
            return Err(operand::needs("bool", part.ty, args.get(index).map_or(span, |arg| arg.value.span)));
        }
    }
    Ok(Gives::Common)
}

fn accepts(takes: &Takes, ty: Type) -> bool {
    match takes {
        Takes::Scalar => true,
        Takes::Types(types) => types.iter().any(|wanted| {
            *wanted == ty
                || *wanted == Type::Dynamic
                || (*wanted == Type::String && ty == Type::Dynamic)
                || (wanted.is_number() && ty.is_number() && wanted.wider(ty) == *wanted)
        }),
        Takes::Integer => ty.is_integer(),
        Takes::RealOrDecimal => matches!(ty, Type::Real | Type::Decimal),
        Takes::StringOrDynamic | Takes::StringOrArray => matches!(ty, Type::String | Type::Dynamic),
        Takes::IntegerOrArray => ty.is_integer() || ty == Type::Dynamic,
        Takes::Array | Takes::Bag => ty == Type::Dynamic,
        Takes::Number => ty.is_number(),
        Takes::NumberOrBool => ty.is_number() || ty == Type::Bool,
        Takes::Summable => ty.is_summable(),
        Takes::Orderable => ty.is_summable() || matches!(ty, Type::String | Type::Bool | Type::Guid),
        Takes::NotRealOrBool => !matches!(ty, Type::Real | Type::Bool),
        Takes::NotDynamic => ty != Type::Dynamic,
        Takes::Table | Takes::TypeLiteral => false,
    }
}

fn wanted(takes: &Takes) -> String {
    match takes {
        Takes::Types(types) => {
            return types.iter().map(|ty| ty.name()).collect::<Vec<_>>().join(" or ");
        }
        Takes::Scalar => "a value",
        Takes::Integer => "int or long",
        Takes::RealOrDecimal => "real",
        Takes::StringOrDynamic => "string or dynamic",
        Takes::StringOrArray => "string or a dynamic array",
        Takes::IntegerOrArray => "long or a dynamic array",
        Takes::Array => "dynamic (an array)",
        Takes::Bag => "dynamic (a bag)",
        Takes::Number => "a number",
        Takes::NumberOrBool => "a number or bool",
        Takes::Summable => "a number, datetime or timespan",
        Takes::Orderable => "a number, datetime, timespan, string or bool",
        Takes::NotRealOrBool => "anything but real and bool",
        Takes::NotDynamic => "anything but dynamic: use tostring( )",
        Takes::Table => "a table",
        Takes::TypeLiteral => "typeof( )",
    }
    .to_owned()
}

pub(super) fn result(signature: &Signature, gives: Gives, bound: &[Scalar], literal: Option<Type>) -> Type {
    let argument = |index: usize| bound.get(index).map_or(Type::Dynamic, |scalar| scalar.ty);
    match gives {
        Gives::Type(ty) => ty,
        Gives::Argument(index) => argument(index),
        Gives::Literal => literal.unwrap_or(Type::String),
        Gives::Promoted => match argument(0) {
            Type::Int => Type::Long,
            ty => ty,
        },
        Gives::Common if signature.name == "case" => {
            let last = bound.len().saturating_sub(1);
            common(bound.iter().enumerate().filter(|(i, _)| i % 2 == 1 || *i == last).map(|(_, scalar)| scalar.ty))
        }
        Gives::Common => {
            let skipped = usize::from(matches!(signature.name, "iff" | "iif"));
            common(bound.iter().skip(skipped).map(|scalar| scalar.ty))
        }
        Gives::Widest => match bound.iter().map(|scalar| scalar.ty).reduce(Type::wider) {
            None | Some(Type::Int) => Type::Long,
            Some(ty) => ty,
        },
        Gives::Custom if signature.name == "bin_auto" && argument(0) == Type::Int => Type::Long,
        Gives::Custom if signature.name == "bin_auto" => argument(0),
        Gives::Custom => Type::Dynamic,
    }
}

/// The type that holds all of these.
fn common(types: impl Iterator<Item = Type>) -> Type {
    types
        .reduce(|a, b| match (a, b) {
            (a, b) if a == b => a,
            (a, b) if a.is_number() && b.is_number() => a.wider(b),
            (Type::Dynamic, other) | (other, Type::Dynamic) => other,
            _ => Type::Dynamic,
        })
        .unwrap_or(Type::Dynamic)
}
