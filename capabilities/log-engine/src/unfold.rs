//! Values taken out of JSON into columns of their own.

use std::sync::Arc;

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
        for text in texts {
            let value = text.filter(|text| !text.is_empty()).map(serde_json::from_str::<Value>);
            for ((_, _, steps), gathered) in wanted.iter().zip(&mut gathered) {
                match &value {
                    None => gathered.push(&Value::Null),
                    Some(Ok(value)) => gathered.follow(value, steps),
                    Some(Err(_)) => gathered.mixed = true,
                }
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

/// The values of one path.
#[derive(Default)]
struct Gathered {
    values: Vec<Value>,
    ty: Option<UnfoldedType>,
    mixed: bool,
}

impl Gathered {
    fn follow(&mut self, value: &Value, steps: &[Step]) {
        let mut at = value;
        for step in steps {
            let next = match (step, at) {
                (_, Value::String(_)) => {
                    self.mixed = true;
                    return;
                }
                (Step::Member(name), Value::Object(pairs)) => pairs.get(name),
                (Step::Element(index), Value::Array(items)) => items.get(*index),
                _ => None,
            };
            at = next.unwrap_or(&Value::Null);
        }
        self.push(at);
    }

    fn push(&mut self, value: &Value) {
        let ty = match value {
            Value::Null => None,
            Value::String(_) => Some(UnfoldedType::Text),
            Value::Bool(_) => Some(UnfoldedType::Bool),
            Value::Number(number) if number.is_i64() => Some(UnfoldedType::Long),
            _ => {
                self.mixed = true;
                return;
            }
        };
        self.mixed |= ty.is_some() && self.ty.is_some() && ty != self.ty;
        self.ty = self.ty.or(ty);
        if !self.mixed {
            self.values.push(value.clone());
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
            UnfoldedType::Text => Arc::new(values.map(Value::as_str).collect::<StringArray>()),
            UnfoldedType::Long => Arc::new(values.map(Value::as_i64).collect::<Int64Array>()),
            UnfoldedType::Bool => Arc::new(values.map(Value::as_bool).collect::<BooleanArray>()),
        };
        Some((ty, Some(array)))
    }
}
