//! Whether somebody belongs.

use super::property::Type;
use super::{Alternative, Moment, Node, Operator, Quantifier, Test, Value};
use serde_json::Value as Json;
use signet_kernel::{ObjectId, Timestamp};

/// What a rule asks about one person.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Their properties as they look on the wire, with `id`.
    pub person: &'a Json,
    /// Whom they report to.
    pub manager: Option<ObjectId>,
    /// The groups they are assigned to, not those whose rules they match.
    pub assigned: &'a [ObjectId],
    /// The time.
    pub now: Timestamp,
}

pub(super) fn holds(node: &Node, facts: &Facts<'_>) -> bool {
    match node {
        Node::All(nodes) => nodes.iter().all(|node| holds(node, facts)),
        Node::Any(nodes) => nodes.iter().any(|node| holds(node, facts)),
        Node::Not(node) => !holds(node, facts),
        Node::ReportsTo(manager) => facts.manager == Some(*manager),
        Node::MemberOf(groups) => groups.iter().any(|group| facts.assigned.contains(group)),
        Node::Compare(property, test) => passes(test, facts.person.pointer(property.pointer), property.kind, facts.now),
        Node::Items(property, quantifier, alternatives) => {
            let items = facts.person.pointer(property.pointer).and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
            let fits = |item: &Json| some_fits(alternatives, item, facts.now);
            match quantifier {
                Quantifier::Any => items.iter().any(fits),
                Quantifier::All => items.iter().all(fits),
            }
        }
    }
}

fn some_fits(alternatives: &[Alternative], item: &Json, now: Timestamp) -> bool {
    alternatives.iter().any(|tests| tests.iter().all(|test| passes(test, Some(item), Type::Text, now)))
}

/// What has no value is equal to null alone, and starts with, contains and matches nothing.
fn passes(test: &Test, value: Option<&Json>, kind: Type, now: Timestamp) -> bool {
    let value = value.filter(|value| !value.is_null());
    let text = value.and_then(Json::as_str).map(str::to_lowercase);
    let moment = || value.and_then(Json::as_str).and_then(|text| text.parse::<Timestamp>().ok());
    let equals = |wanted: &Value| match wanted {
        Value::Null => value.is_none(),
        Value::Bool(wanted) => value.and_then(Json::as_bool) == Some(*wanted),
        Value::Text(wanted) => kind == Type::Text && text.as_ref() == Some(wanted),
        Value::Moment(wanted) => moment() == Some(wanted.at(now)),
    };
    let passed = match &test.operator {
        Operator::Equals(wanted) => equals(wanted),
        Operator::In(wanted) => wanted.iter().any(equals),
        Operator::StartsWith(start) => text.is_some_and(|text| text.starts_with(start)),
        Operator::Contains(part) => text.is_some_and(|text| text.contains(part)),
        Operator::Matches(pattern) => value.and_then(Json::as_str).is_some_and(|text| pattern.is_match(text)),
        Operator::NotAfter(wanted) => moment().is_some_and(|moment| moment <= wanted.at(now)),
        Operator::NotBefore(wanted) => moment().is_some_and(|moment| moment >= wanted.at(now)),
    };
    passed != test.negated
}

impl Moment {
    fn at(self, now: Timestamp) -> Timestamp {
        const DAY: i64 = 86_400_000_000;
        match self {
            Self::At(moment) => moment,
            Self::Days(days) => Timestamp::from_micros(now.micros().saturating_add(days.saturating_mul(DAY))),
        }
    }
}
