//! How far a sink has come.

use serde::{Deserialize, Serialize};
use signet_kernel::Timestamp;
use signet_record::Place;
use signet_store::{IndexKey, Kind, UniqueKeys};

/// How far a sink has come in a tenant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportCursor {
    /// The sink's name in the configuration.
    pub sink: String,
    /// Everything before this was taken, or is a dead letter.
    pub place: Place,
    /// When it moved on.
    pub moved: Timestamp,
    /// What a newer version wrote.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

impl ExportCursor {
    pub(crate) const BY_SINK: &'static str = "exportCursor";

    pub(crate) fn key(sink: &str) -> IndexKey {
        IndexKey::exact(sink)
    }
}

impl Kind for ExportCursor {
    const NAME: &'static str = "exportCursor";

    fn unique(&self, keys: &mut UniqueKeys) {
        keys.in_tenant(Self::BY_SINK, Self::key(&self.sink));
    }
}
