//! What the organization says.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use signet_kernel::Failure;
use signet_store::TenantStore;
use signet_tenants::Tenant;
use std::time::Duration;

/// Whether a change of a blueprint's credentials needs a second approver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ApprovalSetting {
    /// Whether.
    pub is_required: bool,
    /// How long a request can be approved, and an approved one be used.
    pub expires_after_hours: u64,
}

impl Default for ApprovalSetting {
    fn default() -> Self {
        Self { is_required: false, expires_after_hours: 72 }
    }
}

impl ApprovalSetting {
    /// The member of an organization that holds it.
    pub const MEMBER: &'static str = "credentialChangeApproval";
    /// A month.
    const MOST_HOURS: u64 = 720;

    /// Reads it, unless it makes no sense. Answers why.
    pub fn read(value: &Value) -> Result<Self, String> {
        let setting: Self = serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
        if (1..=Self::MOST_HOURS).contains(&setting.expires_after_hours) {
            Ok(setting)
        } else {
            Err(format!("'expiresAfterHours' is 1 to {}", Self::MOST_HOURS))
        }
    }

    /// The tenant's.
    pub(super) async fn of(store: &TenantStore) -> Result<Self, Failure> {
        let Some(tenant) = store.find(Tenant::id(store.id())).await? else { return Ok(Self::default()) };
        // INVARIANT: a setting that is not understood lets nothing pass.
        match tenant.body.other.get(Self::MEMBER) {
            Some(value) => Self::read(value).map_err(Failure::bug),
            None => Ok(Self::default()),
        }
    }

    /// How long a request lives.
    pub(super) fn lifetime(self) -> Duration {
        Duration::from_hours(self.expires_after_hours)
    }
}
