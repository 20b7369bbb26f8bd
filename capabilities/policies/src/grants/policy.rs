//! A policy.

use super::{ConditionSet, GrantFacts};
use serde::{Deserialize, Serialize};
use signet_credentials::Described;
use signet_directory::body::bad_request;
use signet_kernel::Failure;
use signet_store::{Id, IndexEntries, IndexKey, Kind, Object, TenantStore, UniqueKeys};
use std::sync::Arc;

/// `permissionGrantPolicy` (CSDL).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PermissionGrantPolicy {
    /// Its id on the wire, chosen by who creates it; cannot be changed.
    pub name: String,
    /// What people call it.
    #[serde(default)]
    pub display_name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// A grant is within the policy if one of these matches,
    #[serde(default)]
    pub includes: Vec<ConditionSet>,
    /// and none of these does.
    #[serde(default)]
    pub excludes: Vec<ConditionSet>,
    /// Members that a newer version wrote.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

impl PermissionGrantPolicy {
    /// The key space of its id on the wire.
    pub const KEY: &'static str = "permissionGrantPolicy.name";
    /// How many sets of conditions each list has at most.
    pub const MOST_SETS: usize = 100;

    /// Whether a grant is within it.
    pub fn covers(&self, facts: &GrantFacts<'_>) -> bool {
        self.includes.iter().any(|set| set.matches(facts)) && !self.excludes.iter().any(|set| set.matches(facts))
    }

    /// The living policy of this id on the wire.
    pub async fn find(store: &TenantStore, name: &str) -> Result<Option<Arc<Object<Self>>>, Failure> {
        let Some(id) = store.find_key(Self::KEY, &IndexKey::text(name)).await? else { return Ok(None) };
        Ok(store.find(Id::<Self>::of(id)).await?.filter(|found| found.body.name.eq_ignore_ascii_case(name)))
    }

    /// Its names and sizes.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        if self.name.is_empty() || self.name.len() > 64 || !self.name.bytes().all(fits) {
            return Err(bad_request("id", "'id' has 1 to 64 letters, digits, '-', '_' and '.'."));
        }
        if [&self.includes, &self.excludes].iter().any(|sets| sets.len() > Self::MOST_SETS) {
            let message = format!("A policy has at most {} sets of conditions of each kind.", Self::MOST_SETS);
            return Err(bad_request("includes", message));
        }
        Ok(())
    }
}

impl Kind for PermissionGrantPolicy {
    const NAME: &'static str = "permissionGrantPolicy";

    fn index(&self, index: &mut IndexEntries) {
        index.add("displayName", IndexKey::text(&self.display_name));
    }

    fn unique(&self, keys: &mut UniqueKeys) {
        keys.in_tenant(Self::KEY, IndexKey::text(&self.name));
    }
}

impl Described for PermissionGrantPolicy {
    fn display_name(&self) -> &str {
        &self.display_name
    }
}
