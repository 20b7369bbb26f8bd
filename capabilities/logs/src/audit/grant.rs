//! Grants of app roles, in the order of properties that public queries count on.

use super::activities::{ADD_APP_ROLE_ASSIGNMENT, ADD_OAUTH2_PERMISSION_GRANT, REMOVE_APP_ROLE_ASSIGNMENT};
use super::{Modified, Target, success};
use serde_json::Value;
use signet_kernel::{AppId, Caller, Timestamp};
use signet_store::AuditEntry;
use uuid::Uuid;

/// A role of a resource that a service principal holds.
#[derive(Debug, Clone)]
pub struct AppRoleGrant<'a> {
    /// The role; all zeros for default access.
    pub role: Uuid,
    /// The role's value, what a token says: `Mail.Read`.
    pub value: Option<&'a str>,
    /// What people call the role.
    pub role_name: Option<&'a str>,
    /// When it was assigned.
    pub assigned: Timestamp,
    /// The service principal of the resource.
    pub resource: Target,
    /// Names the resource is asked for by.
    pub resource_names: &'a [String],
    /// The service principal that holds the role.
    pub principal: Target,
    /// Its client id.
    pub principal_app: AppId,
}

impl AppRoleGrant<'_> {
    // SPEC: order as in Microsoft's records; rules read properties 0, 1, 5 and 6 by their place.
    fn properties(&self) -> Vec<Modified> {
        let text = |value: Option<&str>| value.map_or(Value::Null, Value::from);
        let principal = self.principal.display_name.as_deref();
        vec![
            Modified::added("AppRole.Id", self.role.to_string()),
            Modified::added("AppRole.Value", text(self.value)),
            Modified::added("AppRole.DisplayName", text(self.role_name)),
            Modified::added("AppRoleAssignment.CreatedDateTime", self.assigned.to_string()),
            Modified::added("AppRoleAssignment.LastModifiedDateTime", self.assigned.to_string()),
            Modified::added("ServicePrincipal.ObjectID", self.principal.id.clone()),
            Modified::added("ServicePrincipal.DisplayName", text(principal)),
            Modified::added("ServicePrincipal.AppId", self.principal_app.to_string()),
            Modified::added("ServicePrincipal.Name", self.principal_app.to_string()),
            Modified::added("TargetId.ServicePrincipalNames", self.resource_names.join(";")),
        ]
    }

    /// The resource comes first and carries the properties, then who holds the role.
    fn targets(&self, properties: Vec<Modified>) -> Vec<Target> {
        vec![self.resource.clone().with_modified(properties), self.principal.clone()]
    }
}

/// The entries for a role that was assigned: Microsoft's, and one more under the name that older queries look for,
/// which has the grantee first. Both share the correlation id; the second is marked `compat`.
pub fn app_role_assigned(caller: &Caller, at: Timestamp, ids: [Uuid; 2], grant: &AppRoleGrant<'_>) -> [AuditEntry; 2] {
    let [id, compatible] = ids;
    let grantee_first = vec![grant.principal.clone().with_modified(grant.properties()), grant.resource.clone()];
    [
        success(caller, at, id, &ADD_APP_ROLE_ASSIGNMENT, grant.targets(grant.properties()), &[]),
        success(caller, at, compatible, &ADD_OAUTH2_PERMISSION_GRANT, grantee_first, &[("compat", "true")]),
    ]
}

/// The entry for a role that was taken away.
pub fn app_role_unassigned(caller: &Caller, at: Timestamp, id: Uuid, grant: &AppRoleGrant<'_>) -> AuditEntry {
    let taken = |property: Modified| Modified { old: property.new, new: None, ..property };
    let properties = grant.properties().into_iter().map(taken).collect();
    success(caller, at, id, &REMOVE_APP_ROLE_ASSIGNMENT, grant.targets(properties), &[])
}
