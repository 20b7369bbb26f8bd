//! Who has a role, and where.

use serde::{Deserialize, Serialize};
use signet_credentials::Described;
use signet_kernel::ObjectId;
use signet_store::{IndexEntries, IndexKey, Kind, UniqueKeys};

/// Where an assignment reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RoleScope {
    /// The whole tenant: `/`.
    Tenant,
    /// The members of an administrative unit: `/administrativeUnits/{id}`.
    Unit(ObjectId),
    /// One object: `/{id}`.
    Object(ObjectId),
}

impl RoleScope {
    const UNITS: &'static str = "administrativeUnits/";

    /// Reads `directoryScopeId`.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix('/')?;
        if rest.is_empty() {
            return Some(Self::Tenant);
        }
        match rest.strip_prefix(Self::UNITS) {
            Some(unit) => unit.parse().ok().map(Self::Unit),
            None => rest.parse().ok().map(Self::Object),
        }
    }
}

impl std::fmt::Display for RoleScope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tenant => f.write_str("/"),
            Self::Unit(unit) => write!(f, "/{}{unit}", Self::UNITS),
            Self::Object(object) => write!(f, "/{object}"),
        }
    }
}

/// `unifiedRoleAssignment` (CSDL). Never changed: removed and made anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleAssignment {
    /// Who has the role: a principal, or a group that may be given roles.
    pub principal_id: ObjectId,
    /// Which role.
    pub role_definition_id: ObjectId,
    /// Where, as [`RoleScope`] writes it.
    pub directory_scope_id: String,
    /// Members that a newer version wrote.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

impl RoleAssignment {
    /// The indexed field of who has a role.
    pub const PRINCIPAL: &'static str = "principalId";
    /// The indexed field of which role it is.
    pub const DEFINITION: &'static str = "roleDefinitionId";
    /// The indexed field of the administrative unit that it is scoped to.
    pub const UNIT: &'static str = "administrativeUnit";

    /// Where it reaches; nowhere if that cannot be read.
    pub fn scope(&self) -> Option<RoleScope> {
        RoleScope::parse(&self.directory_scope_id)
    }
}

impl Kind for RoleAssignment {
    const NAME: &'static str = "unifiedRoleAssignment";

    /// It goes with the principal, and comes back with it.
    fn parent(&self) -> Option<ObjectId> {
        Some(self.principal_id)
    }

    fn index(&self, index: &mut IndexEntries) {
        index.add(Self::PRINCIPAL, IndexKey::uuid(self.principal_id.uuid()));
        index.add(Self::DEFINITION, IndexKey::uuid(self.role_definition_id.uuid()));
        if let Some(RoleScope::Unit(unit)) = self.scope() {
            index.add(Self::UNIT, IndexKey::uuid(unit.uuid()));
        }
    }

    fn unique(&self, keys: &mut UniqueKeys) {
        let all = format!("{} {} {}", self.principal_id, self.role_definition_id, self.directory_scope_id);
        keys.in_tenant("unifiedRoleAssignment", IndexKey::exact(&all));
    }
}

impl Described for RoleAssignment {
    fn display_name(&self) -> &str {
        &self.directory_scope_id
    }
}
