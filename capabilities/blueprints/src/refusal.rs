//! Why a blueprint or a blueprint principal is not created or changed.

use signet_kernel::{AppId, Failure, Fault};

/// Why a blueprint or a blueprint principal is not created or changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BlueprintRefused {
    /// A property of applications that blueprints lack.
    #[error("'{0}' does not exist on an agent identity blueprint; leave it out.")]
    IncompatibleProperty(String),
    /// It asks for a permission that agents may never hold.
    #[error("'{0}' can never be held by an agent identity; take it out of requiredResourceAccess.")]
    BlockedPermission(&'static str),
    /// An entry of the ceiling that names nothing.
    #[error("'{0}' is not of the form \"{{resourceAppId}}/{{appRoleValue}}\", with the id in lower case.")]
    CeilingEntry(String),
    /// A number of agent users that is none.
    #[error("'agentUserLimit' is null, which means 1, or 0 to {}.", crate::Blueprint::MOST_AGENT_USERS)]
    AgentUserLimit,
    /// A pattern of names that is none.
    #[error(
        "'{0}' is not a pattern of names: words of letters and digits with '-', '_', '.' or a space between them, at \
         least one of them '*' for any word, or '**' at the end for one or more; for example 'Agent-**'."
    )]
    NamePattern(String),
    /// A member that only a create knows.
    #[error("'createPrincipal' goes with creating a blueprint; create the principal by itself now.")]
    OnlyAtCreate,
    /// What a principal stands for was to be changed.
    #[error("'appId' cannot be changed; create the principal of the other blueprint.")]
    AppIdIsFixed,
    /// The client id is not a blueprint's.
    #[error("'{0}' is not the appId of an agent identity blueprint of this tenant.")]
    NotABlueprint(AppId),
    /// The blueprint has its principal.
    #[error("The blueprint '{0}' already has its principal in this tenant.")]
    PrincipalExists(AppId),
}

impl From<BlueprintRefused> for Failure {
    fn from(refusal: BlueprintRefused) -> Self {
        use BlueprintRefused as Why;
        let (fault, code, target) = match &refusal {
            Why::IncompatibleProperty(name) => (Fault::Input, "AgentBlueprint_IncompatibleProperty", name.clone()),
            Why::BlockedPermission(_) => (Fault::Input, "Request_BadRequest", "requiredResourceAccess".to_owned()),
            Why::CeilingEntry(_) => (Fault::Input, "Request_BadRequest", "permissionCeiling".to_owned()),
            Why::NamePattern(_) => (Fault::Input, "Request_BadRequest", "agentNamePattern".to_owned()),
            Why::AgentUserLimit => (Fault::Input, "Request_BadRequest", "agentUserLimit".to_owned()),
            Why::OnlyAtCreate => (Fault::Input, "Request_BadRequest", "createPrincipal".to_owned()),
            Why::AppIdIsFixed => (Fault::Input, "Request_BadRequest", "appId".to_owned()),
            Why::NotABlueprint(_) => {
                (Fault::Input, "AgentBlueprintPrincipal_RequireAgentBlueprint", "appId".to_owned())
            }
            Why::PrincipalExists(_) => (Fault::Conflict, "Request_MultipleObjectsWithSameKeyValue", "appId".to_owned()),
        };
        Failure::new(fault, code, refusal.to_string()).with_target(target)
    }
}
