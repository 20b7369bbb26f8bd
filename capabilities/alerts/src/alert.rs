//! The alert.

use serde::{Deserialize, Serialize};
use signet_kernel::ObjectId;
use signet_store::{IndexEntries, IndexKey, Kind, UniqueKeys};

/// `alertSeverity` (CSDL).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Severity {
    /// For the record.
    Informational,
    /// When there is time.
    Low,
    /// Soon.
    Medium,
    /// Now.
    High,
}

impl Severity {
    /// Each, from the least.
    pub const ALL: [Self; 4] = [Self::Informational, Self::Low, Self::Medium, Self::High];

    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// `alertStatus` (CSDL).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Status {
    /// Nobody has looked at it.
    #[default]
    NewAlert,
    /// Somebody does.
    InProgress,
    /// It is dealt with.
    Resolved,
}

/// `alert` (CSDL).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Alert {
    /// What happened, in a few words.
    pub title: String,
    /// What happened, by whom, to what.
    pub description: String,
    /// What kind of thing happened: stable.
    pub category: String,
    /// How much it matters.
    pub severity: Severity,
    /// Whether somebody looked at it.
    #[serde(default)]
    pub status: Status,
    /// The object that it is about.
    pub subject: ObjectId,
    /// Who did it.
    pub actor: ObjectId,
    /// Members that a newer version wrote.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

impl Alert {
    /// The indexed field of the object that it is about.
    pub const SUBJECT: &'static str = "subject";
}

impl Kind for Alert {
    const NAME: &'static str = "alert";

    fn index(&self, index: &mut IndexEntries) {
        index.add(Self::SUBJECT, IndexKey::uuid(self.subject.uuid()));
        index.add("category", IndexKey::text(&self.category));
    }

    fn unique(&self, _keys: &mut UniqueKeys) {}
}
