//! One set of conditions. All of them must hold.

use super::GrantFacts;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Which kind of permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PermissionType {
    /// App roles.
    Application,
    /// Scopes.
    Delegated,
}

/// A list of ids or names in which one word stands for all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AnyOrThese(pub Vec<String>);

impl AnyOrThese {
    const ALL: &'static str = "all";

    fn all() -> Self {
        Self(vec![Self::ALL.to_owned()])
    }

    /// Whether one of `names` is among them.
    fn has<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> bool {
        let is_all = self.0.iter().any(|one| one.eq_ignore_ascii_case(Self::ALL));
        is_all || names.into_iter().any(|name| self.0.iter().any(|one| one.eq_ignore_ascii_case(name)))
    }
}

fn any() -> String {
    ConditionSet::ANY.to_owned()
}

/// `permissionGrantConditionSet` (CSDL). A member that is not known is refused: a condition that is not looked at
/// would bound less than it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConditionSet {
    /// Its id.
    #[serde(default)]
    pub id: Uuid,
    /// Of which kind the permission is.
    pub permission_type: PermissionType,
    /// The resource's client id, or `any`.
    #[serde(default = "any")]
    pub resource_application: String,
    /// Permissions of that resource, by id or by name.
    #[serde(default = "AnyOrThese::all")]
    pub permissions: AnyOrThese,
    /// Whom it is granted to, by client id. A blueprint's stands for its agents too.
    #[serde(default = "AnyOrThese::all")]
    pub client_application_ids: AnyOrThese,
    /// Tenants in which that client is registered.
    #[serde(default = "AnyOrThese::all")]
    pub client_application_tenant_ids: AnyOrThese,
    /// Publishers of that client.
    #[serde(default = "AnyOrThese::all")]
    pub client_application_publisher_ids: AnyOrThese,
    /// Whether that client's publisher must be verified.
    #[serde(default)]
    pub client_applications_from_verified_publisher_only: bool,
    /// Signet's own: who grants, by object id or by the client id of what they use.
    #[serde(default = "AnyOrThese::all")]
    pub grantor_ids: AnyOrThese,
}

impl ConditionSet {
    const ANY: &'static str = "any";

    /// Whether all conditions hold.
    pub fn matches(&self, facts: &GrantFacts<'_>) -> bool {
        let texts = |ids: &[Option<String>]| ids.iter().flatten().cloned().collect::<Vec<_>>();
        let has = |list: &AnyOrThese, ids: &[Option<String>]| list.has(texts(ids).iter().map(String::as_str));
        let resource = facts.resource.to_string();
        let publisher = facts.publisher.map(str::to_owned);
        let id = facts.permission_id.map(|id| id.to_string());
        self.permission_type == facts.kind
            && (self.resource_application == Self::ANY || self.resource_application.eq_ignore_ascii_case(&resource))
            && has(&self.permissions, &[Some(facts.permission.to_owned()), id])
            && has(
                &self.client_application_ids,
                &[Some(facts.client.to_string()), facts.blueprint.map(|id| id.to_string())],
            )
            && has(&self.client_application_tenant_ids, &[Some(facts.tenant.to_string())])
            && has(&self.client_application_publisher_ids, &[publisher])
            && (!self.client_applications_from_verified_publisher_only || facts.publisher.is_some())
            && has(&self.grantor_ids, &[Some(facts.grantor.to_string()), Some(facts.grantor_app.to_string())])
    }
}
