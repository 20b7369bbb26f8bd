//! Who is assigned which app role of which resource.

use serde::{Deserialize, Serialize};
use signet_kernel::ObjectId;
use signet_store::{IndexEntries, IndexKey, Kind, UniqueKeys};
use uuid::Uuid;

/// `appRoleAssignment` (CSDL). Display names are derived when asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppRoleAssignment {
    /// Who: a service principal of any type.
    pub principal_id: ObjectId,
    /// The resource: a service principal.
    pub resource_id: ObjectId,
    /// Which role; all zeros for default access to a resource that defines none.
    pub app_role_id: Uuid,
    /// Members that a newer version wrote.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

impl AppRoleAssignment {
    /// The indexed field that holds the principal's id.
    pub const PRINCIPAL: &'static str = "principalId";
    /// The indexed field that holds the resource's id.
    pub const RESOURCE: &'static str = "resourceId";
    /// The key space of (principal, resource, role).
    pub(crate) const KEY: &'static str = "appRoleAssignment";
}

/// An end of an assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Who holds the role.
    Principal,
    /// The resource that defines it.
    Resource,
}

impl Side {
    /// The object at this end.
    pub fn end(self, assignment: &AppRoleAssignment) -> ObjectId {
        match self {
            Self::Principal => assignment.principal_id,
            Self::Resource => assignment.resource_id,
        }
    }

    /// The indexed field that holds its id.
    pub fn field(self) -> &'static str {
        match self {
            Self::Principal => AppRoleAssignment::PRINCIPAL,
            Self::Resource => AppRoleAssignment::RESOURCE,
        }
    }
}

impl Kind for AppRoleAssignment {
    const NAME: &'static str = "appRoleAssignment";

    fn parent(&self) -> Option<ObjectId> {
        Some(self.principal_id)
    }

    fn index(&self, index: &mut IndexEntries) {
        index.add(Self::PRINCIPAL, IndexKey::uuid(self.principal_id.uuid()));
        index.add(Self::RESOURCE, IndexKey::uuid(self.resource_id.uuid()));
    }

    fn unique(&self, keys: &mut UniqueKeys) {
        let one = format!("{}/{}/{}", self.principal_id, self.resource_id, self.app_role_id);
        keys.in_tenant(Self::KEY, IndexKey::exact(&one));
    }
}
