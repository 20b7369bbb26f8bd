//! Grants of scopes for people, in the order of properties that public queries count on.

use super::activities::{
    ADD_DELEGATED_PERMISSION_GRANT, ADD_OAUTH2_PERMISSION_GRANT, REMOVE_DELEGATED_PERMISSION_GRANT,
    UPDATE_DELEGATED_PERMISSION_GRANT,
};
use super::{Activity, Modified, Target, success};
use signet_kernel::{AppId, Caller, Timestamp};
use signet_store::AuditEntry;
use uuid::Uuid;

/// What a client may do for people at a resource.
#[derive(Debug, Clone)]
pub struct DelegatedGrant<'a> {
    /// The scopes before, separated by spaces; none if there was no grant.
    pub before: Option<&'a str>,
    /// The scopes after; none if there is no grant any more.
    pub after: Option<&'a str>,
    /// `AllPrincipals` or `Principal`.
    pub consent_type: &'a str,
    /// The service principal of the resource.
    pub resource: Target,
    /// Names the resource is asked for by.
    pub resource_names: &'a [String],
    /// The client that holds the grant.
    pub client: Target,
    /// Its client id.
    pub client_app: AppId,
}

impl DelegatedGrant<'_> {
    // SPEC: order as in Microsoft's records; rules read these properties by their place.
    fn properties(&self) -> Vec<Modified> {
        let both = |name: &str, value: Option<String>| {
            let side = |there: bool| value.clone().filter(|_| there).map(Into::into);
            Modified::new(name, side(self.before.is_some()), side(self.after.is_some()))
        };
        let app = self.client_app.to_string();
        vec![
            Modified::new("DelegatedPermissionGrant.Scope", self.before.map(Into::into), self.after.map(Into::into)),
            both("DelegatedPermissionGrant.ConsentType", Some(self.consent_type.to_owned())),
            both("ServicePrincipal.ObjectID", Some(self.client.id.clone())),
            both("ServicePrincipal.DisplayName", self.client.display_name.clone()),
            both("ServicePrincipal.AppId", Some(app.clone())),
            both("ServicePrincipal.Name", Some(app)),
            both("TargetId.ServicePrincipalNames", Some(self.resource_names.join(";"))),
        ]
    }

    fn activity(&self) -> &'static Activity {
        match (self.before, self.after) {
            (None, _) => &ADD_DELEGATED_PERMISSION_GRANT,
            (Some(_), Some(_)) => &UPDATE_DELEGATED_PERMISSION_GRANT,
            (Some(_), None) => &REMOVE_DELEGATED_PERMISSION_GRANT,
        }
    }
}

/// The entries for a grant that came to be, changed or ended: Microsoft's, and of one that came to be one more under the
/// name that older queries look for, which has the client first. Both share the correlation id; the second is marked
/// `compat`.
pub fn delegated_grant_changed(
    caller: &Caller,
    at: Timestamp,
    ids: [Uuid; 2],
    grant: &DelegatedGrant<'_>,
) -> Vec<AuditEntry> {
    let [id, compatible] = ids;
    let targets = vec![grant.resource.clone().with_modified(grant.properties()), grant.client.clone()];
    let mut entries = vec![success(caller, at, id, grant.activity(), targets, &[])];
    if grant.before.is_none() {
        let client_first = vec![grant.client.clone().with_modified(grant.properties()), grant.resource.clone()];
        let details = [("compat", "true")];
        entries.push(success(caller, at, compatible, &ADD_OAUTH2_PERMISSION_GRANT, client_first, &details));
    }
    entries
}
