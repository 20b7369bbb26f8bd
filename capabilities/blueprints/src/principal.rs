//! The blueprint principal.

use serde::{Deserialize, Serialize};
use signet_directory::responsibility::Described;
use signet_directory::{ServicePrincipal, ServicePrincipalType, declare_creator};
use signet_kernel::{AppId, ObjectId};
use signet_store::{BackendError, Id, IndexEntries, IndexKey, Kind, Object, TenantStore, UniqueKeys};
use std::sync::Arc;

/// `agentIdentityBlueprintPrincipal` (CSDL): a blueprint's presence in its tenant, and the switch for all its
/// agents there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BlueprintPrincipal {
    /// Client id of the blueprint.
    pub app_id: AppId,
    /// The blueprint's object.
    pub blueprint: ObjectId,
    /// What people call it.
    pub display_name: String,
    /// Whether it and its agents get tokens.
    pub account_enabled: bool,
    /// Whether only assigned principals get tokens for it.
    #[serde(default)]
    pub app_role_assignment_required: bool,
    /// Always [`ServicePrincipalType::Application`].
    pub service_principal_type: ServicePrincipalType,
    /// Members that decide nothing here, and members that a newer version wrote.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

impl BlueprintPrincipal {
    /// Properties of service principals that blueprint principals lack: the blueprint holds the credentials.
    pub const INCOMPATIBLE: &'static [&'static str] = &["passwordCredentials", "keyCredentials"];

    /// The living principal of the blueprint with this client id.
    pub async fn find_by_app_id(store: &TenantStore, app_id: AppId) -> Result<Option<Arc<Object<Self>>>, BackendError> {
        match store.find_key(ServicePrincipal::APP_ID, &IndexKey::uuid(app_id.uuid())).await? {
            Some(id) => store.find(Id::of(id)).await,
            None => Ok(None),
        }
    }
}

impl Kind for BlueprintPrincipal {
    const NAME: &'static str = "agentIdentityBlueprintPrincipal";

    fn parent(&self) -> Option<ObjectId> {
        Some(self.blueprint)
    }

    fn index(&self, index: &mut IndexEntries) {
        index.add("displayName", IndexKey::text(&self.display_name));
        declare_creator(&self.other, index);
    }

    fn unique(&self, keys: &mut UniqueKeys) {
        keys.in_tenant(ServicePrincipal::APP_ID, IndexKey::uuid(self.app_id.uuid()));
    }
}

impl Described for BlueprintPrincipal {
    fn display_name(&self) -> &str {
        &self.display_name
    }

    fn blueprint(&self, _id: ObjectId) -> Option<ObjectId> {
        Some(self.blueprint)
    }
}
