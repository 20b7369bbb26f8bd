//! The authorization policy: which permission grant policies bound whom.

use serde::{Deserialize, Serialize};
use signet_kernel::Failure;
use signet_store::TenantStore;
use signet_tenants::Tenant;

/// `authorizationPolicy` (CSDL), as far as it decides something here. One in each tenant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct AuthorizationPolicy {
    /// Signet's own: the permission grant policies that every grant to an agent or a blueprint principal must be
    /// within one of, whoever makes it. None means that they are not bounded, an empty list that nobody grants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_permission_grant_policies_assigned: Option<Vec<String>>,
}

impl AuthorizationPolicy {
    /// The member of the tenant that holds it, and its id on the wire.
    pub const MEMBER: &'static str = "authorizationPolicy";

    /// The tenant's.
    pub async fn of(store: &TenantStore) -> Result<Self, Failure> {
        let Some(tenant) = store.find(Tenant::id(store.id())).await? else { return Ok(Self::default()) };
        let Some(policy) = tenant.body.other.get(Self::MEMBER) else { return Ok(Self::default()) };
        // INVARIANT: a policy that is not understood bounds: it fails, rather than to let everything pass.
        serde_json::from_value(policy.clone()).map_err(Failure::bug)
    }
}
