//! People.

use serde::{Deserialize, Serialize};
use signet_credentials::Described;
use signet_store::{IndexEntries, IndexKey, Kind, UniqueKeys};

/// `user` (CSDL). Holds no credential: signing in comes with its own capability.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// What people call them.
    pub display_name: String,
    /// `name@domain`, unique in the tenant.
    pub user_principal_name: String,
    /// The mail alias.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail_nickname: Option<String>,
    /// Whether they may act.
    pub account_enabled: bool,
    /// Members that decide nothing here, and members that a newer version wrote.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

impl User {
    /// The key space of `userPrincipalName`.
    pub const USER_PRINCIPAL_NAME: &'static str = "userPrincipalName";
}

impl Kind for User {
    const NAME: &'static str = "user";

    fn index(&self, index: &mut IndexEntries) {
        index.add("displayName", IndexKey::text(&self.display_name));
    }

    fn unique(&self, keys: &mut UniqueKeys) {
        keys.in_tenant(Self::USER_PRINCIPAL_NAME, IndexKey::text(&self.user_principal_name));
    }
}

impl Described for User {
    fn display_name(&self) -> &str {
        &self.display_name
    }
}
