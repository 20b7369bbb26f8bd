//! What agents inherit from their blueprint.

mod wire;

use serde::{Deserialize, Serialize};
use signet_kernel::{AppId, ObjectId};
use signet_store::{IndexEntries, IndexKey, Kind, UniqueKeys};

/// `inheritableScopes` (CSDL): which delegated permissions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum InheritableScopes {
    /// Every scope the blueprint principal was granted.
    AllAllowed,
    /// Those of them that are listed.
    Enumerated {
        /// Scope values.
        scopes: Vec<String>,
    },
    /// None.
    None,
}

impl InheritableScopes {
    /// Whether a scope of this value is passed on.
    pub fn covers(&self, value: &str) -> bool {
        match self {
            Self::AllAllowed => true,
            Self::Enumerated { scopes } => scopes.iter().any(|scope| scope == value),
            Self::None => false,
        }
    }

    /// Whether something that is passed on now would no longer be under `next`.
    pub fn is_narrowed_by(&self, next: &Self) -> bool {
        match self {
            Self::AllAllowed => *next != Self::AllAllowed,
            Self::Enumerated { scopes } => !scopes.iter().all(|scope| next.covers(scope)),
            Self::None => false,
        }
    }
}

/// `inheritableRoles` (entra-docs 2026): which application permissions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum InheritableRoles {
    /// Every role the blueprint principal was assigned.
    AllAllowed,
    /// Those of them that are listed.
    Enumerated {
        /// Role values.
        roles: Vec<String>,
    },
    /// None.
    None,
}

impl InheritableRoles {
    /// Whether a role of this value is passed on.
    pub fn covers(&self, value: &str) -> bool {
        match self {
            Self::AllAllowed => true,
            Self::Enumerated { roles } => roles.iter().any(|role| role == value),
            Self::None => false,
        }
    }

    /// Whether something that is passed on now would no longer be under `next`.
    pub fn is_narrowed_by(&self, next: &Self) -> bool {
        match self {
            Self::AllAllowed => *next != Self::AllAllowed,
            Self::Enumerated { roles } => !roles.iter().all(|role| next.covers(role)),
            Self::None => false,
        }
    }
}

/// `inheritablePermission` (CSDL): what a blueprint passes on of one resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InheritablePermission {
    /// The blueprint's object.
    pub blueprint: ObjectId,
    /// The resource's client id: the key within the blueprint.
    pub resource_app_id: AppId,
    /// Delegated permissions.
    pub inheritable_scopes: InheritableScopes,
    /// Application permissions.
    pub inheritable_roles: InheritableRoles,
    /// Members that a newer version wrote.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

impl InheritablePermission {
    /// The indexed field that holds the blueprint's id.
    pub const BLUEPRINT: &'static str = "blueprint";
    /// How many resources a blueprint passes permissions on of at most.
    pub const MOST_PER_BLUEPRINT: usize = 10;
    /// The key space of resources within a blueprint.
    pub(crate) const KEY: &'static str = "inheritablePermission";

    /// What is said of a rule that passes on more than it names.
    pub fn warning(&self) -> Option<&'static str> {
        let all = self.inheritable_scopes == InheritableScopes::AllAllowed
            || self.inheritable_roles == InheritableRoles::AllAllowed;
        all.then_some(
            "'allAllowed' passes on every permission that the blueprint principal has or is ever given of this \
             resource, to every agent; list those that are needed instead: {\"kind\": \"enumerated\", …}.",
        )
    }

    /// Whether something that is passed on now would no longer be under `next`.
    pub fn is_narrowed_by(&self, next: &Self) -> bool {
        self.inheritable_roles.is_narrowed_by(&next.inheritable_roles)
            || self.inheritable_scopes.is_narrowed_by(&next.inheritable_scopes)
    }
}

impl Kind for InheritablePermission {
    const NAME: &'static str = "inheritablePermission";

    fn parent(&self) -> Option<ObjectId> {
        Some(self.blueprint)
    }

    fn index(&self, index: &mut IndexEntries) {
        index.add(Self::BLUEPRINT, IndexKey::uuid(self.blueprint.uuid()));
    }

    fn unique(&self, keys: &mut UniqueKeys) {
        let one = format!("{}/{}", self.blueprint, self.resource_app_id);
        keys.in_tenant(Self::KEY, IndexKey::exact(&one));
    }
}
