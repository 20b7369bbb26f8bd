//! The rule.

use crate::compiled::Compiled;
use serde::{Deserialize, Serialize};
use signet_alerts::Severity;
use signet_directory::body::bad_request;
use signet_kernel::Failure;
use signet_store::{IndexEntries, IndexKey, Kind, UniqueKeys};

/// When a rule is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Evaluation {
    /// Of each record as it lands.
    Streaming,
    /// Now and then, of a period.
    Scheduled,
}

/// A rule that raises alerts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlertRule {
    /// What people call it, and the title of its alerts.
    pub display_name: String,
    /// What its alerts say; `{{Column}}` stands for that column of the first hit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The query. Each row of its answer is a hit. Columns `SubjectId` and `SubjectName` say what an alert is about.
    pub query: String,
    /// How much its alerts matter.
    pub severity: Severity,
    /// Whether it is asked at all.
    #[serde(default = "yes")]
    pub is_enabled: bool,
    /// When it is asked.
    pub evaluation: Evaluation,
    /// How often, if it is scheduled.
    #[serde(default = "AlertRule::usual_frequency")]
    pub frequency_in_minutes: u32,
    /// Of how much of the record, if it is scheduled.
    #[serde(default = "AlertRule::usual_frequency")]
    pub period_in_minutes: u32,
    /// How many hits a group must have more than.
    #[serde(default)]
    pub threshold: u32,
    /// Hits with the same values in these columns are one group.
    #[serde(default)]
    pub group_by: Vec<String>,
    /// How long a group is silent after it raised an alert.
    #[serde(default = "AlertRule::usual_suppression")]
    pub suppress_for_minutes: u32,
    /// The built-in rule that it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub built_in: Option<String>,
    /// Members that a newer version wrote.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

fn yes() -> bool {
    true
}

impl AlertRule {
    /// The key space of built-in rules.
    pub const BUILT_IN: &'static str = "alertRule.builtIn";
    /// The category of alerts that no built-in rule raised.
    pub const CATEGORY: &'static str = "alertRule";
    pub(crate) const LONGEST_QUERY: usize = 16_384;
    const LONGEST: u32 = 14 * 24 * 60;

    fn usual_frequency() -> u32 {
        5
    }

    fn usual_suppression() -> u32 {
        60
    }

    /// Its alerts' category: stable.
    pub(crate) fn category(&self) -> &str {
        self.built_in.as_deref().unwrap_or(Self::CATEGORY)
    }

    /// Whether it can be asked as it says.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        if self.display_name.trim().is_empty() {
            return Err(bad_request("displayName", "'displayName' is the title of the rule's alerts; choose one."));
        }
        let minutes = 1..=Self::LONGEST;
        let spans = [("frequencyInMinutes", self.frequency_in_minutes), ("periodInMinutes", self.period_in_minutes)];
        if let Some((name, _)) = spans.iter().find(|(_, span)| !minutes.contains(span)) {
            return Err(bad_request(name, format!("'{name}' is from 1 to {} minutes.", Self::LONGEST)));
        }
        if self.suppress_for_minutes > Self::LONGEST {
            let message = format!("'suppressForMinutes' is from 0 to {} minutes.", Self::LONGEST);
            return Err(bad_request("suppressForMinutes", message));
        }
        let compiled = Compiled::of(&self.query)?;
        if self.evaluation == Evaluation::Streaming {
            compiled.streams()?;
        }
        let columns = compiled.columns();
        match self.group_by.iter().find(|name| !columns.contains(&name.as_str())) {
            Some(name) => {
                let message = format!("'{name}' is no column of the query's answer; it has {}.", columns.join(", "));
                Err(bad_request("groupBy", message))
            }
            None => Ok(()),
        }
    }
}

impl Kind for AlertRule {
    const NAME: &'static str = "alertRule";

    fn index(&self, index: &mut IndexEntries) {
        index.add("displayName", IndexKey::text(&self.display_name));
    }

    fn unique(&self, keys: &mut UniqueKeys) {
        if let Some(name) = &self.built_in {
            keys.in_tenant(Self::BUILT_IN, IndexKey::exact(name));
        }
    }
}
