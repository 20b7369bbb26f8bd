//! `$filter` on records: conditions joined by `and`, on properties that each list names.

use serde_json::{Map, Value};
use signet_kernel::{Failure, Fault, Timestamp};
use signet_odata::{Comparison, Filter, Literal};
use signet_record::Query;
use std::time::Duration;

/// What the record itself can be searched by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SearchKey {
    /// The time of every listing.
    Time,
    /// The record's own id.
    Id,
    /// Whom the record is about.
    About,
    /// How it ended.
    Outcome,
    /// Not by this: records are read and looked at.
    None,
}

/// A property that a list can be filtered by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Filterable {
    /// Its path.
    pub(super) path: &'static str,
    /// What the record can be searched by instead.
    pub(super) key: SearchKey,
}

/// Conditions on records.
#[derive(Debug, Default)]
pub(super) struct RecordFilter {
    conditions: Option<Filter>,
}

impl RecordFilter {
    /// Reads `$filter` and narrows `query` by what the record can be searched by.
    pub(super) fn parse(text: Option<&str>, properties: &[Filterable], query: &mut Query) -> Result<Self, Failure> {
        let Some(text) = text else { return Ok(Self::default()) };
        let filter = Filter::parse(text).map_err(|error| refused(&format!("{error}."), properties))?;
        for condition in filter.conjuncts() {
            let Filter::Compare { property, comparison, literal } = condition else {
                return Err(refused("Records are filtered by conditions joined with `and`.", properties));
            };
            let path = property.join("/");
            let Some(known) = properties.iter().find(|known| known.path == path) else {
                return Err(refused(&format!("Records cannot be filtered by `{path}`."), properties));
            };
            narrow(query, known.key, *comparison, literal)
                .ok_or_else(|| refused(&format!("`{path}` is compared with a moment in UTC."), properties))?;
        }
        Ok(Self { conditions: Some(filter) })
    }

    /// Whether the object that a record looks like meets every condition.
    pub(super) fn matches(&self, view: &Map<String, Value>) -> bool {
        self.conditions.as_ref().is_none_or(|filter| filter.matches(view))
    }
}

/// Narrows a search so that nothing that meets the condition is lost; `None` if the literal is no moment where one
/// is needed.
fn narrow(query: &mut Query, key: SearchKey, comparison: Comparison, literal: &Literal) -> Option<()> {
    let text = match literal {
        Literal::Text(text) => text.to_ascii_lowercase(),
        Literal::Number(number) => number.to_string(),
        Literal::Boolean(_) | Literal::Null => return (key != SearchKey::Time).then_some(()),
    };
    match (key, comparison) {
        (SearchKey::Time, _) => narrow_time(query, comparison, text.to_ascii_uppercase().parse().ok()?),
        (SearchKey::About, Comparison::Equal) => query.about = Some(text),
        (SearchKey::Outcome, Comparison::Equal) => query.outcome = Some(text),
        // An id is compared to the letter: those of audit records have capitals.
        (SearchKey::Id, Comparison::Equal) => {
            if let Literal::Text(id) = literal {
                query.id = Some(id.clone());
            }
        }
        _ => {}
    }
    Some(())
}

fn narrow_time(query: &mut Query, comparison: Comparison, moment: Timestamp) {
    let next = moment.plus(Duration::from_micros(1));
    let (from, to) = match comparison {
        Comparison::Equal => (Some(moment), Some(next)),
        Comparison::Greater => (Some(next), None),
        Comparison::GreaterOrEqual => (Some(moment), None),
        Comparison::Less => (None, Some(moment)),
        Comparison::LessOrEqual => (None, Some(next)),
        Comparison::NotEqual | Comparison::StartsWith => (None, None),
    };
    query.from = query.from.max(from);
    query.to = match (query.to, to) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
}

fn refused(what: &str, properties: &[Filterable]) -> Failure {
    let paths: Vec<&str> = properties.iter().map(|property| property.path).collect();
    let message = format!("{what} Supported are conditions joined with `and` on {}.", paths.join(", "));
    Failure::new(Fault::Input, "Request_UnsupportedQuery", message).with_target("$filter")
}
