//! Values taken out of JSON into columns of their own.

use std::{collections::HashMap, sync::Arc};

use arrow::{
    array::{ArrayRef, AsArray, BooleanArray, Int64Array, StringArray},
    record_batch::RecordBatch,
};
use serde_json::Value;

use crate::{Unfolded, UnfoldedType};

/// The paths that public queries ask for most, by table.
const COMMON: [(&str, &[&str]); 6] = [
    (
        "AuditLogs",
        &[
            "InitiatedBy.app.appId",
            "InitiatedBy.app.displayName",
            "InitiatedBy.app.servicePrincipalId",
            "InitiatedBy.user.displayName",
            "InitiatedBy.user.id",
            "InitiatedBy.user.ipAddress",
            "InitiatedBy.user.userPrincipalName",
            "TargetResources[0].displayName",
            "TargetResources[0].id",
            "TargetResources[0].type",
            "TargetResources[0].userPrincipalName",
            "TargetResources[1].displayName",
            "TargetResources[1].id",
        ],
    ),
    ("SigninLogs", SIGN_IN),
    ("AADNonInteractiveUserSignInLogs", SIGN_IN),
    ("AADServicePrincipalSignInLogs", &["Agent.agentType", "Agent.parentAppId", "LocationDetails.countryOrRegion"]),
    ("AADManagedIdentitySignInLogs", &["Agent.agentType", "Agent.parentAppId", "LocationDetails.countryOrRegion"]),
    ("MicrosoftGraphPolicyLogs", &[]),
];

const SIGN_IN: &[&str] = &[
    "Agent.agentType",
    "Agent.parentAppId",
    "DeviceDetail.browser",
    "DeviceDetail.deviceId",
    "DeviceDetail.displayName",
    "DeviceDetail.isCompliant",
    "DeviceDetail.isManaged",
    "DeviceDetail.operatingSystem",
    "DeviceDetail.trustType",
    "LocationDetails.city",
    "LocationDetails.countryOrRegion",
    "LocationDetails.state",
    "Status.additionalDetails",
    "Status.errorCode",
    "Status.failureReason",
];

/// The paths that are worth unfolding in a table.
pub fn common_paths(table: &str) -> &'static [&'static str] {
    COMMON.iter().find(|(name, _)| *name == table).map_or(&[], |(_, paths)| paths)
}

/// A step of a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    Member(String),
    Element(usize),
}

/// The column and the steps of `Column.a[0].b`.
pub(crate) fn steps(path: &str) -> Option<(&str, Vec<Step>)> {
    let end = path.find(['.', '['])?;
    let (column, mut rest) = path.split_at_checked(end)?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('[') {
            let (number, after) = after.split_once(']')?;
            steps.push(Step::Element(number.parse().ok()?));
            rest = after;
        } else {
            let after = rest.strip_prefix('.')?;
            let (name, after) = after.split_at_checked(after.find(['.', '[']).unwrap_or(after.len()))?;
            steps.push(Step::Member(name.to_owned()));
            rest = after;
        }
    }
    Some((column, steps))
}

/// The columns that unfolding these paths adds to all the rows of one segment. A path whose values are not all of one
/// type, or that leads through a text, is left out; one that finds nothing is noted and has no column.
pub fn unfold(rows: &RecordBatch, paths: &[&str]) -> Vec<(Unfolded, Option<ArrayRef>)> {
    let mut found: Vec<(Unfolded, Option<ArrayRef>)> = Vec::new();
    let parsed: Vec<(&str, &str, Vec<Step>)> =
        paths.iter().filter_map(|path| steps(path).map(|(column, steps)| (*path, column, steps))).collect();
    let mut columns: Vec<&str> = parsed.iter().map(|(_, column, _)| *column).collect();
    columns.sort_unstable();
    columns.dedup();
    for column in columns {
        let Some(texts) = rows.column_by_name(column).and_then(|texts| texts.as_string_opt::<i32>()) else { continue };
        let wanted: Vec<_> = parsed.iter().filter(|(_, of, _)| *of == column).collect();
        let mut gathered: Vec<Gathered> = wanted.iter().map(|_| Gathered::default()).collect();
        // Texts repeat: what a text comes to is found once, as long as there are not too many of them.
        let mut known: HashMap<&str, Vec<Found>> = HashMap::new();
        for text in texts {
            let text = text.unwrap_or_default();
            if let Some(found) = known.get(text) {
                found.iter().zip(&mut gathered).for_each(|(found, gathered)| gathered.push(found.clone()));
                continue;
            }
            let value = (!text.is_empty()).then(|| serde_json::from_str::<Value>(text));
            let found: Vec<Found> = wanted.iter().map(|(_, _, steps)| followed(value.as_ref(), steps)).collect();
            found.iter().zip(&mut gathered).for_each(|(found, gathered)| gathered.push(found.clone()));
            if known.len() < MOST_KNOWN {
                known.insert(text, found);
            }
        }
        for ((path, _, _), gathered) in wanted.iter().zip(gathered) {
            if let Some((ty, array)) = gathered.finish() {
                found.push((Unfolded { name: (*path).to_owned(), ty }, array));
            }
        }
    }
    found
}

/// Different texts of a column whose values are kept at hand.
const MOST_KNOWN: usize = 4096;

/// What lies at a path in one row.
#[derive(Clone)]
enum Found {
    Nothing,
    Text(Arc<str>),
    Long(i64),
    Bool(bool),
    /// Something that is not unfolded, or beyond a text.
    Other,
}

fn followed(value: Option<&Result<Value, serde_json::Error>>, steps: &[Step]) -> Found {
    let mut at = match value {
        None => return Found::Nothing,
        Some(Ok(value)) => value,
        Some(Err(_)) => return Found::Other,
    };
    for step in steps {
        let next = match (step, at) {
            (_, Value::String(_)) => return Found::Other,
            (Step::Member(name), Value::Object(pairs)) => pairs.get(name),
            (Step::Element(index), Value::Array(items)) => items.get(*index),
            _ => None,
        };
        at = next.unwrap_or(&Value::Null);
    }
    match at {
        Value::Null => Found::Nothing,
        Value::String(text) => Found::Text(Arc::from(text.as_str())),
        Value::Bool(value) => Found::Bool(*value),
        Value::Number(number) => number.as_i64().map_or(Found::Other, Found::Long),
        _ => Found::Other,
    }
}

/// The values of one path.
#[derive(Default)]
struct Gathered {
    values: Vec<Found>,
    ty: Option<UnfoldedType>,
    mixed: bool,
}

impl Gathered {
    fn push(&mut self, found: Found) {
        let ty = match &found {
            Found::Nothing => None,
            Found::Text(_) => Some(UnfoldedType::Text),
            Found::Bool(_) => Some(UnfoldedType::Bool),
            Found::Long(_) => Some(UnfoldedType::Long),
            Found::Other => {
                self.mixed = true;
                return;
            }
        };
        self.mixed |= ty.is_some() && self.ty.is_some() && ty != self.ty;
        self.ty = self.ty.or(ty);
        if !self.mixed {
            self.values.push(found);
        }
    }

    fn finish(self) -> Option<(UnfoldedType, Option<ArrayRef>)> {
        if self.mixed {
            return None;
        }
        let Some(ty) = self.ty else { return Some((UnfoldedType::Nothing, None)) };
        let values = self.values.iter();
        let array: ArrayRef = match ty {
            UnfoldedType::Nothing => return Some((ty, None)),
            UnfoldedType::Text => Arc::new(values.map(Found::text).collect::<StringArray>()),
            UnfoldedType::Long => Arc::new(values.map(Found::long).collect::<Int64Array>()),
            UnfoldedType::Bool => Arc::new(values.map(Found::truth).collect::<BooleanArray>()),
        };
        Some((ty, Some(array)))
    }
}

impl Found {
    fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    fn long(&self) -> Option<i64> {
        if let Self::Long(number) = self { Some(*number) } else { None }
    }

    fn truth(&self) -> Option<bool> {
        if let Self::Bool(truth) = self { Some(*truth) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use arrow::{
        array::AsArray,
        datatypes::{DataType, Field, Int64Type, Schema},
    };

    use super::*;

    fn unfolded(texts: &[&str], path: &str) -> Option<(UnfoldedType, Option<ArrayRef>)> {
        let schema = Schema::new(vec![Field::new("D", DataType::Utf8, true)]);
        let column: ArrayRef = Arc::new(StringArray::from_iter_values(texts));
        let batch = RecordBatch::try_new(Arc::new(schema), vec![column]).unwrap();
        unfold(&batch, &[path]).pop().map(|(path, array)| (path.ty, array))
    }

    #[test]
    fn values_of_two_types_are_not_unfolded() {
        assert!(unfolded(&[r#"{"a":1}"#, r#"{"a":"1"}"#], "D.a").is_none());
        assert!(unfolded(&[r#"{"a":1.5}"#], "D.a").is_none());
        assert!(unfolded(&[r#"{"a":[1]}"#], "D.a").is_none());
    }

    #[test]
    fn a_path_through_a_text_is_not_unfolded() {
        assert!(unfolded(&[r#"{"a":"{\"b\":1}"}"#, r#"{"a":{"b":1}}"#], "D.a.b").is_none());
        assert!(unfolded(&["no JSON"], "D.a").is_none());
        assert!(unfolded(&[r#""{\"a\":1}""#], "D.a").is_none());
    }

    #[test]
    fn what_finds_nothing_is_noted() {
        let (ty, array) = unfolded(&[r#"{"b":1}"#, "", "[1]", r#"{"a":null}"#], "D.a").unwrap();
        assert_eq!((ty, array.is_none()), (UnfoldedType::Nothing, true));
    }

    #[test]
    fn values_stand_where_they_came_from() {
        let texts = [r#"{"a":[{"b":"x"}]}"#, r#"{"a":[]}"#, r#"{"a":[{"b":""}]}"#, r#"{"a":[{"b":"x"}]}"#];
        let (ty, array) = unfolded(&texts, "D.a[0].b").unwrap();
        assert_eq!(ty, UnfoldedType::Text);
        let array = array.unwrap();
        let found: Vec<Option<&str>> = array.as_string::<i32>().iter().collect();
        assert_eq!(found, [Some("x"), None, Some(""), Some("x")]);
        let (ty, array) = unfolded(&[r#"{"a":7}"#, "null"], "D.a").unwrap();
        assert_eq!(ty, UnfoldedType::Long);
        let array = array.unwrap();
        assert_eq!(array.as_primitive::<Int64Type>().iter().collect::<Vec<_>>(), [Some(7), None]);
    }
}
