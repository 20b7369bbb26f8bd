//! Values of a row, and what is gathered of several.

#![expect(missing_docs, reason = "the parts say what they are; those that do not are explained")]

use std::sync::Arc;

use crate::{ArithmeticOp, CompareOp, ListTest, LogicOp, TextTest, Type, Value};

#[derive(Debug, Clone)]
pub struct Aggregate {
    pub name: &'static str,
    pub args: Vec<Scalar>,
    /// Only rows for which this holds.
    pub filter: Option<Scalar>,
    /// How many columns it gives.
    pub width: usize,
}

#[derive(Debug, Clone)]
pub struct Scalar {
    pub kind: Kind,
    pub ty: Type,
}

#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Kind {
    Constant(Value),
    Column(usize),
    /// A column of the row around a sub-query, so many levels out.
    Outer(usize, usize),
    Member(Box<Scalar>, Arc<str>),
    Element(Box<Scalar>, Box<Scalar>),
    Logic(LogicOp, Vec<Scalar>),
    Not(Box<Scalar>),
    Negate(Box<Scalar>),
    Arithmetic(ArithmeticOp, Box<Scalar>, Box<Scalar>),
    Compare(CompareOp, Box<Scalar>, Box<Scalar>),
    Text(TextTest, Box<Scalar>, Box<Scalar>),
    List(ListTest, Box<Scalar>, Vec<Scalar>),
    /// Against the first column of a shared table.
    Among(ListTest, Box<Scalar>, usize),
    Between(bool, Box<[Scalar; 3]>),
    Call(Called, Vec<Scalar>),
    /// Condition, value, …, else.
    Case(Vec<Scalar>),
    Coalesce(Vec<Scalar>),
    Convert(Box<Scalar>),
    /// The first cell of a shared table.
    Cell(usize),
    Now,
    /// For each element of an array, which is a row of its own.
    Each(Each, Box<Scalar>, Box<Scalar>),
    /// Another value each time.
    Random(Random),
    /// The second argument as an error where the first does not hold.
    Assert(Box<Scalar>, Arc<str>),
    /// What is known of the place of an address.
    Place(Box<Scalar>),
    /// `row_number`, `prev`, `next` and their kin.
    Window(&'static str, Vec<Scalar>),
}

/// What is made of the values of a scalar for each element of an array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Each {
    Map,
    All,
    Any,
}

/// What kind of value is asked for.
#[derive(Debug, Clone)]
pub enum Random {
    /// From 0 up to 1.
    Real,
    /// A whole number below this.
    Below(Box<Scalar>),
    Guid,
}

/// A function over values.
#[derive(Clone, Copy)]
pub struct Called {
    pub name: &'static str,
    pub run: fn(&[Value]) -> Value,
}

impl std::fmt::Debug for Called {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl Scalar {
    pub(crate) fn new(kind: Kind, ty: Type) -> Self {
        Self { kind, ty }
    }

    pub(crate) fn constant(value: Value, ty: Type) -> Self {
        Self { kind: Kind::Constant(value), ty }
    }

    pub(crate) fn column(index: usize, ty: Type) -> Self {
        Self { kind: Kind::Column(index), ty }
    }

    /// The scalars of which this is made.
    pub fn parts(&self) -> Vec<&Scalar> {
        match &self.kind {
            Kind::Constant(_) | Kind::Column(_) | Kind::Outer(..) | Kind::Cell(_) | Kind::Now => Vec::new(),
            Kind::Random(Random::Below(a)) | Kind::Assert(a, _) | Kind::Place(a) | Kind::Each(_, a, _) => vec![a],
            Kind::Random(_) => Vec::new(),
            Kind::Member(a, _) | Kind::Not(a) | Kind::Negate(a) | Kind::Convert(a) | Kind::Among(_, a, _) => vec![a],
            Kind::Element(a, b) | Kind::Arithmetic(_, a, b) | Kind::Compare(_, a, b) | Kind::Text(_, a, b) => {
                vec![a, b]
            }
            Kind::Logic(_, parts) | Kind::Call(_, parts) | Kind::Case(parts) | Kind::Coalesce(parts) => {
                parts.iter().collect()
            }
            Kind::Window(_, parts) => parts.iter().collect(),
            Kind::List(_, a, parts) => std::iter::once(&**a).chain(parts).collect(),
            Kind::Between(_, parts) => parts.iter().collect(),
        }
    }

    /// The same, to be replaced.
    pub fn parts_mut(&mut self) -> Vec<&mut Scalar> {
        match &mut self.kind {
            Kind::Constant(_) | Kind::Column(_) | Kind::Outer(..) | Kind::Cell(_) | Kind::Now => Vec::new(),
            Kind::Member(a, _) | Kind::Not(a) | Kind::Negate(a) | Kind::Convert(a) | Kind::Among(_, a, _) => vec![a],
            Kind::Element(a, b) | Kind::Arithmetic(_, a, b) | Kind::Compare(_, a, b) | Kind::Text(_, a, b) => {
                vec![a, b]
            }
            Kind::Random(Random::Below(a)) | Kind::Assert(a, _) | Kind::Place(a) | Kind::Each(_, a, _) => vec![a],
            Kind::Random(_) => Vec::new(),
            Kind::Logic(_, parts)
            | Kind::Call(_, parts)
            | Kind::Case(parts)
            | Kind::Coalesce(parts)
            | Kind::Window(_, parts) => parts.iter_mut().collect(),
            Kind::List(_, a, parts) => std::iter::once(&mut **a).chain(parts).collect(),
            Kind::Between(_, parts) => parts.iter_mut().collect(),
        }
    }

    /// How many scalars this is made of, and how many stand above one another.
    pub(crate) fn measure(&self) -> (usize, usize) {
        let parts = self.parts().into_iter().map(Scalar::measure);
        let (size, height) = parts.fold((0, 0), |(size, height), part| (size + part.0, height.max(part.1)));
        (size + 1, height + 1)
    }

    /// Whether this is the same for every row.
    pub fn is_constant(&self) -> bool {
        !matches!(self.kind, Kind::Random(_))
            && self.stands_alone_itself()
            && self.parts().iter().all(|part| part.is_constant())
    }

    /// Whether this reads no row.
    pub(crate) fn stands_alone(&self) -> bool {
        self.stands_alone_itself() && self.parts().iter().all(|part| part.stands_alone())
    }

    fn stands_alone_itself(&self) -> bool {
        !matches!(self.kind, Kind::Column(_) | Kind::Outer(..) | Kind::Window(..))
    }

    pub(crate) fn looks_around(&self) -> bool {
        matches!(self.kind, Kind::Window(..)) || self.parts().iter().any(|part| part.looks_around())
    }
}
