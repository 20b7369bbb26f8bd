//! What a role allows.

use super::{BuiltInRole, check_action};
use crate::body::{bad_request, check_display_name};
use serde::{Deserialize, Serialize};
use signet_credentials::Described;
use signet_kernel::Failure;
use signet_store::{IndexEntries, IndexKey, Kind};

/// `unifiedRolePermission` (CSDL).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RolePermission {
    /// Actions that it allows.
    pub allowed_resource_actions: Vec<String>,
    /// Actions that it does not allow, though they are among those.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excluded_resource_actions: Vec<String>,
    /// `$ResourceIsSelf` or `$SubjectIsOwner`, where it applies to those objects alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
}

impl RolePermission {
    /// Applies to the principal's own object alone.
    pub const IS_SELF: &'static str = "$ResourceIsSelf";
    /// Applies to what the principal owns alone.
    pub const IS_OWNER: &'static str = "$SubjectIsOwner";
}

/// `unifiedRoleDefinition` (CSDL). The built-in ones are kept to be listed; decisions take them from the program.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleDefinition {
    /// What people call it.
    pub display_name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it came with the program.
    #[serde(default)]
    pub is_built_in: bool,
    /// Whether it allows anything.
    #[serde(default = "yes")]
    pub is_enabled: bool,
    /// Where it may be assigned, as Entra writes it.
    #[serde(default = "everywhere")]
    pub resource_scopes: Vec<String>,
    /// What it allows.
    pub role_permissions: Vec<RolePermission>,
    /// The same id in every tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template_id: Option<String>,
    /// Its author's version of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Members that a newer version wrote.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

fn yes() -> bool {
    true
}

fn everywhere() -> Vec<String> {
    vec!["/".to_owned()]
}

impl RoleDefinition {
    /// A built-in role, as it is listed.
    pub(crate) fn of_built_in(role: &BuiltInRole) -> Self {
        let allowed_resource_actions = role.actions.iter().map(|action| (*action).to_owned()).collect();
        Self {
            display_name: role.name.to_owned(),
            description: Some(role.description.to_owned()),
            is_built_in: true,
            is_enabled: true,
            resource_scopes: everywhere(),
            role_permissions: vec![RolePermission { allowed_resource_actions, ..RolePermission::default() }],
            template_id: Some(role.id().to_string()),
            version: Some("1".to_owned()),
            other: serde_json::Map::new(),
        }
    }

    /// What a custom role may be.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        check_display_name(&self.display_name)?;
        if self.role_permissions.is_empty() {
            return Err(bad_request("rolePermissions", "A role allows something: 'rolePermissions' is not empty."));
        }
        if self.resource_scopes != everywhere() {
            return Err(bad_request("resourceScopes", "'resourceScopes' is [\"/\"]; assignments narrow the scope."));
        }
        for permission in &self.role_permissions {
            let actions = permission.allowed_resource_actions.iter().chain(&permission.excluded_resource_actions);
            for action in actions {
                check_action(action).map_err(|why| {
                    bad_request("rolePermissions", format!("'{action}' is not an action of the directory: {why}."))
                })?;
            }
            let condition = permission.condition.as_deref();
            let known = [RolePermission::IS_SELF, RolePermission::IS_OWNER];
            if condition.is_some_and(|condition| !known.contains(&condition)) {
                let message = format!("A condition is {} or {}.", RolePermission::IS_SELF, RolePermission::IS_OWNER);
                return Err(bad_request("rolePermissions", message));
            }
        }
        Ok(())
    }

    /// Whether it allows nothing but reading.
    pub(crate) fn only_reads(&self) -> bool {
        let mut actions = self.role_permissions.iter().flat_map(|permission| &permission.allowed_resource_actions);
        actions.all(|action| action.ends_with("/read"))
    }
}

impl Kind for RoleDefinition {
    const NAME: &'static str = "unifiedRoleDefinition";

    fn index(&self, index: &mut IndexEntries) {
        index.add("displayName", IndexKey::text(&self.display_name));
    }
}

impl Described for RoleDefinition {
    fn display_name(&self) -> &str {
        &self.display_name
    }
}
