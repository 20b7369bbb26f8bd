//! An expression after its names were looked up: ready to evaluate.

use super::expr::{Function, Operator};
use crate::constant::Constant;
use crate::shape::Edm;

/// A step of a path.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum PlanStep {
    Member(String),
    /// The types that pass, without namespace.
    Cast(Vec<String>),
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Load {
    /// Which range variable it starts at, counted from the outermost; the object itself if none.
    pub(crate) variable: Option<usize>,
    pub(crate) steps: Vec<PlanStep>,
    /// The declared type, if there is one.
    pub(crate) edm: Option<Edm>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Plan {
    Constant(Constant),
    Load(Load),
    Count(Load),
    And(Vec<Plan>),
    Or(Vec<Plan>),
    Not(Box<Plan>),
    Negative(Box<Plan>),
    Compare(Operator, Box<Plan>, Box<Plan>),
    Calculate(Operator, Box<Plan>, Box<Plan>),
    In(Box<Plan>, Vec<Constant>),
    InCollection(Box<Plan>, Load),
    Call(Function, Vec<Plan>),
    IsType(Load, Vec<String>),
    IsPrimitive(Load, Edm),
    Convert(Box<Plan>, Edm),
    Any { source: Load, all: bool, condition: Option<Box<Plan>> },
}
