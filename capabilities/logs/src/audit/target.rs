//! What a write was about.

use super::Modified;
use serde::Serialize;
use serde_json::{Value, json};
use signet_kernel::ObjectId;
use std::collections::BTreeMap;

/// `type` of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum TargetType {
    /// An application or a blueprint.
    Application,
    /// A service principal of any type: an application's, a blueprint's, an agent identity.
    ServicePrincipal,
    /// A person, or an agent's user account.
    User,
    /// A group.
    Group,
    /// Anything else.
    Other,
}

/// What kind of agent something is (`agentType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum AgentType {
    /// None.
    NotAgentic,
    /// A blueprint.
    AgenticApp,
    /// An agent identity.
    AgenticAppInstance,
    /// A blueprint's principal.
    AgentIdentityBlueprintPrincipal,
    /// An agent's user account.
    #[serde(rename = "agentIDuser")]
    AgentIdUser,
}

impl AgentType {
    /// What an object of this stored kind is.
    pub fn of_kind(kind: &str) -> Self {
        match kind {
            "agentIdentityBlueprint" => Self::AgenticApp,
            "agentIdentity" => Self::AgenticAppInstance,
            "agentIdentityBlueprintPrincipal" => Self::AgentIdentityBlueprintPrincipal,
            "agentUser" => Self::AgentIdUser,
            _ => Self::NotAgentic,
        }
    }

    /// The value of `agentType`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotAgentic => "notAgentic",
            Self::AgenticApp => "agenticApp",
            Self::AgenticAppInstance => "agenticAppInstance",
            Self::AgentIdentityBlueprintPrincipal => "agentIdentityBlueprintPrincipal",
            Self::AgentIdUser => "agentIDuser",
        }
    }
}

impl TargetType {
    /// What an object of this stored kind is.
    pub fn of_kind(kind: &str) -> Self {
        match kind {
            "application" | "agentIdentityBlueprint" => Self::Application,
            "servicePrincipal" | "agentIdentity" | "agentIdentityBlueprintPrincipal" => Self::ServicePrincipal,
            "user" | "agentUser" => Self::User,
            "group" => Self::Group,
            _ => Self::Other,
        }
    }
}

/// One object that a write was about.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// Its id: an object's, or whatever names it where it is no object (a signing key).
    pub id: String,
    /// What people call it.
    pub display_name: Option<String>,
    /// A user's sign-in name.
    pub user_principal_name: Option<String>,
    /// What it is.
    pub kind: TargetType,
    /// What kind of agent it is.
    pub agent: AgentType,
    /// The blueprint (its object id) that it is, stands for, or is stamped from.
    pub blueprint: Option<ObjectId>,
    /// Who answers for it.
    pub sponsors: Vec<ObjectId>,
    /// What changed.
    pub modified: Vec<Modified>,
}

impl Target {
    /// An object of this stored kind.
    pub fn new(kind: &str, id: ObjectId, display_name: impl Into<String>) -> Self {
        Self {
            id: id.to_string(),
            display_name: Some(display_name.into()),
            user_principal_name: None,
            kind: TargetType::of_kind(kind),
            agent: AgentType::of_kind(kind),
            blueprint: None,
            sponsors: Vec::new(),
            modified: Vec::new(),
        }
    }

    /// Something that is no object of the directory: a signing key.
    pub fn other(id: impl Into<String>, display_name: impl Into<String>) -> Self {
        Self { id: id.into(), ..Self::new("", ObjectId::from_uuid(uuid::Uuid::nil()), display_name) }
    }

    /// The same, with the chain it hangs off: its blueprint's object id and who answers for it.
    #[must_use]
    pub fn in_chain(mut self, blueprint: Option<ObjectId>, sponsors: impl IntoIterator<Item = ObjectId>) -> Self {
        self.blueprint = blueprint;
        self.sponsors = sponsors.into_iter().collect();
        self
    }

    /// The same, with what changed.
    #[must_use]
    pub fn with_modified(mut self, modified: Vec<Modified>) -> Self {
        self.modified = modified;
        self
    }

    /// The same, with a user's sign-in name.
    #[must_use]
    pub fn with_user_principal_name(mut self, name: impl Into<String>) -> Self {
        self.user_principal_name = Some(name.into());
        self
    }

    /// `TargetResources[index]`. What is known of a person goes to `personal`.
    pub(super) fn to_json(&self, index: usize, personal: &mut BTreeMap<String, String>) -> Value {
        let place = format!("/TargetResources/{index}");
        let mut json = json!({
            "id": self.id,
            "displayName": self.display_name,
            "type": self.kind,
            "userPrincipalName": self.user_principal_name,
            "groupType": null,
            "modifiedProperties": self.modified.iter().map(Modified::to_json).collect::<Vec<_>>(),
            "administrativeUnits": [],
            "agentType": self.agent.name(),
            "blueprintId": self.blueprint,
            "sponsors": self.sponsors,
        });
        if self.kind == TargetType::User {
            let properties = (0..self.modified.len())
                .filter(|at| self.modified.get(*at).is_some_and(Modified::holds_values))
                .flat_map(|at| ["oldValue", "newValue"].map(|side| format!("/modifiedProperties/{at}/{side}")));
            let names = ["/displayName", "/userPrincipalName"].map(str::to_owned);
            for pointer in names.into_iter().chain(properties) {
                if let Some(value) = json.pointer_mut(&pointer).map(Value::take)
                    && let Value::String(text) = value
                {
                    personal.insert(format!("{place}{pointer}"), text);
                }
            }
        }
        json
    }
}
