//! Policies: the tenant's default, and those that are assigned.

use super::Restrictions;
use crate::Described;
use serde::{Deserialize, Serialize};
use signet_store::{IndexEntries, IndexKey, Kind, UniqueKeys};

/// The member of the tenant that holds its default policy.
pub const DEFAULT_POLICY: &str = "defaultAppManagementPolicy";
/// The relation from an application or blueprint to its policy: one at most.
pub const APP_MANAGEMENT_POLICIES: &str = "appManagementPolicies";

/// `tenantAppManagementPolicy` (CSDL): what binds whoever no other policy is assigned to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DefaultAppManagementPolicy {
    /// Whether it is enforced.
    pub is_enabled: bool,
    /// What binds applications and blueprints.
    pub application_restrictions: Restrictions,
    /// What binds service principals. None of them holds a credential here.
    pub service_principal_restrictions: Restrictions,
    /// Members that a newer version wrote.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

/// `appManagementPolicy` (CSDL).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppManagementPolicy {
    /// What people call it.
    pub display_name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it is enforced.
    #[serde(default)]
    pub is_enabled: bool,
    /// What binds those that it is assigned to.
    #[serde(default)]
    pub restrictions: Restrictions,
    /// Members that a newer version wrote.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

impl Kind for AppManagementPolicy {
    const NAME: &'static str = "appManagementPolicy";

    fn index(&self, index: &mut IndexEntries) {
        index.add("displayName", IndexKey::text(&self.display_name));
    }

    fn unique(&self, _keys: &mut UniqueKeys) {}
}

impl Described for AppManagementPolicy {
    fn display_name(&self) -> &str {
        &self.display_name
    }
}
