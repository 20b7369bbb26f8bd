//! What a resource exposes to be granted, and how it wants its tokens.

use serde::{Deserialize, Serialize};
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

/// `apiApplication` (CSDL), as far as it decides anything.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiApplication {
    /// The shape of access tokens: 1, 2, or null for 1 (CSDL). Signet adds 9068 for RFC 9068 `at+jwt`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_access_token_version: Option<u32>,
    /// Members that decide nothing yet.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}
