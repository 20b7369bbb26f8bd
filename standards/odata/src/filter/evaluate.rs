//! The value of an expression for one object. Null is neither true nor false: `and` and `or` follow OData's three-valued
//! logic, comparisons with null by `gt`, `lt` are false, by `ge`, `le` true only of two nulls, and functions of null
//! are null.

use super::expr::Operator;
use super::function;
use super::plan::{Load, Plan, PlanStep};
use crate::constant::Constant;
use crate::row::{Node, Row, read_as};
use crate::scalar::Scalar;
use crate::shape::Edm;
use crate::text;
use signet_kernel::Timestamp;
use std::borrow::Cow;
use std::cmp::Ordering;

/// Items of collections looked at for one object.
const MOST_ITEMS: usize = 100_000;

/// Why an expression has no value for an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EvaluationError {
    /// A result beyond its type.
    #[error("a calculation leaves the range of its type")]
    Overflow,
    /// Division by zero.
    #[error("an integer is divided by zero")]
    DivisionByZero,
    /// `substring` from before the start.
    #[error("a substring starts before its text")]
    OutOfRange,
    /// Operands that cannot be calculated with: only where types are not declared.
    #[error("a calculation has operands that do not go together")]
    Operands,
    /// Nested `any` and `all` over collections too large.
    #[error("the collections that the expression looks into are too large")]
    TooMuch,
}

type Computed<'r> = Result<Scalar<'r>, EvaluationError>;

pub(super) struct Evaluation<'r> {
    row: &'r dyn Row,
    pub(super) now: Timestamp,
    variables: Vec<Node<'r>>,
    items: usize,
}

impl<'r> Evaluation<'r> {
    pub(super) fn of(row: &'r dyn Row, now: Timestamp) -> Self {
        Self { row, now, variables: Vec::new(), items: 0 }
    }

    pub(super) fn scalar(&mut self, plan: &'r Plan) -> Computed<'r> {
        Ok(match plan {
            Plan::Constant(constant) => constant.scalar(),
            Plan::Load(load) => self.node(load).map_or(Scalar::Structure, |node| node.scalar(load.edm)),
            Plan::Count(load) => {
                let size = self.node(load).map_or(0, Node::size);
                Scalar::Integer(i64::try_from(size).map_err(|_| EvaluationError::Overflow)?)
            }
            Plan::And(parts) => self.joined(parts, false)?,
            Plan::Or(parts) => self.joined(parts, true)?,
            Plan::Not(inner) => truth(self.truth(inner)?.map(|value| !value)),
            Plan::Negative(inner) => function::negative(self.scalar(inner)?)?,
            Plan::Compare(operator, left, right) => compare(*operator, &self.scalar(left)?, &self.scalar(right)?),
            Plan::Calculate(operator, left, right) => {
                function::calculate(*operator, self.scalar(left)?, self.scalar(right)?)?
            }
            Plan::In(item, list) => {
                let item = self.scalar(item)?;
                Scalar::Boolean(list.iter().any(|choice| item.equals(&choice.scalar())))
            }
            Plan::InCollection(item, load) => self.in_collection(item, load)?,
            Plan::Call(function, arguments) => {
                let mut values = Vec::with_capacity(arguments.len());
                for argument in arguments {
                    values.push(self.scalar(argument)?);
                }
                function::call(*function, &values, self.now)?
            }
            Plan::IsType(load, names) => Scalar::Boolean(self.is_type(load, names)),
            Plan::IsPrimitive(load, edm) => {
                let plain = self.node(load).map_or(Scalar::Structure, |node| node.scalar(load.edm));
                Scalar::Boolean(is_primitive(&plain, *edm, load.edm))
            }
            Plan::Convert(inner, edm) => function::convert(self.scalar(inner)?, *edm),
            Plan::Any { source, all, condition } => self.any(source, *all, condition.as_deref())?,
        })
    }

    fn truth(&mut self, plan: &'r Plan) -> Result<Option<bool>, EvaluationError> {
        Ok(if let Scalar::Boolean(value) = self.scalar(plan)? { Some(value) } else { None })
    }

    /// `and`, decided by the first part that is false; `or`, by the first that is true.
    fn joined(&mut self, parts: &'r [Plan], deciding: bool) -> Computed<'r> {
        let mut result = Some(!deciding);
        for part in parts {
            match self.truth(part)? {
                Some(value) if value == deciding => return Ok(Scalar::Boolean(deciding)),
                Some(_) => {}
                None => result = None,
            }
        }
        Ok(truth(result))
    }

    /// Where a path leads; nothing if it ends at the object itself.
    fn node(&self, load: &'r Load) -> Option<Node<'r>> {
        let mut node = load.variable.map(|at| self.variables.get(at).copied().unwrap_or(Node::Null));
        for step in &load.steps {
            node = Some(match (step, node) {
                (PlanStep::Member(name), None) => self.row.member(name),
                (PlanStep::Member(name), Some(node)) => node.get(name),
                (PlanStep::Cast(names), None) if self.has_type(None, names) => continue,
                (PlanStep::Cast(names), Some(node)) if self.has_type(Some(node), names) => node,
                (PlanStep::Cast(_), _) => Node::Null,
            });
        }
        node
    }

    fn is_type(&self, load: &'r Load, names: &[String]) -> bool {
        let node = self.node(load);
        self.has_type(node, names)
    }

    fn has_type(&self, node: Option<Node<'_>>, names: &[String]) -> bool {
        let annotation = node.map_or_else(|| self.row.member("@odata.type"), |node| node.get("@odata.type"));
        let name = annotation.type_name();
        name.is_some_and(|name| names.iter().any(|known| known.eq_ignore_ascii_case(&name)))
    }

    fn in_collection(&mut self, item: &'r Plan, load: &'r Load) -> Computed<'r> {
        let item = self.scalar(item)?;
        for node in self.node(load).unwrap_or(Node::Null).items() {
            self.count()?;
            if item.equals(&node.scalar(load.edm)) {
                return Ok(Scalar::Boolean(true));
            }
        }
        Ok(Scalar::Boolean(false))
    }

    fn count(&mut self) -> Result<(), EvaluationError> {
        self.items += 1;
        if self.items > MOST_ITEMS { Err(EvaluationError::TooMuch) } else { Ok(()) }
    }

    fn any(&mut self, source: &'r Load, all: bool, condition: Option<&'r Plan>) -> Computed<'r> {
        let collection = self.node(source).unwrap_or(Node::Null);
        let Some(condition) = condition else { return Ok(Scalar::Boolean(collection.size() > 0)) };
        let mut result = Some(all);
        for item in collection.items() {
            self.count()?;
            self.variables.push(item);
            let value = self.truth(condition);
            self.variables.pop();
            match value? {
                Some(value) if value != all => return Ok(Scalar::Boolean(value)),
                Some(_) => {}
                None => result = None,
            }
        }
        Ok(truth(result))
    }
}

fn truth<'r>(value: Option<bool>) -> Scalar<'r> {
    value.map_or(Scalar::Null, Scalar::Boolean)
}

// SPEC: OData 4.01 URL conventions 5.1.1.1: null equals null only, and is neither greater nor less than anything.
fn compare<'r>(operator: Operator, left: &Scalar<'_>, right: &Scalar<'_>) -> Scalar<'r> {
    let order = || left.order(right);
    Scalar::Boolean(match operator {
        Operator::Equal => left.equals(right),
        Operator::NotEqual => !left.equals(right),
        Operator::Greater => order() == Some(Ordering::Greater),
        Operator::GreaterOrEqual => left.equals(right) || order() == Some(Ordering::Greater),
        Operator::Less => order() == Some(Ordering::Less),
        Operator::LessOrEqual => left.equals(right) || order() == Some(Ordering::Less),
        Operator::Has => match (left, right) {
            (Scalar::Null, _) | (_, Scalar::Null) => return Scalar::Null,
            (Scalar::Text(held), Scalar::Text(wanted)) => has(held, wanted),
            _ => false,
        },
        _ => false,
    })
}

/// Whether a set of flags, separated by commas, holds all of another.
fn has(held: &str, wanted: &str) -> bool {
    let holds = |flag: &str| held.split(',').any(|other| text::equal(other.trim(), flag.trim()));
    wanted.split(',').all(holds)
}

fn is_primitive(value: &Scalar<'_>, edm: Edm, declared: Option<Edm>) -> bool {
    match (value, declared) {
        (Scalar::Null | Scalar::Structure, _) => false,
        (_, Some(declared)) => declared == edm || (edm == Edm::Number && declared == Edm::Integer),
        (Scalar::Text(text), None) => edm.is_text() && (edm != Edm::Guid || crate::constant::is_guid(text)),
        (Scalar::Boolean(_), None) => edm == Edm::Boolean,
        (Scalar::Integer(_), None) => edm.is_numeric(),
        (Scalar::Number(_), None) => edm == Edm::Number,
        _ => false,
    }
}

impl Constant {
    /// The value as text, as `cast` prints it.
    pub(crate) fn of_scalar(scalar: &Scalar<'_>) -> Option<Self> {
        Some(match scalar {
            Scalar::Boolean(value) => Self::Boolean(*value),
            Scalar::Integer(value) => Self::Integer(*value),
            Scalar::Number(value) => Self::Number(*value),
            Scalar::Text(text) => Self::Text(text.clone().into_owned()),
            Scalar::Date(days) => Self::Date(*days),
            Scalar::Moment(micros) => Self::Moment(Timestamp::from_micros(*micros)),
            Scalar::TimeOfDay(time) => Self::TimeOfDay(*time),
            Scalar::Duration(duration) => Self::Duration(*duration),
            Scalar::Bytes(bytes) => Self::Binary(bytes.clone().into_owned()),
            Scalar::Null | Scalar::Structure => return None,
        })
    }
}

/// A text as a value of a type; the same text where the type is kept as text.
pub(super) fn from_text<'r>(text: Cow<'r, str>, edm: Edm) -> Scalar<'r> {
    if edm.is_text() { Scalar::Text(text) } else { read_as(&text, edm) }
}
