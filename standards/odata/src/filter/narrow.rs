//! What an index can make of a filter. Sound, not complete: whatever matches the filter meets every constraint.

use super::expr::{Function, Operator};
use super::plan::{Load, Plan, PlanStep};
use crate::constant::Constant;
use std::ops::Bound;

/// What a value must be. Texts compare as [`fold`](crate::fold) has it.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// Equal to one of these.
    OneOf(Vec<Constant>),
    /// A text that starts so.
    Prefix(String),
    /// Between these. An index that shortens its keys takes both ends as included.
    Range(Bound<Constant>, Bound<Constant>),
}

/// Something that every object must meet for which a filter holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Constraint {
    /// The property, by its path.
    pub path: Vec<String>,
    /// Whether it is one of the items of a collection that must meet the condition: some item, not all.
    pub item: bool,
    /// What it must be.
    pub condition: Condition,
}

pub(super) fn constraints(plan: &Plan) -> Vec<Constraint> {
    match plan {
        Plan::And(parts) => parts.iter().flat_map(constraints).collect(),
        Plan::Or(parts) => alternatives(parts),
        Plan::Compare(operator, left, right) => match (&**left, &**right) {
            (Plan::Load(load), Plan::Constant(constant)) => compared(load, *operator, constant),
            (Plan::Constant(constant), Plan::Load(load)) => compared(load, operator.mirrored(), constant),
            _ => Vec::new(),
        },
        Plan::In(item, list) => match &**item {
            Plan::Load(load) if list.iter().all(|constant| usable(load, constant)) => {
                constraint(load, Condition::OneOf(list.clone()))
            }
            _ => Vec::new(),
        },
        Plan::InCollection(item, load) => match &**item {
            Plan::Constant(constant) if usable(load, constant) => {
                constraint(load, Condition::OneOf(vec![constant.clone()])).into_iter().map(of_item).collect()
            }
            _ => Vec::new(),
        },
        Plan::Call(Function::StartsWith, arguments) => match arguments.as_slice() {
            [Plan::Load(load), Plan::Constant(constant)] => {
                let prefix = constant.as_text().map(|text| Condition::Prefix(text.to_owned()));
                prefix.map_or(Vec::new(), |prefix| constraint(load, prefix))
            }
            _ => Vec::new(),
        },
        Plan::Any { source, all: false, condition: Some(condition) } => items(source, condition),
        _ => Vec::new(),
    }
}

fn of_item(constraint: Constraint) -> Constraint {
    Constraint { item: true, ..constraint }
}

/// Constraints that each alternative puts on the same property, as one.
fn alternatives(parts: &[Plan]) -> Vec<Constraint> {
    let mut parts = parts.iter().map(constraints);
    let first = parts.next().unwrap_or_default();
    parts.fold(first, |known, other| known.iter().filter_map(|one| either(one, &other)).collect())
}

fn either(one: &Constraint, others: &[Constraint]) -> Option<Constraint> {
    let Condition::OneOf(values) = &one.condition else { return None };
    others.iter().find_map(|other| match &other.condition {
        Condition::OneOf(more) if other.path == one.path && other.item == one.item => {
            let condition = Condition::OneOf(values.iter().chain(more).cloned().collect());
            Some(Constraint { condition, ..one.clone() })
        }
        _ => None,
    })
}

fn compared(load: &Load, operator: Operator, constant: &Constant) -> Vec<Constraint> {
    if !usable(load, constant) {
        return Vec::new();
    }
    let value = constant.clone();
    let condition = match operator {
        Operator::Equal => Condition::OneOf(vec![value]),
        Operator::Greater => Condition::Range(Bound::Excluded(value), Bound::Unbounded),
        Operator::GreaterOrEqual => Condition::Range(Bound::Included(value), Bound::Unbounded),
        Operator::Less => Condition::Range(Bound::Unbounded, Bound::Excluded(value)),
        Operator::LessOrEqual => Condition::Range(Bound::Unbounded, Bound::Included(value)),
        _ => return Vec::new(),
    };
    constraint(load, condition)
}

/// Whether an index can hold what equals the constant under one key: null has none, and of a property without a
/// declared type the same moment can be written in several ways.
fn usable(load: &Load, constant: &Constant) -> bool {
    match constant {
        Constant::Null => false,
        Constant::Number(value) => !value.is_nan(),
        _ => load.edm.is_some() || constant.as_text().is_some(),
    }
}

fn constraint(load: &Load, condition: Condition) -> Vec<Constraint> {
    if load.variable.is_some() || load.steps.is_empty() {
        return Vec::new();
    }
    vec![Constraint { path: names(load), item: false, condition }]
}

fn names(load: &Load) -> Vec<String> {
    let name = |step: &PlanStep| if let PlanStep::Member(name) = step { Some(name.clone()) } else { None };
    load.steps.iter().filter_map(name).collect()
}

/// What some item of a collection must meet, where the collection is the object's own.
fn items(source: &Load, condition: &Plan) -> Vec<Constraint> {
    if source.variable.is_some() {
        return Vec::new();
    }
    let mut inside = condition.clone();
    if !rebase(&mut inside, source) {
        return constraints(condition);
    }
    constraints(&inside).into_iter().map(of_item).collect()
}

/// Makes a condition on the outermost range variable one on the collection itself; false if it is about more than
/// that.
fn rebase(plan: &mut Plan, source: &Load) -> bool {
    let shift = |load: &mut Load| {
        let own = load.variable == Some(0);
        load.variable = None;
        load.steps = source.steps.iter().chain(&load.steps).cloned().collect();
        own
    };
    match plan {
        Plan::And(parts) | Plan::Or(parts) => {
            let own: Vec<bool> = parts.iter_mut().map(|part| rebase(part, source)).collect();
            own.into_iter().all(|own| own)
        }
        Plan::Compare(_, left, right) => match (&mut **left, &mut **right) {
            (Plan::Load(load), Plan::Constant(_)) | (Plan::Constant(_), Plan::Load(load)) => shift(load),
            _ => false,
        },
        Plan::In(item, _) => {
            if let Plan::Load(load) = &mut **item {
                shift(load)
            } else {
                false
            }
        }
        Plan::Call(Function::StartsWith, arguments) => match arguments.as_mut_slice() {
            [Plan::Load(load), Plan::Constant(_)] => shift(load),
            _ => false,
        },
        _ => false,
    }
}
