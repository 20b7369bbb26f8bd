//! What rules about people and the audit trail need to know of an object, whatever its kind.

use signet_kernel::ObjectId;
use signet_logs::audit::TargetType;
use signet_store::{BackendError, Kind, Object, Row, TenantStore};

/// A kind that people answer for, own or change, and that the audit trail therefore names.
pub trait Described: Kind {
    /// What people call the object.
    fn display_name(&self) -> &str;

    /// The blueprint (its object id) that the object is, stands for, or is stamped from. An agent identity does not
    /// know it: see [`Thing::of_blueprint`].
    fn blueprint(&self, _id: ObjectId) -> Option<ObjectId> {
        None
    }
}

/// What rules and the audit trail know of a kind by its name alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Naming {
    /// The stored kind.
    pub kind: &'static str,
    /// `type` of an audit target. Blueprints are applications there, and agent identities service principals.
    pub target: TargetType,
    /// Whether somebody always answers for it: its last sponsor stays.
    pub sponsored: bool,
}

#[rustfmt::skip]
const NAMINGS: [Naming; 7] = [
    Naming { kind: "user", target: TargetType::User, sponsored: false },
    Naming { kind: "agentUser", target: TargetType::User, sponsored: false },
    Naming { kind: "application", target: TargetType::Application, sponsored: false },
    Naming { kind: "servicePrincipal", target: TargetType::ServicePrincipal, sponsored: false },
    Naming { kind: Naming::BLUEPRINT, target: TargetType::Application, sponsored: true },
    Naming { kind: "agentIdentityBlueprintPrincipal", target: TargetType::ServicePrincipal, sponsored: false },
    Naming { kind: Naming::AGENT_IDENTITY, target: TargetType::ServicePrincipal, sponsored: true },
];

const OTHER: Naming = Naming { kind: "", target: TargetType::Other, sponsored: false };

/// The relation from a thing to who answers for it.
pub const SPONSORS: &str = "sponsors";

impl Naming {
    /// The kind of agent identities.
    pub const AGENT_IDENTITY: &'static str = "agentIdentity";
    /// The kinds that somebody always answers for.
    pub const SPONSORED: [&'static str; 2] = [Self::BLUEPRINT, Self::AGENT_IDENTITY];
    /// The kind of blueprints.
    pub const BLUEPRINT: &'static str = "agentIdentityBlueprint";

    /// What is known of a stored kind.
    pub fn of(kind: &str) -> Self {
        NAMINGS.into_iter().find(|naming| naming.kind == kind).unwrap_or(OTHER)
    }
}

/// An object of any kind, as rules about people and the audit trail see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thing {
    /// Its object id.
    pub id: ObjectId,
    /// What is known of its kind.
    pub naming: Naming,
    /// What people call it.
    pub display_name: String,
    /// The blueprint (its object id) that it is, stands for, or is stamped from.
    pub blueprint: Option<ObjectId>,
}

impl Thing {
    /// A stored object.
    pub fn of<K: Described>(object: &Object<K>) -> Self {
        Self::new(object.id.object(), &object.body)
    }

    /// An object of this id and body, stored or about to be.
    pub fn new<K: Described>(id: ObjectId, body: &K) -> Self {
        Self {
            id,
            naming: Naming::of(K::NAME),
            display_name: body.display_name().to_owned(),
            blueprint: body.blueprint(id),
        }
    }

    /// A stored object, with the blueprint it is stamped from looked up where the object does not name it.
    pub async fn find_of<K: Described>(store: &TenantStore, object: &Object<K>) -> Result<Self, BackendError> {
        let thing = Self::of(object);
        match object.body.parent() {
            Some(parent) if thing.blueprint.is_none() => thing.below(store, parent).await,
            _ => Ok(thing),
        }
    }

    /// A stored object whose kind is known by name alone.
    pub async fn find_of_row(store: &TenantStore, row: &Row) -> Result<Self, BackendError> {
        let body: serde_json::Value = serde_json::from_slice(&row.body).unwrap_or_default();
        let display_name = body.get("displayName").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        let blueprint = (row.kind == Naming::BLUEPRINT).then_some(row.id);
        let thing = Self { id: row.id, naming: Naming::of(&row.kind), display_name, blueprint };
        match row.parent {
            Some(parent) if blueprint.is_none() => thing.below(store, parent).await,
            _ => Ok(thing),
        }
    }

    /// The same, stamped from the blueprint that `parent` is or hangs off, if any.
    async fn below(mut self, store: &TenantStore, parent: ObjectId) -> Result<Self, BackendError> {
        let mut above = store.read_row(parent).await?;
        while let Some(row) = above {
            if row.kind == Naming::BLUEPRINT {
                self.blueprint = Some(row.id);
                break;
            }
            above = match row.parent {
                Some(parent) => store.read_row(parent).await?,
                None => None,
            };
        }
        Ok(self)
    }

    /// The same, stamped from the blueprint of this object id.
    #[must_use]
    pub fn of_blueprint(mut self, blueprint: ObjectId) -> Self {
        self.blueprint = Some(blueprint);
        self
    }
}
