//! Edges inside a floor: each one listed, none forgotten in the list, no cycle.

use crate::{Edge, Place};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// The one file that allows edges inside a floor.
pub const EDGES_FILE: &str = "docs/edges.toml";

/// The edges inside `base` and inside `capabilities` that are wanted, each as `from -> to`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AllowedEdges {
    /// Inside `base`.
    pub base: BTreeSet<String>,
    /// Inside `capabilities`.
    pub capabilities: BTreeSet<String>,
    /// From a floor to the one above it, written with both floors: each is an exception with a reason.
    #[serde(default)]
    pub upward: BTreeSet<String>,
}

impl AllowedEdges {
    /// Reads the text of [`EDGES_FILE`].
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    fn of(&self, floor: &str) -> Option<&BTreeSet<String>> {
        match floor {
            "base" => Some(&self.base),
            "capabilities" => Some(&self.capabilities),
            _ => None,
        }
    }
}

pub(crate) fn check_listed(found: &[Edge], allowed: &AllowedEdges) -> Vec<String> {
    let mut wrong = Vec::new();
    for floor in ["base", "capabilities"] {
        let Some(listed) = allowed.of(floor) else { continue };
        let used: BTreeSet<String> = inside(found, floor).map(text).collect();
        wrong.extend(used.difference(listed).map(|edge| {
            format!(
                "{edge} inside {floor} is not allowed: do without it, or list \"{edge}\" under {floor} in {EDGES_FILE}"
            )
        }));
        wrong.extend(
            listed
                .difference(&used)
                .map(|edge| format!("{edge} inside {floor} is listed but used by no one: remove it from {EDGES_FILE}")),
        );
    }
    wrong
}

/// Cargo itself lets development dependencies close a circle (a test kit does), so they are left out.
pub(crate) fn check_acyclic(found: &[Edge]) -> Vec<String> {
    let mut next: BTreeMap<&Place, BTreeSet<&Place>> = BTreeMap::new();
    for edge in found.iter().filter(|edge| !edge.for_tests) {
        next.entry(&edge.from).or_default().insert(&edge.to);
    }
    let reaches_itself = |start: &Place| {
        let mut seen = BTreeSet::new();
        let mut open: Vec<&Place> = next.get(start).into_iter().flatten().copied().collect();
        while let Some(place) = open.pop() {
            if place == start {
                return true;
            }
            if seen.insert(place) {
                open.extend(next.get(place).into_iter().flatten());
            }
        }
        false
    };
    let circle: Vec<String> = next.keys().filter(|place| reaches_itself(place)).map(ToString::to_string).collect();
    if circle.is_empty() {
        return Vec::new();
    }
    let circle = circle.join(", ");
    vec![format!("{circle} use each other in a circle: break it in their Cargo.toml and in {EDGES_FILE}")]
}

fn inside<'a>(found: &'a [Edge], floor: &'a str) -> impl Iterator<Item = &'a Edge> {
    found.iter().filter(move |edge| edge.from.floor == floor && edge.to.floor == floor)
}

fn text(edge: &Edge) -> String {
    format!("{} -> {}", edge.from.folder, edge.to.folder)
}
