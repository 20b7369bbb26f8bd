//! Applications: clients and resources.

mod change;
mod names;
mod properties;
mod redirects;
mod roles;
mod rules;
mod scopes;

pub use change::{ApplicationChange, audit_change};
pub(crate) use properties::fill_in;

use crate::creation::declare_creator;
use crate::{ApiApplication, AppRole};
use serde::{Deserialize, Serialize};
use signet_credentials::{Described, Holder, KeyCredential, PasswordCredential};
use signet_kernel::AppId;
use signet_store::{IndexEntries, IndexKey, Kind, UniqueKeys};

/// `application` (CSDL). Members that decide nothing are kept in `other` under their wire names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Application {
    /// Client id.
    pub app_id: AppId,
    /// What people call it.
    pub display_name: String,
    /// Names the application goes by as a resource.
    #[serde(default)]
    pub identifier_uris: Vec<String>,
    /// `AzureADMyOrg` unless said otherwise.
    pub sign_in_audience: String,
    /// The application permissions it exposes.
    #[serde(default)]
    pub app_roles: Vec<AppRole>,
    /// How it wants its tokens.
    #[serde(default)]
    pub api: ApiApplication,
    /// Its secrets.
    #[serde(default)]
    pub password_credentials: Vec<PasswordCredential>,
    /// Its certificates.
    #[serde(default)]
    pub key_credentials: Vec<KeyCredential>,
    /// The client that created it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by_app_id: Option<AppId>,
    /// How long its resource's access tokens live, in minutes: 10 to 60.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token_lifetime_minutes: Option<u32>,
    /// Whether a `jti` of a client assertion is accepted once only.
    #[serde(default)]
    pub single_use_assertions: bool,
    /// Alternate key; cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unique_name: Option<String>,
    /// Whether it is switched off everywhere.
    #[serde(default)]
    pub is_disabled: bool,
    /// Members that decide nothing here, and members that a newer version wrote.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

impl Application {
    /// The key space of client ids, unique in the whole deployment and found in the tenant.
    pub const APP_ID: &'static str = "appId";
    /// The key space of identifier URIs, unique in the tenant.
    pub const IDENTIFIER_URI: &'static str = "identifierUri";
    /// The key space of `uniqueName`, unique in the tenant.
    pub const UNIQUE_NAME: &'static str = "application.uniqueName";

    /// The default of `signInAudience`.
    pub const MY_ORGANISATION: &'static str = "AzureADMyOrg";

    /// Where people may be sent back to, whatever kind of client they use.
    pub fn redirect_uris(&self) -> Vec<&str> {
        let clients = ["web", "spa", "publicClient"].into_iter().filter_map(|client| self.other.get(client));
        let lists = clients.filter_map(|client| client.get("redirectUris")?.as_array());
        lists.flatten().filter_map(serde_json::Value::as_str).collect()
    }

    /// Its index entries; shared with the types that derive from it.
    pub fn declare_index(&self, index: &mut IndexEntries) {
        index.add("displayName", IndexKey::text(&self.display_name));
        declare_creator(&self.other, index);
    }

    /// Its unique keys; shared with the types that derive from it.
    pub fn declare_unique(&self, keys: &mut UniqueKeys) {
        // In the deployment so that a token request names one client, in the tenant so that a path finds it there.
        keys.everywhere(Self::APP_ID, IndexKey::uuid(self.app_id.uuid()));
        keys.in_tenant(Self::APP_ID, IndexKey::uuid(self.app_id.uuid()));
        for uri in &self.identifier_uris {
            keys.in_tenant(Self::IDENTIFIER_URI, IndexKey::text(uri));
        }
        if let Some(name) = &self.unique_name {
            keys.in_tenant(Self::UNIQUE_NAME, IndexKey::text(name));
        }
        KeyCredential::declare_unique(&self.key_credentials, keys);
    }
}

impl Kind for Application {
    const NAME: &'static str = "application";

    fn index(&self, index: &mut IndexEntries) {
        self.declare_index(index);
    }

    fn unique(&self, keys: &mut UniqueKeys) {
        self.declare_unique(keys);
    }
}

impl Holder for Application {
    fn app_id(&self) -> AppId {
        self.app_id
    }

    fn display_name(&self) -> &str {
        &self.display_name
    }

    fn passwords(&self) -> &[PasswordCredential] {
        &self.password_credentials
    }

    fn passwords_mut(&mut self) -> &mut Vec<PasswordCredential> {
        &mut self.password_credentials
    }

    fn certificates(&self) -> &[KeyCredential] {
        &self.key_credentials
    }

    fn certificates_mut(&mut self) -> &mut Vec<KeyCredential> {
        &mut self.key_credentials
    }
}

impl Described for Application {
    fn display_name(&self) -> &str {
        &self.display_name
    }
}
