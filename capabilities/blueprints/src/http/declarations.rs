//! How blueprints and their principals are declared to the directory API: names, properties, who may do what.

use crate::{Blueprint, BlueprintPrincipal};
use signet_directory::{Application, ServicePrincipal};
use signet_graph::{Access, EntityType, Property, PropertyType};
use signet_store::Kind;

const READ_WRITE: &str = "AgentIdentityBlueprint.ReadWrite.All";
const BRANDING: &[&str] = &["AgentIdentityBlueprint.UpdateBranding.All"];
const AUTHENTICATION: &[&str] = &["AgentIdentityBlueprint.UpdateAuthProperties.All"];
/// What suffices to change a blueprint's credentials.
pub(super) const CREDENTIALS: &[&str] = &["AgentIdentityBlueprint.AddRemoveCreds.All"];
/// What suffices to change a blueprint's sponsors.
pub(super) const SPONSORING: &[&str] = &["AgentIdentityBlueprint.UpdateSponsors.All"];

/// Inherited properties are named again where a narrower permission suffices to change them.
const BLUEPRINT_PROPERTIES: &[Property] = &[
    Property::new("displayName", PropertyType::String(256)).indexed().ordered().writable_with(BRANDING),
    Property::new("description", PropertyType::String(1024)).writable_with(BRANDING),
    Property::new("info", PropertyType::Complex("informationalUrl")).writable_with(BRANDING),
    Property::new("identifierUris", PropertyType::Strings).writable_with(AUTHENTICATION),
    Property::new("api", PropertyType::Complex("apiApplication")).writable_with(AUTHENTICATION),
    Property::new("appRoles", PropertyType::Complexes("appRole")).writable_with(AUTHENTICATION),
    Property::new("keyCredentials", PropertyType::Complexes("keyCredential")).writable_with(CREDENTIALS),
    // Signet's own: the most any of its agents may hold, as "{resourceAppId}/{roleValue}"; null means no ceiling.
    Property::new("permissionCeiling", PropertyType::Strings),
    // Signet's own: what its agents may be called; null means anything.
    Property::new(Blueprint::AGENT_NAME_PATTERN, PropertyType::String(256)),
    // Signet's own: how many agent users each of its agents may have; null means one.
    Property::new(Blueprint::AGENT_USER_LIMIT, PropertyType::Int32),
    // Signet's own, at create alone and never kept: creates the principal in the same unit.
    Property::new("createPrincipal", PropertyType::Boolean),
];

/// `agentIdentityBlueprint`.
pub const AGENT_IDENTITY_BLUEPRINT: EntityType = EntityType {
    name: Blueprint::NAME,
    base: Some(Application::NAME),
    set: "applications",
    kind: Some(Blueprint::NAME),
    properties: BLUEPRINT_PROPERTIES,
    incompatible: Blueprint::INCOMPATIBLE,
    incompatible_code: "AgentBlueprint_IncompatibleProperty",
    alternate_keys: &[("uniqueName", Application::UNIQUE_NAME)],
    access: Access {
        read: &[
            "AgentIdentityBlueprint.Read.All",
            READ_WRITE,
            "Application.Read.All",
            "Application.ReadWrite.All",
            "Directory.Read.All",
        ],
        create: &["AgentIdentityBlueprint.Create", READ_WRITE],
        update: &[READ_WRITE],
        delete: &["AgentIdentityBlueprint.DeleteRestore.All", READ_WRITE],
    },
    beta_only: false,
};

const PRINCIPAL_READ_WRITE: &str = "AgentIdentityBlueprintPrincipal.ReadWrite.All";
const SWITCH: &[&str] = &["AgentIdentityBlueprintPrincipal.EnableDisable.All"];

const PRINCIPAL_PROPERTIES: &[Property] = &[
    Property::new("accountEnabled", PropertyType::Boolean).writable_with(SWITCH),
    // With those of the blueprint.
    Property::new("tags", PropertyType::Strings).computed(),
];

/// `agentIdentityBlueprintPrincipal`.
pub const AGENT_IDENTITY_BLUEPRINT_PRINCIPAL: EntityType = EntityType {
    name: BlueprintPrincipal::NAME,
    base: Some(ServicePrincipal::NAME),
    set: "servicePrincipals",
    kind: Some(BlueprintPrincipal::NAME),
    properties: PRINCIPAL_PROPERTIES,
    incompatible: BlueprintPrincipal::INCOMPATIBLE,
    incompatible_code: "AgentBlueprintPrincipal_IncompatibleProperty",
    alternate_keys: &[("appId", ServicePrincipal::APP_ID)],
    access: Access {
        read: &[
            "AgentIdentityBlueprintPrincipal.Read.All",
            PRINCIPAL_READ_WRITE,
            "Application.Read.All",
            "Application.ReadWrite.All",
            "Directory.Read.All",
        ],
        create: &["AgentIdentityBlueprintPrincipal.Create", PRINCIPAL_READ_WRITE],
        update: &[PRINCIPAL_READ_WRITE],
        delete: &["AgentIdentityBlueprintPrincipal.DeleteRestore.All", PRINCIPAL_READ_WRITE],
    },
    beta_only: false,
};
