//! `$filter` on records: the whole grammar, on properties that each list names; and what of it the record itself can be
//! searched by.

use super::record_id::stretch;
use serde_json::{Map, Value};
use signet_kernel::{Failure, Fault, Timestamp};
use signet_odata::{Condition, Constant, Constraint, Edm, Kind, Predicate, Property, Shape};
use signet_record::Query;
use std::ops::Bound;
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
    /// How it ended, where that is shown as a number.
    OutcomeNumber,
    /// Not by this: records are read and looked at.
    None,
}

/// A property that a list can be filtered by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Filterable {
    /// Its path; `[]` stands behind what holds many.
    pub(super) path: &'static str,
    /// What the record can be searched by instead.
    pub(super) key: SearchKey,
}

/// What stands behind the name of what holds many.
const MANY: &str = "[]";

/// The properties of a list as a tree.
struct Branch {
    name: &'static str,
    many: bool,
    leaf: Option<Edm>,
    branches: Vec<Branch>,
}

impl Branch {
    fn root(properties: &[Filterable]) -> Self {
        let mut root = Self { name: "", many: false, leaf: None, branches: Vec::new() };
        for property in properties {
            let edm = match property.key {
                SearchKey::Time => Edm::Moment,
                SearchKey::OutcomeNumber => Edm::Integer,
                SearchKey::Id | SearchKey::About | SearchKey::Outcome | SearchKey::None => Edm::String,
            };
            root.grow(property.path.split('/'), edm);
        }
        root
    }

    /// Adds a property by its path.
    fn grow(&mut self, mut path: std::str::Split<'static, char>, edm: Edm) {
        let Some(part) = path.next() else {
            self.leaf = Some(edm);
            return;
        };
        let (name, many) = part.strip_suffix(MANY).map_or((part, false), |name| (name, true));
        if let Some(known) = self.branches.iter_mut().find(|branch| branch.name == name) {
            return known.grow(path, edm);
        }
        let mut new = Self { name, many, leaf: None, branches: Vec::new() };
        new.grow(path, edm);
        self.branches.push(new);
    }
}

impl Shape for Branch {
    fn property<'s>(&'s self, name: &'s str) -> Option<Property<'s>> {
        let found = self.branches.iter().find(|branch| branch.name == name)?;
        let kind = found.leaf.map_or(Kind::Structured(found), Kind::Primitive);
        let property = Property::new(found.name, kind);
        Some(if found.many { property.many() } else { property })
    }

    fn cast(&self, _type_name: &str) -> Option<&dyn Shape> {
        None
    }

    fn type_names(&self) -> Vec<&str> {
        Vec::new()
    }
}

/// Conditions on records.
#[derive(Debug, Default)]
pub(super) struct RecordFilter {
    predicate: Option<Predicate>,
    now: Timestamp,
}

impl RecordFilter {
    /// Reads `$filter` and narrows `query` by what the record can be searched by.
    pub(super) fn parse(
        text: Option<&str>,
        now: Timestamp,
        properties: &[Filterable],
        query: &mut Query,
    ) -> Result<Self, Failure> {
        let Some(text) = text else { return Ok(Self::default()) };
        let predicate = Predicate::parse(text, &Branch::root(properties))
            .map_err(|error| refused(&format!("Invalid filter clause: {error}."), properties))?;
        for constraint in predicate.constraints() {
            narrow(query, &constraint, properties);
        }
        Ok(Self { predicate: Some(predicate), now })
    }

    /// Whether the object that a record looks like meets every condition.
    pub(super) fn matches(&self, view: &Map<String, Value>) -> Result<bool, Failure> {
        let Some(predicate) = &self.predicate else { return Ok(true) };
        predicate.matches(view, self.now).map_err(|error| {
            let message = format!("The filter has no value for a record: {error}.");
            Failure::new(Fault::Input, "Request_UnsupportedQuery", message).with_target("$filter")
        })
    }
}

/// Narrows a search so that nothing that meets the constraint is lost.
fn narrow(query: &mut Query, constraint: &Constraint, properties: &[Filterable]) {
    let path = constraint.path.join("/");
    let Some(known) = properties.iter().find(|known| known.path == path) else { return };
    if known.key == SearchKey::Time {
        return narrow_time(query, &constraint.condition);
    }
    let Condition::OneOf(values) = &constraint.condition else { return };
    let [value] = values.as_slice() else { return };
    let text = match value {
        Constant::Integer(number) => Some(number.to_string()),
        other => other.as_text().map(str::to_owned),
    };
    let Some(text) = text else { return };
    match known.key {
        SearchKey::About => query.about = Some(text.to_ascii_lowercase()),
        SearchKey::Outcome | SearchKey::OutcomeNumber => query.outcome = Some(text.to_ascii_lowercase()),
        // An id is compared to the letter: those of audit records have capitals.
        SearchKey::Id => {
            let (from, to) = stretch(&text);
            narrow_to(query, from, to);
            query.id = Some(text);
        }
        SearchKey::Time | SearchKey::None => {}
    }
}

fn narrow_time(query: &mut Query, condition: &Condition) {
    let after = |moment: &Timestamp| moment.plus(Duration::from_micros(1));
    let (from, to) = match condition {
        Condition::OneOf(values) => {
            let moments: Vec<Timestamp> = values.iter().filter_map(moment).collect();
            if moments.len() < values.len() {
                return;
            }
            (moments.iter().min().copied(), moments.iter().max().map(after))
        }
        Condition::Range(low, high) => (
            match low {
                Bound::Included(low) => moment(low),
                Bound::Excluded(low) => moment(low).as_ref().map(after),
                Bound::Unbounded => None,
            },
            match high {
                Bound::Included(high) => moment(high).as_ref().map(after),
                Bound::Excluded(high) => moment(high),
                Bound::Unbounded => None,
            },
        ),
        Condition::Prefix(_) => (None, None),
    };
    narrow_to(query, from, to);
}

/// Leaves of the stretch that is searched what lies in this one too.
fn narrow_to(query: &mut Query, from: Option<Timestamp>, to: Option<Timestamp>) {
    query.from = query.from.max(from);
    query.to = match (query.to, to) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
}

fn moment(constant: &Constant) -> Option<Timestamp> {
    if let Constant::Moment(moment) = constant { Some(*moment) } else { None }
}

/// A path as a filter writes it: what holds many is asked by `any` or `all`.
fn shown(path: &str) -> String {
    match path.split_once(MANY) {
        Some((many, "")) => format!("{many}/any(x: x)"),
        Some((many, rest)) => format!("{many}/any(x: x{rest})"),
        None => path.to_owned(),
    }
}

fn refused(what: &str, properties: &[Filterable]) -> Failure {
    let paths: Vec<String> = properties.iter().map(|property| shown(property.path)).collect();
    let message = format!("{what} Records can be filtered by {}.", paths.join(", "));
    Failure::new(Fault::Input, "Request_UnsupportedQuery", message).with_target("$filter")
}
