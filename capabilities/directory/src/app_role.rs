//! What a resource exposes to be granted, and how it wants its tokens.

use serde::{Deserialize, Deserializer, Serialize};
use signet_kernel::AppId;
use uuid::Uuid;

/// `appRole` (CSDL): an application permission that a resource defines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppRole {
    /// Its id, chosen by the client.
    pub id: Uuid,
    /// `Application`, `User` or both.
    #[serde(default)]
    pub allowed_member_types: Vec<String>,
    /// What people call it.
    #[serde(default)]
    pub display_name: Option<String>,
    /// What it allows.
    #[serde(default)]
    pub description: Option<String>,
    /// Whether it can be assigned and shows in tokens.
    #[serde(default = "yes")]
    pub is_enabled: bool,
    /// What tokens carry in `roles`.
    #[serde(default)]
    pub value: Option<String>,
}

fn yes() -> bool {
    true
}

/// `permissionScope` (CSDL): a delegated permission that a resource defines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PermissionScope {
    /// Its id, chosen by the client.
    pub id: Uuid,
    /// What tokens carry in `scp`.
    #[serde(default)]
    pub value: Option<String>,
    /// `User` if people may consent for themselves, `Admin` if only an administrator may.
    #[serde(default = "user", rename = "type")]
    pub kind: String,
    /// Whether it can be granted and shows in tokens.
    #[serde(default = "yes")]
    pub is_enabled: bool,
    /// What administrators are told that it allows.
    #[serde(default)]
    pub admin_consent_description: Option<String>,
    /// What it is called where administrators consent.
    #[serde(default)]
    pub admin_consent_display_name: Option<String>,
    /// What people are told that it allows.
    #[serde(default)]
    pub user_consent_description: Option<String>,
    /// What it is called where people consent.
    #[serde(default)]
    pub user_consent_display_name: Option<String>,
}

impl PermissionScope {
    /// Anybody may consent for themselves.
    pub const USER: &'static str = "User";
    /// Administrators alone consent.
    pub const ADMIN: &'static str = "Admin";
}

fn user() -> String {
    PermissionScope::USER.to_owned()
}

/// `preAuthorizedApplication` (CSDL): a client that needs no consent for some of the scopes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PreAuthorizedApplication {
    /// Its client id.
    pub app_id: AppId,
    /// Ids of the scopes.
    pub delegated_permission_ids: Vec<Uuid>,
}

/// `apiApplication` (CSDL): what a resource says of itself as one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiApplication {
    /// The shape of access tokens: 1, 2, or null for 1 (CSDL). Signet adds 9068 for RFC 9068 `at+jwt`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_access_token_version: Option<u32>,
    /// The delegated permissions it defines.
    #[serde(default, deserialize_with = "list")]
    pub oauth2_permission_scopes: Vec<PermissionScope>,
    /// Clients that need no consent.
    #[serde(default, deserialize_with = "list")]
    pub pre_authorized_applications: Vec<PreAuthorizedApplication>,
    /// Clients whose consent covers this resource too.
    #[serde(default, deserialize_with = "list")]
    pub known_client_applications: Vec<AppId>,
    /// Members that decide nothing here.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

/// Clients send null for an empty list.
fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    Option::deserialize(from).map(Option::unwrap_or_default)
}
