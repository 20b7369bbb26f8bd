//! How agent identities are declared to the directory API: names, properties, who may do what.

use crate::AgentIdentity;
use crate::refusal::AgentRefused;
use signet_directory::ServicePrincipal;
use signet_graph::{Access, EntityType, Property, PropertyType};
use signet_store::Kind;

/// Creates agents of the caller's own blueprint, and reads those.
pub(super) const CREATE_AS_MANAGER: &str = "AgentIdentity.CreateAsManager";
const READ_WRITE: &str = "AgentIdentity.ReadWrite.All";
const SWITCH: &[&str] = &["AgentIdentity.EnableDisable.All"];
/// What suffices to change an agent's sponsors.
pub(super) const SPONSORING: &[&str] = &["AgentIdentity.UpdateSponsors.All"];
/// What suffices to read every agent.
pub(super) const READ_ALL: &[&str] =
    &["AgentIdentity.Read.All", READ_WRITE, "Application.Read.All", "Application.ReadWrite.All", "Directory.Read.All"];

/// Inherited properties are named again where a narrower permission suffices to change them.
const PROPERTIES: &[Property] = &[
    Property::new("agentIdentityBlueprintId", PropertyType::Guid).indexed(),
    // Its object id, chosen by the server.
    Property::new("appId", PropertyType::Guid).read_only(),
    Property::new("createdByAppId", PropertyType::Guid).read_only(),
    Property::new("createdDateTime", PropertyType::DateTime).read_only(),
    Property::new("accountEnabled", PropertyType::Boolean).writable_with(SWITCH),
];

/// `agentIdentity`.
pub const AGENT_IDENTITY: EntityType = EntityType {
    name: AgentIdentity::NAME,
    base: Some(ServicePrincipal::NAME),
    set: "servicePrincipals",
    kind: Some(AgentIdentity::NAME),
    properties: PROPERTIES,
    incompatible: AgentRefused::CREDENTIALS,
    incompatible_code: "AgentIdentity_CredentialsNotSupported",
    alternate_keys: &[("appId", ServicePrincipal::APP_ID)],
    access: Access {
        read: &[
            "AgentIdentity.Read.All",
            READ_WRITE,
            CREATE_AS_MANAGER,
            "Application.Read.All",
            "Application.ReadWrite.All",
            "Directory.Read.All",
        ],
        create: &["AgentIdentity.Create.All", READ_WRITE, CREATE_AS_MANAGER],
        update: &[READ_WRITE],
        delete: &["AgentIdentity.DeleteRestore.All", READ_WRITE],
    },
    beta_only: false,
};
