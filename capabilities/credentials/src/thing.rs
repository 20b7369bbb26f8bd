//! What rules about people and the audit trail need to know of an object, whatever its kind.

use signet_kernel::ObjectId;
use signet_store::{Kind, Object, Row};

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

/// What the capabilities call a kind outside the code: in sentences and in the audit trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Naming {
    /// The stored kind.
    pub kind: &'static str,
    /// `type` of an audit target: `Application`.
    pub audit_type: &'static str,
    /// The noun of audit activities: `Update application`.
    pub activity_noun: &'static str,
    /// `agentType` of an audit target.
    pub agent_type: Option<&'static str>,
    /// Whether somebody always answers for it: its last sponsor stays.
    pub sponsored: bool,
}

// Blueprint events are application events and agent identity events are service principal events, as in Entra's trail.
#[rustfmt::skip]
const NAMINGS: [Naming; 6] = [
    Naming { kind: "user", audit_type: "User", activity_noun: "user", agent_type: None, sponsored: false },
    Naming { kind: "application", audit_type: "Application", activity_noun: "application", agent_type: None, sponsored: false },
    Naming { kind: "servicePrincipal", audit_type: "ServicePrincipal", activity_noun: "service principal", agent_type: None, sponsored: false },
    Naming { kind: "agentIdentityBlueprint", audit_type: "Application", activity_noun: "application", agent_type: Some("agenticApp"), sponsored: true },
    Naming { kind: "agentIdentityBlueprintPrincipal", audit_type: "ServicePrincipal", activity_noun: "service principal", agent_type: Some("agentIdentityBlueprintPrincipal"), sponsored: false },
    Naming { kind: "agentIdentity", audit_type: "ServicePrincipal", activity_noun: "service principal", agent_type: Some("agenticAppInstance"), sponsored: true },
];

const UNNAMED: Naming =
    Naming { kind: "", audit_type: "Other", activity_noun: "object", agent_type: None, sponsored: false };

impl Naming {
    /// What a stored kind is called.
    pub fn of(kind: &str) -> Self {
        NAMINGS.into_iter().find(|naming| naming.kind == kind).unwrap_or(UNNAMED)
    }
}

/// An object of any kind, as rules about people and the audit trail see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thing {
    /// Its object id.
    pub id: ObjectId,
    /// What its kind is called.
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

    /// An object whose kind is known by name alone.
    pub fn of_row(row: &Row) -> Self {
        let body: serde_json::Value = serde_json::from_slice(&row.body).unwrap_or_default();
        let display_name = body.get("displayName").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        let blueprint = (row.kind == "agentIdentityBlueprint").then_some(row.id);
        Self { id: row.id, naming: Naming::of(&row.kind), display_name, blueprint }
    }

    /// The same, stamped from the blueprint of this object id.
    #[must_use]
    pub fn of_blueprint(mut self, blueprint: ObjectId) -> Self {
        self.blueprint = Some(blueprint);
        self
    }
}
