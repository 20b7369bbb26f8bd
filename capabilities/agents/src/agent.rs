//! The agent identity.

use serde::{Deserialize, Serialize};
use signet_directory::responsibility::Described;
use signet_directory::{Application, ServicePrincipal, ServicePrincipalType, declare_creator};
use signet_kernel::{AppId, ObjectId};
use signet_store::{IndexEntries, IndexKey, Kind, OtherMembers, UniqueKeys};

/// `agentIdentity` (CSDL). Its object id is its client id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AgentIdentity {
    /// Client id; the same GUID as the object id.
    pub app_id: AppId,
    /// What people call it.
    pub display_name: String,
    /// Client id (not object id) of the blueprint; cannot be changed.
    pub agent_identity_blueprint_id: AppId,
    /// The blueprint principal it hangs off.
    pub principal: ObjectId,
    /// Whether it gets tokens.
    pub account_enabled: bool,
    /// Whether only assigned principals get tokens for it.
    #[serde(default)]
    pub app_role_assignment_required: bool,
    /// Always [`ServicePrincipalType::ServiceIdentity`].
    pub service_principal_type: ServicePrincipalType,
    /// The client that created it.
    pub created_by_app_id: AppId,
    /// Members that decide nothing here, and members that a newer version wrote.
    #[serde(flatten)]
    pub other: OtherMembers,
}

impl AgentIdentity {
    /// The indexed field that holds the blueprint's client id.
    pub const BLUEPRINT: &'static str = "agentIdentityBlueprintId";
}

impl Kind for AgentIdentity {
    const NAME: &'static str = "agentIdentity";

    fn parent(&self) -> Option<ObjectId> {
        Some(self.principal)
    }

    fn index(&self, index: &mut IndexEntries) {
        index.add("displayName", IndexKey::text(&self.display_name));
        declare_creator(&self.other.to_map(), index);
        index.add(Self::BLUEPRINT, IndexKey::uuid(self.agent_identity_blueprint_id.uuid()));
    }

    fn unique(&self, keys: &mut UniqueKeys) {
        keys.everywhere(Application::APP_ID, IndexKey::uuid(self.app_id.uuid()));
        keys.in_tenant(ServicePrincipal::APP_ID, IndexKey::uuid(self.app_id.uuid()));
    }
}

impl Described for AgentIdentity {
    fn display_name(&self) -> &str {
        &self.display_name
    }
}
