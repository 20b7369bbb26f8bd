//! Who does a work.

use serde::{Deserialize, Serialize};
use signet_store::{IndexKey, Kind, UniqueKeys};
use uuid::Uuid;

/// The lease of one work in one tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// What is done under it.
    pub work: String,
    /// Who holds it, unless it was given back.
    pub holder: Option<Uuid>,
    /// What a newer version wrote.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

impl Lease {
    pub(crate) const BY_WORK: &'static str = "lease";

    pub(crate) fn key(work: &str) -> IndexKey {
        IndexKey::exact(work)
    }
}

impl Kind for Lease {
    const NAME: &'static str = "lease";

    fn unique(&self, keys: &mut UniqueKeys) {
        keys.in_tenant(Self::BY_WORK, Self::key(&self.work));
    }
}
