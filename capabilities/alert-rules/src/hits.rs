//! The rows that a rule answers, in groups.

use crate::rule::AlertRule;
use aws_lc_rs::digest::{SHA256, digest};
use signet_kernel::ObjectId;
use signet_kql::{Row, Value};
use std::collections::HashMap;

/// What people read of an alert at most.
const LONGEST: usize = 1_024;

/// Hits of a rule that agree in its `groupBy` columns.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Group {
    /// What they have in common, hashed: it may be personal.
    pub(crate) key: String,
    pub(crate) hits: u32,
    /// The columns of the first.
    first: Vec<(String, Value)>,
}

/// The groups of an answer, in the order of their first hits; those with too few hits are left out.
pub(crate) fn groups(rule: &AlertRule, columns: &[&str], rows: Vec<Row>) -> Vec<Group> {
    let by: Vec<usize> =
        rule.group_by.iter().filter_map(|name| columns.iter().position(|column| column == name)).collect();
    let mut found: Vec<Group> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for row in rows {
        let key = key(by.iter().filter_map(|at| row.get(*at)));
        if let Some(group) = places.get(&key).and_then(|at| found.get_mut(*at)) {
            group.hits += 1;
            continue;
        }
        places.insert(key.clone(), found.len());
        let first = columns.iter().map(|name| (*name).to_owned()).zip(row).collect();
        found.push(Group { key, hits: 1, first });
    }
    found.retain(|group| group.hits > rule.threshold);
    found
}

fn key<'v>(values: impl Iterator<Item = &'v Value>) -> String {
    let mut text = String::new();
    for value in values {
        let value = value.to_text();
        text += &format!("{} {value}", value.len());
    }
    hex::encode(digest(&SHA256, text.as_bytes()).as_ref().get(..16).unwrap_or_default())
}

impl Group {
    fn text(&self, column: &str) -> Option<String> {
        let (_, value) = self.first.iter().find(|(name, _)| name == column)?;
        Some(value.to_text()).filter(|text| !text.is_empty())
    }

    /// What the alert is about, if the query says so.
    pub(crate) fn subject(&self) -> Option<ObjectId> {
        self.text("SubjectId")?.parse().ok()
    }

    pub(crate) fn subject_name(&self) -> Option<String> {
        self.text("SubjectName")
    }

    /// What the alert says.
    pub(crate) fn description(&self, rule: &AlertRule) -> String {
        let mut said = match &rule.description {
            Some(template) => {
                let replace = |said: String, (name, value): &(String, Value)| {
                    said.replace(&format!("{{{{{name}}}}}"), &value.to_text())
                };
                self.first.iter().fold(template.clone(), replace)
            }
            None => {
                let shown = |(name, value): &(String, Value)| format!("{name}: {}", value.to_text());
                self.first.iter().map(shown).collect::<Vec<_>>().join(", ")
            }
        };
        if self.hits > 1 {
            said += &format!(" ({} hits)", self.hits);
        }
        if said.chars().count() > LONGEST {
            said = said.chars().take(LONGEST - 1).chain(['…']).collect();
        }
        said
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Evaluation;
    use signet_alerts::Severity;

    fn rule(threshold: u32, group_by: &[&str]) -> AlertRule {
        AlertRule {
            display_name: "r".to_owned(),
            description: Some("{{Who}} did it, {{Other}}".to_owned()),
            query: String::new(),
            severity: Severity::Low,
            is_enabled: true,
            evaluation: Evaluation::Streaming,
            frequency_in_minutes: 5,
            period_in_minutes: 5,
            threshold,
            group_by: group_by.iter().map(|name| (*name).to_owned()).collect(),
            suppress_for_minutes: 60,
            built_in: None,
            other: serde_json::Map::new(),
        }
    }

    fn rows(values: &[(&str, &str)]) -> Vec<Row> {
        values.iter().map(|(one, other)| vec![Value::text(*one), Value::text(*other)]).collect()
    }

    #[test]
    fn hits_are_grouped_by_columns_and_counted_against_the_threshold() {
        let columns = ["Who", "What"];
        let all = [("ann", "1"), ("ben", "2"), ("ann", "3"), ("an", "n1")];
        let found = groups(&rule(0, &["Who"]), &columns, rows(&all));
        assert_eq!(found.iter().map(|group| group.hits).collect::<Vec<_>>(), [2, 1, 1]);
        assert_eq!(found[0].description(&rule(0, &[])), "ann did it, {{Other}} (2 hits)");
        assert_eq!(groups(&rule(1, &["Who"]), &columns, rows(&all)).len(), 1);
        assert_eq!(groups(&rule(4, &[]), &columns, rows(&all)), []);
        let together = groups(&rule(0, &["Who", "What"]), &columns, rows(&[("an", "n1"), ("ann", "1")]));
        assert_eq!(together.len(), 2, "values are not run together");
    }

    #[test]
    fn a_description_has_an_end() {
        let long = "x".repeat(5_000);
        let found = groups(&rule(0, &[]), &["Who"], vec![vec![Value::text(long)]]);
        assert_eq!(found[0].description(&rule(0, &[])).chars().count(), LONGEST);
    }
}
