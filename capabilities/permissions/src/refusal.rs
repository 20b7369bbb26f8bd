//! Why an app role is not assigned, or a rule of inheritance not taken.

use crate::InheritablePermission;
use signet_kernel::{AppId, Failure, Fault, ObjectId};
use uuid::Uuid;

/// Why an app role is not assigned, or an assignment not removed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssignmentRefused {
    /// A blueprint or an agent asks.
    #[error("This operation cannot be performed for the specified calling identity type.")]
    CallerIsAgent,
    /// The caller lacks the one permission to assign.
    #[error("Insufficient privileges to complete the operation; it needs AppRoleAssignment.ReadWrite.All.")]
    NotPermitted,
    /// Nothing of that id can be a resource.
    #[error("Resource '{0}' does not exist or one of its queried reference-property objects are not present.")]
    NoSuchServicePrincipal(ObjectId),
    /// The resource defines no such role.
    #[error(
        "Permission being assigned was not found on application '{resource}'; choose an id of its appRoles, \
         or all zeros if it defines none."
    )]
    NoSuchRole {
        /// What the resource is called.
        resource: String,
        /// What was asked for.
        role: Uuid,
    },
    /// The role is switched off.
    #[error("The app role '{0}' is disabled; enable it on its application first.")]
    RoleDisabled(Uuid),
    /// The role is for people alone.
    #[error("The app role '{0}' cannot be assigned to applications; its allowedMemberTypes lack 'Application'.")]
    RoleNotForApplications(Uuid),
    /// An agent may never hold it.
    #[error("'{0}' can never be held by an agent identity, however it is granted.")]
    BlockedForAgents(String),
    /// The principal holds it already.
    #[error("Permission being assigned already exists on the object")]
    Exists,
    /// It comes with being a blueprint principal.
    #[error("Every blueprint principal holds this permission for its own agents; it cannot be removed.")]
    Inherent,
}

impl From<AssignmentRefused> for Failure {
    fn from(refusal: AssignmentRefused) -> Self {
        use AssignmentRefused as Why;
        let (fault, code, target) = match &refusal {
            Why::CallerIsAgent | Why::NotPermitted | Why::Inherent => {
                (Fault::Rights, "Authorization_RequestDenied", None)
            }
            Why::BlockedForAgents(_) => (Fault::Rights, "Authorization_RequestDenied", Some("appRoleId")),
            Why::NoSuchServicePrincipal(_) => (Fault::NotFound, "Request_ResourceNotFound", None),
            Why::NoSuchRole { .. } | Why::RoleDisabled(_) | Why::RoleNotForApplications(_) => {
                (Fault::Input, "Request_BadRequest", Some("appRoleId"))
            }
            Why::Exists => (Fault::Input, "Request_BadRequest", None),
        };
        let failure = Failure::new(fault, code, refusal.to_string());
        match target {
            Some(target) => failure.with_target(target),
            None => failure,
        }
    }
}

/// Why a rule of inheritance is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InheritanceRefused {
    /// There is a rule for the resource already.
    #[error("The blueprint already has an inheritable permission for the resource '{0}'; update that one.")]
    Exists(AppId),
    /// The blueprint has as many rules as it may.
    #[error(
        "A blueprint passes on permissions of at most {} resources; remove one first.",
        InheritablePermission::MOST_PER_BLUEPRINT
    )]
    TooMany,
    /// The key of a rule is not changed.
    #[error("'resourceAppId' cannot be changed; remove this one and add another.")]
    KeyIsFixed,
}

impl From<InheritanceRefused> for Failure {
    fn from(refusal: InheritanceRefused) -> Self {
        let fault = match refusal {
            InheritanceRefused::Exists(_) => Fault::Conflict,
            InheritanceRefused::TooMany | InheritanceRefused::KeyIsFixed => Fault::Input,
        };
        let code = match refusal {
            InheritanceRefused::Exists(_) => "Request_MultipleObjectsWithSameKeyValue",
            InheritanceRefused::TooMany | InheritanceRefused::KeyIsFixed => "Request_BadRequest",
        };
        Failure::new(fault, code, refusal.to_string()).with_target("resourceAppId")
    }
}
