//! What a tenant's purge has in hand.

use serde::{Deserialize, Serialize};
use signet_kernel::{ObjectId, Timestamp};
use signet_store::{IndexKey, Kind, UniqueKeys};

/// What a tenant's purge has in hand: frames whose tombstone is committed, and which are removed once it is in the log.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogPurge {
    /// The frames that are to be removed; none when nothing is in hand.
    #[serde(default)]
    pub frames: Vec<i64>,
    /// The id of the audit record that is their tombstone.
    #[serde(default)]
    pub tombstone: String,
    /// When archives were last looked through for what is too old.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive_looked: Option<Timestamp>,
    /// Members that a newer version wrote.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

impl LogPurge {
    pub(crate) const ONE: &'static str = "logPurge";

    pub(crate) fn key() -> IndexKey {
        IndexKey::exact("purge")
    }

    /// The audit record's own id, as it stands in the record.
    pub(crate) fn tombstone_of(id: ObjectId) -> String {
        format!("Directory_{id}")
    }
}

impl Kind for LogPurge {
    const NAME: &'static str = "logPurge";

    fn unique(&self, keys: &mut UniqueKeys) {
        keys.in_tenant(Self::ONE, Self::key());
    }
}
