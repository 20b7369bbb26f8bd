//! How far a tenant's rules have come.

use serde::{Deserialize, Serialize};
use signet_kernel::{ObjectId, Timestamp};
use signet_record::Place;
use signet_store::{IndexKey, Kind, UniqueKeys};
use std::collections::BTreeMap;

/// How far a tenant's rules have come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlertProgress {
    /// Streaming rules were asked of everything before this.
    pub place: Place,
    /// When each scheduled rule was asked last.
    #[serde(default)]
    pub asked: BTreeMap<ObjectId, Timestamp>,
    /// Members that a newer version wrote.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

impl AlertProgress {
    pub(crate) const ONE: &'static str = "alertProgress";

    pub(crate) fn key() -> IndexKey {
        IndexKey::exact("rules")
    }
}

impl Kind for AlertProgress {
    const NAME: &'static str = "alertProgress";

    fn unique(&self, keys: &mut UniqueKeys) {
        keys.in_tenant(Self::ONE, Self::key());
    }
}
