//! A group that raised an alert and is silent for a while.

use serde::{Deserialize, Serialize};
use signet_kernel::{ObjectId, Timestamp};
use signet_store::{IndexEntries, IndexKey, Kind, UniqueKeys};

/// Hits of a rule that belong together, since they raised an alert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlertGroup {
    /// The rule.
    pub rule: ObjectId,
    /// What its hits have in common, hashed.
    pub key: String,
    /// It raises nothing before.
    pub silent_until: Timestamp,
    /// Members that a newer version wrote.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

impl AlertGroup {
    pub(crate) const BY_KEY: &'static str = "alertGroup";
    pub(crate) const UNTIL: &'static str = "silentUntil";

    pub(crate) fn index_key(rule: ObjectId, key: &str) -> IndexKey {
        IndexKey::exact(&format!("{rule}/{key}"))
    }
}

impl Kind for AlertGroup {
    const NAME: &'static str = "alertGroup";

    fn index(&self, index: &mut IndexEntries) {
        index.add(Self::UNTIL, IndexKey::time(self.silent_until));
    }

    fn unique(&self, keys: &mut UniqueKeys) {
        keys.in_tenant(Self::BY_KEY, Self::index_key(self.rule, &self.key));
    }
}
