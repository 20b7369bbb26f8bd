//! A condition on objects of a known shape.

use super::FilterError;
use super::check::Checker;
use super::evaluate::{Evaluation, EvaluationError};
use super::expr::Expr;
use super::narrow::{Constraint, constraints};
use super::plan::Plan;
use crate::row::Row;
use crate::scalar::Scalar;
use crate::shape::Shape;
use signet_kernel::Timestamp;

/// A relation that an expression asks about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// Its name.
    pub name: String,
    /// Whether the objects at its far ends are looked into. Otherwise [`Node::Size`](crate::Node::Size) will do.
    pub objects: bool,
}

/// An expression whose names were looked up.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Computation {
    plan: Plan,
    pub(crate) members: Vec<String>,
    pub(crate) relations: Vec<Relation>,
}

impl Computation {
    pub(crate) fn value(expr: &Expr, shape: &dyn Shape) -> Result<Self, FilterError> {
        let mut checker = Checker::new(shape);
        let plan = checker.single(expr)?;
        Ok(Self { plan, members: checker.members, relations: checker.relations })
    }

    pub(crate) fn compute<'r>(&'r self, row: &'r dyn Row, now: Timestamp) -> Result<Scalar<'r>, EvaluationError> {
        Evaluation::of(row, now).scalar(&self.plan)
    }
}

/// A condition on objects of a known shape: every name in it exists, every comparison makes sense.
#[derive(Debug, Clone, PartialEq)]
pub struct Predicate {
    expr: Expr,
    computation: Computation,
}

impl Predicate {
    /// Reads `$filter` and checks it against what the objects have.
    pub fn parse(text: &str, shape: &dyn Shape) -> Result<Self, FilterError> {
        Self::new(Expr::parse(text)?, shape)
    }

    /// Checks an expression against what the objects have.
    pub fn new(expr: Expr, shape: &dyn Shape) -> Result<Self, FilterError> {
        let mut checker = Checker::new(shape);
        let plan = checker.condition(&expr)?;
        let computation = Computation { plan, members: checker.members, relations: checker.relations };
        Ok(Self { expr, computation })
    }

    /// The expression.
    pub fn expr(&self) -> &Expr {
        &self.expr
    }

    /// The members that are read of each object, relations and `@odata.type` included: what
    /// [`Fields::scan`](crate::Fields::scan) has to look for.
    pub fn members(&self) -> &[String] {
        &self.computation.members
    }

    /// The relations whose far ends have to be fetched and given as members.
    pub fn relations(&self) -> &[Relation] {
        &self.computation.relations
    }

    /// Whether it holds for an object. What is neither true nor false does not hold.
    pub fn matches(&self, row: &dyn Row, now: Timestamp) -> Result<bool, EvaluationError> {
        Ok(self.computation.compute(row, now)? == Scalar::Boolean(true))
    }

    /// What every object for which it holds must meet. An index narrows by any of these, and the predicate decides.
    pub fn constraints(&self) -> Vec<Constraint> {
        constraints(&self.computation.plan)
    }
}
