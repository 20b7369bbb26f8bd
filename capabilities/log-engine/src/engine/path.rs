//! Paths into dynamic columns, in all the ways in which queries write them.

use signet_kql::{
    Type, Value,
    plan::{Kind, Scalar},
};

use crate::unfold::Step;

/// The column of the input and the way into it that a scalar comes to, where it is nothing but that.
pub(super) fn of(scalar: &Scalar) -> Option<(usize, Vec<Step>)> {
    match &scalar.kind {
        Kind::Member(base, name) => longer(base, Step::Member(name.to_string())),
        Kind::Element(base, index) => match &index.kind {
            Kind::Constant(Value::Long(index)) => longer(base, Step::Element(usize::try_from(*index).ok()?)),
            Kind::Constant(Value::String(name)) => longer(base, Step::Member(name.to_string())),
            _ => None,
        },
        _ => None,
    }
}

fn longer(base: &Scalar, step: Step) -> Option<(usize, Vec<Step>)> {
    let (column, mut steps) = within(base)?;
    steps.push(step);
    Some((column, steps))
}

/// A scalar that is looked into: here JSON text and what it says are the same, as nothing on the way is a text.
fn within(scalar: &Scalar) -> Option<(usize, Vec<Step>)> {
    match &scalar.kind {
        Kind::Column(column) if scalar.ty == Type::Dynamic => Some((*column, Vec::new())),
        Kind::Member(..) | Kind::Element(..) => of(scalar),
        Kind::Call(called, args) if ["parse_json", "parsejson", "todynamic", "toobject"].contains(&called.name) => {
            match args.as_slice() {
                [Scalar { kind: Kind::Column(column), ty: Type::String }] => Some((*column, Vec::new())),
                [Scalar { kind: Kind::Convert(inner), ty: Type::String }] if inner.ty == Type::Dynamic => within(inner),
                [inner] if inner.ty == Type::Dynamic => within(inner),
                _ => None,
            }
        }
        _ => None,
    }
}
