//! An application's presence in a tenant.

use crate::creation::declare_creator;
use serde::{Deserialize, Serialize};
use signet_credentials::Described;
use signet_kernel::{AppId, Failure, Fault, ObjectId};
use signet_store::{IndexEntries, IndexKey, Kind, UniqueKeys};
use uuid::Uuid;

/// The client id of the directory API as a resource: Microsoft Graph's, so that its permission ids mean the same.
pub const DIRECTORY_APP_ID: AppId = AppId::from_uuid(Uuid::from_u128(0x0000_0003_0000_0000_c000_0000_0000_0000));

/// `servicePrincipalType` (CSDL).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ServicePrincipalType {
    /// An application, or a blueprint.
    Application,
    /// An agent identity.
    ServiceIdentity,
}

/// `servicePrincipal` (CSDL). Its roles are the application's: derived when asked, never copied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServicePrincipal {
    /// Client id of the application.
    pub app_id: AppId,
    /// The application's object; none for the directory API, which has no application object.
    pub application: Option<ObjectId>,
    /// What people call it.
    pub display_name: String,
    /// Whether it gets tokens, and is issued tokens for.
    pub account_enabled: bool,
    /// Whether only assigned principals get tokens for it.
    #[serde(default)]
    pub app_role_assignment_required: bool,
    /// Always [`ServicePrincipalType::Application`] here.
    pub service_principal_type: ServicePrincipalType,
    /// Members that decide nothing here, and members that a newer version wrote.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

impl ServicePrincipal {
    /// The key space of client ids among a tenant's service principals of every type.
    pub const APP_ID: &'static str = "servicePrincipal.appId";
}

impl ServicePrincipal {
    /// Refuses what would lock everybody out.
    pub(crate) fn refuse_if_directory(&self) -> Result<(), PrincipalRefused> {
        if self.app_id == DIRECTORY_APP_ID { Err(PrincipalRefused::Directory) } else { Ok(()) }
    }
}

/// Why a service principal is not created or changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PrincipalRefused {
    #[error("'appId' is the client id of an application of this tenant.")]
    NoAppId,
    #[error("The appId '{0}' of the service principal does not reference a valid application object.")]
    NoApplication(AppId),
    #[error("'{0}' is a blueprint; create an agentIdentityBlueprintPrincipal for it instead.")]
    NotAnApplication(AppId),
    #[error("The application '{0}' already has its service principal in this tenant.")]
    Exists(AppId),
    #[error("'appId' cannot be changed.")]
    AppIdIsFixed,
    #[error("The directory API's own service principal is neither disabled nor deleted: Signet is managed through it.")]
    Directory,
}

impl From<PrincipalRefused> for Failure {
    fn from(refusal: PrincipalRefused) -> Self {
        use PrincipalRefused as Why;
        let (fault, code) = match &refusal {
            Why::NoApplication(_) => (Fault::Input, "NoBackingApplicationObject"),
            Why::NoAppId | Why::NotAnApplication(_) | Why::AppIdIsFixed => (Fault::Input, "Request_BadRequest"),
            Why::Exists(_) => (Fault::Conflict, "Request_MultipleObjectsWithSameKeyValue"),
            Why::Directory => return Self::new(Fault::Rights, "Authorization_RequestDenied", refusal.to_string()),
        };
        Self::new(fault, code, refusal.to_string()).with_target("appId")
    }
}

impl Kind for ServicePrincipal {
    const NAME: &'static str = "servicePrincipal";

    fn parent(&self) -> Option<ObjectId> {
        self.application
    }

    fn index(&self, index: &mut IndexEntries) {
        index.add("displayName", IndexKey::text(&self.display_name));
        declare_creator(&self.other, index);
    }

    fn unique(&self, keys: &mut UniqueKeys) {
        keys.in_tenant(Self::APP_ID, IndexKey::uuid(self.app_id.uuid()));
    }
}

impl Described for ServicePrincipal {
    fn display_name(&self) -> &str {
        &self.display_name
    }
}
