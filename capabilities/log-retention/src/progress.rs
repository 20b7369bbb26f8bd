//! What a tenant's purge has in hand.

use serde::{Deserialize, Serialize};
use signet_kernel::{Failure, ObjectId, Timestamp};
use signet_store::{Id, IndexKey, Kind, Object, TenantStore, UniqueKeys, UnitOfWork};
use std::sync::Arc;

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
    /// Whether they are being removed: what is held from now on comes too late for them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub removing: bool,
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

/// What a tenant has in hand; none before its first purge or hold.
pub(crate) async fn in_hand(store: &TenantStore) -> Result<Option<Arc<Object<LogPurge>>>, Failure> {
    match store.find_key(LogPurge::ONE, &LogPurge::key()).await? {
        Some(id) => Ok(store.find(Id::<LogPurge>::of(id)).await?),
        None => Ok(None),
    }
}

/// Gives a unit of work that sets a hold its place among purges: one that has chosen or stated what leaves looks at holds
/// again. While one removes, no hold is set: nobody could say whether it was in time.
pub(crate) async fn hold_before_removal(store: &TenantStore, unit: &mut UnitOfWork) -> Result<(), Failure> {
    match in_hand(store).await? {
        Some(purge) if purge.body.removing => Err(Failure::busy("a purge removes records at this moment")),
        Some(purge) => {
            unit.update(&purge, &purge.body);
            Ok(())
        }
        None => {
            unit.create(Id::of(store.context().new_object_id()), &LogPurge::default());
            Ok(())
        }
    }
}
