//! Which delegated permissions of a resource a client may use, for whom.

use serde::{Deserialize, Serialize};
use signet_directory::responsibility::Described;
use signet_kernel::ObjectId;
use signet_store::{IndexEntries, IndexKey, Kind, UniqueKeys};

/// For whom a grant is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConsentType {
    /// Everybody in the tenant.
    AllPrincipals,
    /// One person, or one agent user.
    Principal,
}

/// `oAuth2PermissionGrant` (CSDL). It goes and comes back with its client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DelegatedGrant {
    /// Who may use it: a service principal of any type.
    pub client_id: ObjectId,
    /// For whom.
    pub consent_type: ConsentType,
    /// For which user; only with [`ConsentType::Principal`].
    #[serde(default)]
    pub principal_id: Option<ObjectId>,
    /// The resource: a service principal.
    pub resource_id: ObjectId,
    /// Scope values, with one space between them.
    pub scope: String,
    /// Members that a newer version wrote.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

impl DelegatedGrant {
    /// The indexed field that holds the client's id.
    pub const CLIENT: &'static str = "clientId";
    /// The indexed field that holds the user's id.
    pub const PRINCIPAL: &'static str = "principalId";
    /// The indexed field that holds the resource's id.
    pub const RESOURCE: &'static str = "resourceId";
    /// The key space of (client, resource, user or everybody).
    pub(crate) const KEY: &'static str = "oAuth2PermissionGrant";

    /// The scope values.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scope.split(' ').filter(|value| !value.is_empty())
    }

    /// Adds a scope value.
    pub(crate) fn add(&mut self, value: &str) {
        if !self.scope.is_empty() {
            self.scope.push(' ');
        }
        self.scope.push_str(value);
    }

    /// Whether it is for this user: for everybody, or for this one.
    pub fn is_for(&self, user: ObjectId) -> bool {
        self.principal_id.is_none_or(|principal| principal == user)
    }

    /// Whether something that is granted now would no longer be under `next`.
    pub fn is_narrowed_by(&self, next: &Self) -> bool {
        !self.scopes().all(|value| next.scopes().any(|kept| kept == value))
    }
}

impl Kind for DelegatedGrant {
    const NAME: &'static str = "oAuth2PermissionGrant";

    fn parent(&self) -> Option<ObjectId> {
        Some(self.client_id)
    }

    fn index(&self, index: &mut IndexEntries) {
        index.add(Self::CLIENT, IndexKey::uuid(self.client_id.uuid()));
        index.add(Self::RESOURCE, IndexKey::uuid(self.resource_id.uuid()));
        if let Some(principal) = self.principal_id {
            index.add(Self::PRINCIPAL, IndexKey::uuid(principal.uuid()));
        }
    }

    fn unique(&self, keys: &mut UniqueKeys) {
        let whom = self.principal_id.map_or_else(|| "*".to_owned(), |id| id.to_string());
        keys.in_tenant(Self::KEY, IndexKey::exact(&format!("{}/{}/{whom}", self.client_id, self.resource_id)));
    }
}

impl Described for DelegatedGrant {
    fn display_name(&self) -> &str {
        &self.scope
    }
}
