//! Why an agent identity is not created or changed.

use signet_directory::body::JsonMap;
use signet_kernel::{AppId, Failure, Fault};

/// Why an agent identity is not created or changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AgentRefused {
    /// An agent identity asks.
    #[error("An agent identity cannot create agent identities, whatever it was granted.")]
    AgentCreatesAgent,
    /// A blueprint asks for an agent of another blueprint.
    #[error(
        "AgentIdentity.CreateAsManager reaches only the caller's own blueprint; creating agent identities under \
         another one needs AgentIdentity.Create.All."
    )]
    NotOwnBlueprint,
    /// The id is not that of a blueprint.
    #[error("'{0}' is not the appId of an agent identity blueprint of this tenant.")]
    NotABlueprint(AppId),
    /// The blueprint has no principal.
    #[error(
        "The Agent Blueprint Principal for the Agent Blueprint does not exist. Create it first: POST \
         /servicePrincipals/microsoft.graph.agentIdentityBlueprintPrincipal with {{\"appId\":\"{0}\"}}."
    )]
    NoPrincipal(AppId),
    /// The blueprint or its principal is switched off.
    #[error("The blueprint '{0}' or its principal is disabled; enable it before creating agent identities under it.")]
    ParentDisabled(AppId),
    /// A credential was to be given to an agent.
    #[error(
        "An agent identity holds no credentials. Add them to its blueprint, which speaks for it at the token endpoint."
    )]
    CredentialsNotSupported,
    /// The blueprint of an agent was to be changed.
    #[error("'agentIdentityBlueprintId' cannot be changed; create an agent identity under the other blueprint.")]
    BlueprintIsFixed,
    /// The client id of an agent was to be chosen.
    #[error("'appId' is the object id of an agent identity and cannot be chosen.")]
    AppIdIsFixed,
}

impl AgentRefused {
    /// Properties of service principals that agent identities lack: whatever proves who somebody is.
    pub const CREDENTIALS: &'static [&'static str] = &["passwordCredentials", "keyCredentials"];

    /// Refuses credentials in a body. INVARIANT 6: an agent identity holds no credential.
    pub(crate) fn refuse_credentials(members: &JsonMap) -> Result<(), Self> {
        let found = Self::CREDENTIALS.iter().any(|name| members.contains_key(*name));
        if found { Err(Self::CredentialsNotSupported) } else { Ok(()) }
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::AgentCreatesAgent => "Error_AgentIdentitiesCreatingAgentIdentitiesNotAllowed",
            Self::NotOwnBlueprint => "Error_AgentIdentitySelfCreateRequired",
            Self::NotABlueprint(_) => "AgentIdentity_IncompatibleParentType",
            Self::NoPrincipal(_) => "AgentIdentity_AgentBlueprintPrincipalDoesNotExist",
            Self::ParentDisabled(_) => "Error_AgentBlueprintCannotCreateAssociatedIdentity",
            Self::CredentialsNotSupported => "AgentIdentity_CredentialsNotSupported",
            Self::BlueprintIsFixed | Self::AppIdIsFixed => "Request_BadRequest",
        }
    }

    fn fault(&self) -> Fault {
        match self {
            Self::AgentCreatesAgent | Self::NotOwnBlueprint => Fault::Rights,
            Self::NotABlueprint(_)
            | Self::NoPrincipal(_)
            | Self::ParentDisabled(_)
            | Self::CredentialsNotSupported
            | Self::BlueprintIsFixed
            | Self::AppIdIsFixed => Fault::Input,
        }
    }

    fn target(&self) -> Option<&'static str> {
        match self {
            Self::AgentCreatesAgent | Self::CredentialsNotSupported => None,
            Self::AppIdIsFixed => Some("appId"),
            _ => Some("agentIdentityBlueprintId"),
        }
    }
}

impl From<AgentRefused> for Failure {
    fn from(refusal: AgentRefused) -> Self {
        let failure = Failure::new(refusal.fault(), refusal.code(), refusal.to_string());
        match refusal.target() {
            Some(target) => failure.with_target(target),
            None => failure,
        }
    }
}
