//! Why a delegated permission is not granted.

use signet_kernel::{Failure, Fault, ObjectId};

/// Why a delegated permission is not granted, or a grant not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DelegatedRefused {
    /// A blueprint or an agent asks.
    #[error("This operation cannot be performed for the specified calling identity type.")]
    CallerIsAgent,
    /// Nothing of that id can be a client or a resource.
    #[error("'{id}' is not the object id of a service principal of this tenant.")]
    NoSuchServicePrincipal {
        /// Which member names it.
        member: &'static str,
        /// What was asked for.
        id: ObjectId,
    },
    /// Nobody of that id.
    #[error("'{0}' is not a user of this tenant.")]
    NoSuchUser(ObjectId),
    /// For everybody and for one person at once, or for neither.
    #[error("'principalId' is required when 'consentType' is 'Principal', and left out when it is 'AllPrincipals'.")]
    PrincipalMismatch,
    /// Neither of the two.
    #[error("'consentType' is required and is 'AllPrincipals' or 'Principal'.")]
    ConsentType,
    /// A list of scopes that is none.
    #[error("'scope' is required: one or more scope values with a space between them.")]
    Scope,
    /// An agent may never hold it.
    #[error("'{0}' can never be granted to an agent identity, whoever consents.")]
    BlockedForAgents(String),
    /// There is a grant for the same client, resource and user.
    #[error("Permission entry already exists: '{0}'; change its 'scope' instead.")]
    Exists(ObjectId),
    /// Only the scopes of a grant are changed.
    #[error("'{0}' cannot be changed; remove this grant and add another.")]
    OnlyScope(String),
}

impl From<DelegatedRefused> for Failure {
    fn from(refusal: DelegatedRefused) -> Self {
        use DelegatedRefused as Why;
        let (fault, code, target) = match &refusal {
            Why::CallerIsAgent => (Fault::Rights, "Authorization_RequestDenied", None),
            Why::BlockedForAgents(_) => (Fault::Rights, "Authorization_RequestDenied", Some("scope")),
            Why::NoSuchServicePrincipal { member, .. } => (Fault::Input, "Request_BadRequest", Some(*member)),
            Why::NoSuchUser(_) | Why::PrincipalMismatch => (Fault::Input, "Request_BadRequest", Some("principalId")),
            Why::ConsentType => (Fault::Input, "Request_BadRequest", Some("consentType")),
            Why::Scope => (Fault::Input, "Request_BadRequest", Some("scope")),
            Why::Exists(_) => (Fault::Conflict, "Request_MultipleObjectsWithSameKeyValue", None),
            Why::OnlyScope(name) => (Fault::Input, "Request_BadRequest", Some(name.as_str())),
        };
        let failure = Self::new(fault, code, refusal.to_string());
        match target {
            Some(target) => failure.with_target(target.to_owned()),
            None => failure,
        }
    }
}
