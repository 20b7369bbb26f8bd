//! `$orderby`: a total order of objects. Null comes first, last with `desc`; what is equal is in the order of ids.

use crate::constant::Constant;
use crate::filter::{Computation, EvaluationError, Expr, FilterError, Relation, parse_list};
use crate::row::Row;
use crate::scalar::Scalar;
use crate::shape::Shape;
use signet_kernel::Timestamp;
use std::cmp::Ordering;

/// The most keys to order by.
const MAX_KEYS: usize = 8;

/// An order of objects of a known shape.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderBy {
    keys: Vec<(Computation, bool)>,
    members: Vec<String>,
    relations: Vec<Relation>,
}

impl OrderBy {
    /// Reads `$orderby` and checks it against what the objects have.
    pub fn parse(text: &str, shape: &dyn Shape) -> Result<Self, FilterError> {
        let parsed = parse_list(text, &["asc", "desc"])?;
        if parsed.len() > MAX_KEYS {
            return Err(FilterError::TooLong);
        }
        let mut order = Self { keys: Vec::new(), members: Vec::new(), relations: Vec::new() };
        for (expr, direction) in parsed {
            let key = Computation::value(&expr, shape)?;
            for name in &key.members {
                if !order.members.contains(name) {
                    order.members.push(name.clone());
                }
            }
            for relation in &key.relations {
                if !order.relations.contains(relation) {
                    order.relations.push(relation.clone());
                }
            }
            order.keys.push((key, direction.as_deref() == Some("desc")));
        }
        Ok(order)
    }

    /// The members that are read of each object, as of a [`Predicate`](crate::Predicate).
    pub fn members(&self) -> &[String] {
        &self.members
    }

    /// The relations whose far ends, or their number, have to be given as members.
    pub fn relations(&self) -> &[Relation] {
        &self.relations
    }

    /// The property, if the order is by one property alone: what an index in that order may serve.
    pub fn single_property(expr: &str) -> Option<(String, bool)> {
        let parsed = parse_list(expr, &["asc", "desc"]).ok()?;
        match parsed.as_slice() {
            [(Expr::Path(path), direction)] => Some((path.to_string(), direction.as_deref() == Some("desc"))),
            _ => None,
        }
    }

    /// Where an object stands in the order.
    pub fn key(&self, row: &dyn Row, id: &str, now: Timestamp) -> Result<SortKey, EvaluationError> {
        let mut values = Vec::with_capacity(self.keys.len());
        for (key, descending) in &self.keys {
            values.push((sortable(&key.compute(row, now)?), *descending));
        }
        Ok(SortKey { values, id: id.to_owned() })
    }

    /// A key from its [parts](SortKey::parts), as a page token carries them; none if they are of another order.
    pub fn key_of(&self, parts: &[String]) -> Option<SortKey> {
        let (id, texts) = parts.split_last()?;
        if texts.len() != self.keys.len() {
            return None;
        }
        let value = |text: &String| match Expr::parse(text) {
            Ok(Expr::Constant(Constant::Null)) => Some(None),
            Ok(Expr::Constant(constant)) => Some(Some(constant)),
            _ => None,
        };
        let values = texts.iter().zip(&self.keys).map(|(text, (_, descending))| Some((value(text)?, *descending)));
        Some(SortKey { values: values.collect::<Option<_>>()?, id: id.clone() })
    }
}

/// Null and what has no order is nothing.
fn sortable(scalar: &Scalar<'_>) -> Option<Constant> {
    Constant::of_scalar(scalar).filter(|constant| !matches!(constant, Constant::Number(value) if value.is_nan()))
}

/// Where an object stands in an order. Keys of one order are totally ordered.
#[derive(Debug, Clone)]
pub struct SortKey {
    values: Vec<(Option<Constant>, bool)>,
    id: String,
}

impl SortKey {
    /// The values as text and the id at last: what a page token carries.
    pub fn parts(&self) -> Vec<String> {
        let text = |value: &Option<Constant>| value.as_ref().map_or_else(|| "null".to_owned(), ToString::to_string);
        self.values.iter().map(|(value, _)| text(value)).chain([self.id.clone()]).collect()
    }

    /// The id.
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl Ord for SortKey {
    fn cmp(&self, other: &Self) -> Ordering {
        for ((left, descending), (right, _)) in self.values.iter().zip(&other.values) {
            let order = compare(left.as_ref(), right.as_ref());
            if order != Ordering::Equal {
                return if *descending { order.reverse() } else { order };
            }
        }
        self.id.cmp(&other.id)
    }
}

impl PartialOrd for SortKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for SortKey {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for SortKey {}

// SPEC: OData 4.01 part 1, 11.2.6.2: null sorts before all other values.
fn compare(left: Option<&Constant>, right: Option<&Constant>) -> Ordering {
    match (left, right) {
        (Some(left), Some(right)) => {
            rank(left).cmp(&rank(right)).then_with(|| left.scalar().order(&right.scalar()).unwrap_or(Ordering::Equal))
        }
        _ => left.is_some().cmp(&right.is_some()),
    }
}

/// Kinds of values that do not compare stand one after the other: only where types are not declared.
fn rank(constant: &Constant) -> u8 {
    match constant {
        Constant::Null => 0,
        Constant::Boolean(_) => 1,
        Constant::Integer(_) | Constant::Number(_) => 2,
        Constant::Text(_) | Constant::Guid(_) | Constant::Enumeration { .. } => 3,
        Constant::Date(_) => 4,
        Constant::Moment(_) => 5,
        Constant::TimeOfDay(_) => 6,
        Constant::Duration(_) => 7,
        Constant::Binary(_) => 8,
    }
}
