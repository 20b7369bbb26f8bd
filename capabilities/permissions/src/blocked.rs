//! What an agent may never receive, however obtained: by grant, inheritance, role, group or ownership.

use crate::catalogue::directory_roles;
use crate::delegated_catalogue::directory_scopes;
use signet_directory::DIRECTORY_APP_ID;
use signet_kernel::AppId;
use uuid::Uuid;

/// Application permissions of the directory API that agents never hold.
///
/// The first part is Entra's list; the second adds what would let an agent write its own blueprint, its siblings,
/// policies or risk.
#[rustfmt::skip]
const BLOCKED: &[&str] = &[
    "AgentIdentity.Create", "AgentIdentity.Create.All", "AgentIdentity.CreateAsManager",
    "AgentIdentityBlueprint.Create", "AgentIdentityBlueprint.CreateAsManager", "AgentIdentityBlueprint.ReadWrite.All",
    "AgentIdentityBlueprintPrincipal.Create", "AppRoleAssignment.ReadWrite.All", "Application.ReadWrite.All",
    "Application.ReadWrite.OwnedBy", "BitlockerKey.Read.All", "Calendars.Read", "ChannelMessage.Read.All",
    "ChannelMessage.Read.Group", "Chat.Read.All", "Chat.ReadWrite.All", "ConsentRequest.ReadWrite.All",
    "CustomSecAttributeAssignment.ReadWrite.All", "CustomSecAttributeDefinition.ReadWrite.All",
    "DelegatedPermissionGrant.ReadWrite.All", "Device.ReadWrite.All", "Device.Write.Restricted",
    "DeviceManagementConfiguration.Read.All", "Directory.AccessAsUser.All", "Directory.ReadWrite.All",
    "Directory.Write.Restricted", "Domain.ReadWrite.All", "EduRoster.ReadWrite.All",
    "EntitlementManagement.ReadWrite.All", "Files.Read.All", "Files.ReadWrite.All", "Group.Create",
    "Group.ReadWrite.All", "Group.Write.Restricted", "GroupMember.ReadWrite.All", "IdentityProvider.ReadWrite.All",
    "LifecycleManagement.ReadWrite.All", "Organization.ReadWrite.All", "Policy.ReadWrite.AuthenticationMethod",
    "Policy.ReadWrite.CrossTenantAccess", "Policy.ReadWrite.PermissionGrant", "Policy.ReadWrite.SecurityDefaults",
    "PrintJob.ReadWrite.All", "PrivilegedAccess.ReadWrite.AzureAD", "PrivilegedAccess.ReadWrite.AzureResources",
    "RoleManagement.ReadWrite.All", "RoleManagement.ReadWrite.Directory", "Sites.FullControl.All",
    "Sites.Manage.All", "Sites.Read.All", "Sites.ReadWrite.All", "Tasks.ReadWrite.All",
    "User-PasswordProfile.ReadWrite.All", "User.DeleteRestore.All", "User.EnableDisableAccount.All",
    "User.Invite.All", "User.ReadWrite.All", "UserAuthenticationMethod.Read.All",
    "UserAuthenticationMethod.ReadWrite.All",

    "AgentIdentity.DeleteRestore.All", "AgentIdentity.EnableDisable.All", "AgentIdentity.ReadWrite.All",
    "AgentIdentity.ReadWrite.ManagedBy", "AgentIdentity.UpdateSponsors.All", "IdentityRiskyAgent.ReadWrite.All",
    "LogRetention.ReadWrite.All",
];

/// Families of which an agent never receives any write permission.
const BLOCKED_FAMILIES: &[&str] =
    &["AgentIdentityBlueprint.", "AgentIdentityBlueprintPrincipal.", "AgentIdUser.ReadWrite.", "Policy.ReadWrite."];

/// Whether an agent may never hold the application permission `value` of the resource `resource`.
pub fn is_blocked_for_agents(resource: AppId, value: &str) -> bool {
    if resource != DIRECTORY_APP_ID {
        return false;
    }
    let reads = value.ends_with(".Read.All");
    BLOCKED.contains(&value) || (!reads && BLOCKED_FAMILIES.iter().any(|family| value.starts_with(family)))
}

/// Delegated permissions of the directory API that agents never hold: Entra's list, without what it bars to
/// applications alone.
#[rustfmt::skip]
pub(crate) const BLOCKED_SCOPES: &[&str] = &[
    "CustomSecAttributeAssignment.ReadWrite.All", "CustomSecAttributeDefinition.ReadWrite.All",
    "DelegatedPermissionGrant.ReadWrite.All", "Device.Write.Restricted", "Directory.AccessAsUser.All",
    "Directory.ReadWrite.All", "Directory.Write.Restricted", "Domain.ReadWrite.All", "Group.ReadWrite.All",
    "Group.Write.Restricted", "GroupMember.ReadWrite.All", "RoleManagement.ReadWrite.All",
    "RoleManagement.ReadWrite.Directory", "User-PasswordProfile.ReadWrite.All", "User.DeleteRestore.All",
    "User.EnableDisableAccount.All", "User.ReadWrite.All", "UserAuthenticationMethod.Read.All",
    "UserAuthenticationMethod.ReadWrite.All",
];

/// Whether an agent may never hold the delegated permission `value` of the resource `resource`: what is listed, and
/// what would let it write blueprints, agents or policies in somebody's name.
pub fn is_scope_blocked_for_agents(resource: AppId, value: &str) -> bool {
    const OWN: &[&str] = &["AgentIdentity.", "IdentityRiskyAgent.", "AppRoleAssignment."];
    if resource != DIRECTORY_APP_ID {
        return false;
    }
    let known = |listed: &&str| listed.eq_ignore_ascii_case(value);
    let family = |family: &&str| value.get(..family.len()).is_some_and(|start| start.eq_ignore_ascii_case(family));
    let reads = value.to_ascii_lowercase().ends_with(".read.all");
    BLOCKED_SCOPES.iter().any(known) || (!reads && BLOCKED_FAMILIES.iter().chain(OWN).any(family))
}

/// The name of the permission `id` of `resource`, application or delegated, if agents may never hold it: what a
/// blueprint may not ask for in `requiredResourceAccess`.
pub fn blocked_permission(resource: AppId, id: Uuid) -> Option<&'static str> {
    let role = directory_roles().iter().find(|role| role.id == id).and_then(|role| role.value.as_deref());
    let scope = directory_scopes().iter().find(|scope| scope.id == id).and_then(|scope| scope.value.as_deref());
    let role = role.filter(|value| is_blocked_for_agents(resource, value));
    role.or(scope.filter(|value| is_scope_blocked_for_agents(resource, value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_never_writes_blueprints_policies_or_its_siblings() {
        for value in [
            "AgentIdentityBlueprint.AddRemoveCreds.All",
            "AgentIdentityBlueprint.UpdateSponsors.All",
            "AgentIdentityBlueprintPrincipal.EnableDisable.All",
            "AgentIdentity.UpdateSponsors.All",
            "AgentIdUser.ReadWrite.IdentityParentedBy",
            "Policy.ReadWrite.ConditionalAccess",
            "User.ReadWrite.All",
        ] {
            assert!(is_blocked_for_agents(DIRECTORY_APP_ID, value), "{value}");
        }
        for value in ["AgentIdentityBlueprint.Read.All", "AgentIdentity.Read.All", "User.Read.All"] {
            assert!(!is_blocked_for_agents(DIRECTORY_APP_ID, value), "{value}");
        }
        let other = AppId::from_uuid(Uuid::from_u128(1));
        assert!(!is_blocked_for_agents(other, "Files.Read.All"), "another resource's own role of that name");
    }
}
