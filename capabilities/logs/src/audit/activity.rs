//! What can be done, under the names that public queries look for.

use serde::Serialize;

/// What an activity does to its targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum OperationType {
    /// Creates them.
    Add,
    /// Changes them.
    Update,
    /// Removes them.
    Delete,
    /// Gives one to another.
    Assign,
    /// Takes one from another.
    Unassign,
    /// Anything else.
    Other,
}

/// Something that can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Activity {
    /// Its exact name.
    pub name: &'static str,
    /// Its audit category.
    pub category: &'static str,
    /// What it does.
    pub operation: OperationType,
    /// The service that is said to have logged it: Entra's name of it, or `Agent Identity` for what Entra lacks.
    pub service: &'static str,
}

/// Every activity that Signet writes.
///
/// A blueprint is an application here and an agent identity a service principal, as in Entra, which has no names of
/// its own for agents: what marks them is `agentType`.
pub mod activities {
    use super::{Activity, OperationType::*};

    macro_rules! activities {
        ($($service:literal, $category:literal: { $($(#[$doc:meta])* $constant:ident = $name:literal, $operation:ident;)* })*) => {
            $($(
                $(#[$doc])*
                pub const $constant: Activity =
                    Activity { name: $name, category: $category, operation: $operation, service: $service };
            )*)*

            /// All of them.
            pub const ALL: &[Activity] = &[$($($constant),*),*];
        };
    }

    activities! {
        "Core Directory", "ApplicationManagement": {
            /// An application or a blueprint is created.
            ADD_APPLICATION = "Add application", Add;
            /// Its properties change; also what it defines: roles, inheritable permissions, federated credentials.
            UPDATE_APPLICATION = "Update application", Update;
            /// Its secrets or certificates change. The name has an en dash and ends with a space.
            UPDATE_CERTIFICATES_AND_SECRETS = "Update application – Certificates and secrets management ", Update;
            /// It goes to the deleted items.
            DELETE_APPLICATION = "Delete application", Delete;
            /// It comes back from there.
            RESTORE_APPLICATION = "Restore application", Update;
            /// It is gone for good.
            HARD_DELETE_APPLICATION = "Hard Delete application", Delete;
            /// A service principal of any type is created: also a blueprint's, also an agent identity.
            ADD_SERVICE_PRINCIPAL = "Add service principal", Add;
            /// Its properties change.
            UPDATE_SERVICE_PRINCIPAL = "Update service principal", Update;
            /// It goes to the deleted items.
            REMOVE_SERVICE_PRINCIPAL = "Remove service principal", Delete;
            /// It comes back from there.
            RESTORE_SERVICE_PRINCIPAL = "Restore service principal", Update;
            /// It is gone for good.
            HARD_DELETE_SERVICE_PRINCIPAL = "Hard delete service principal", Delete;
            /// A credential was put on a service principal itself; for an agent identity this is refused.
            ADD_SERVICE_PRINCIPAL_CREDENTIALS = "Add service principal credentials", Add;
            /// An application or blueprint gets an owner.
            ADD_OWNER_TO_APPLICATION = "Add owner to application", Assign;
            /// It loses one.
            REMOVE_OWNER_FROM_APPLICATION = "Remove owner from application", Unassign;
            /// A service principal of any type gets an owner.
            ADD_OWNER_TO_SERVICE_PRINCIPAL = "Add owner to service principal", Assign;
            /// It loses one.
            REMOVE_OWNER_FROM_SERVICE_PRINCIPAL = "Remove owner from service principal", Unassign;
            /// A service principal may do more.
            ADD_APP_ROLE_ASSIGNMENT = "Add app role assignment to service principal", Assign;
            /// It may do less.
            REMOVE_APP_ROLE_ASSIGNMENT = "Remove app role assignment from service principal", Unassign;
            /// A client may do more for people.
            ADD_DELEGATED_PERMISSION_GRANT = "Add delegated permission grant", Assign;
            /// It may do something else for them.
            UPDATE_DELEGATED_PERMISSION_GRANT = "Update delegated permission grant", Update;
            /// It may do less for them.
            REMOVE_DELEGATED_PERMISSION_GRANT = "Remove delegated permission grant", Unassign;
            /// What older queries call a grant; see [`app_role_assigned`](crate::audit::app_role_assigned).
            ADD_OAUTH2_PERMISSION_GRANT = "Add OAuth2PermissionGrant", Assign;
        }
        "Core Directory", "UserManagement": {
            /// A person is added.
            ADD_USER = "Add user", Add;
            /// Their properties change.
            UPDATE_USER = "Update user", Update;
            /// They go to the deleted items.
            DELETE_USER = "Delete user", Delete;
            /// They come back from there.
            RESTORE_USER = "Restore user", Update;
            /// They are gone for good.
            HARD_DELETE_USER = "Hard Delete user", Delete;
            /// Somebody has another manager.
            SET_USER_MANAGER = "Set user manager", Update;
            /// Somebody answers for a blueprint or an agent: the name that Entra uses for agents too.
            ADD_SPONSOR = "Add user sponsor", Assign;
            /// Somebody no longer does.
            REMOVE_SPONSOR = "Remove user sponsor", Unassign;
        }
        "Agent Identity", "ApplicationManagement": {
            /// Agents of a blueprint inherit more.
            ADD_INHERITABLE_PERMISSION = "Add inheritable permission to agent blueprint", Add;
            /// They inherit something else.
            UPDATE_INHERITABLE_PERMISSION = "Update inheritable permission of agent blueprint", Update;
            /// They inherit less.
            REMOVE_INHERITABLE_PERMISSION = "Remove inheritable permission from agent blueprint", Delete;
        }
        "Agent Identity", "DirectoryManagement": {
            /// A tenant is created.
            CREATE_TENANT = "Create tenant", Add;
            /// Its properties change.
            UPDATE_TENANT = "Update tenant", Update;
            /// It is gone.
            DELETE_TENANT = "Delete tenant", Delete;
        }
        "Agent Identity", "RecordManagement": {
            /// What could name a person leaves records, and is nowhere else here.
            ERASE_PERSONAL_VALUES = "Erase personal values of records", Delete;
        }
        "Agent Identity", "KeyManagement": {
            /// A signing key is made and published; it does not sign yet.
            ADD_SIGNING_KEY = "Add signing key", Add;
            /// Another key signs from now on.
            ROTATE_SIGNING_KEY = "Rotate signing key", Update;
            /// A key that nothing valid is signed with any more is no longer published.
            RETIRE_SIGNING_KEY = "Retire signing key", Delete;
            /// A key is withdrawn at once, with all that it signed.
            REVOKE_SIGNING_KEY = "Revoke signing key", Delete;
            /// What keys are sealed with has changed.
            ROTATE_MASTER_KEY = "Rotate master key", Update;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::activities::{ALL, UPDATE_CERTIFICATES_AND_SECRETS};

    #[test]
    fn certificates_and_secrets_management_has_an_en_dash_and_a_trailing_space() {
        let name = UPDATE_CERTIFICATES_AND_SECRETS.name;
        assert_eq!(name, "Update application \u{2013} Certificates and secrets management\u{20}");
    }

    #[test]
    fn no_two_activities_share_a_name() {
        let mut names: Vec<_> = ALL.iter().map(|activity| activity.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
    }
}
