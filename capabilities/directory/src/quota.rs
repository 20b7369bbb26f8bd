//! How many objects a tenant may hold: any number, unless its organization says otherwise.

use crate::body::bad_request;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use signet_kernel::{Failure, Fault, Violation};
use signet_store::{Liveness, TenantStore};
use signet_tenants::Tenant;

/// The member of a tenant that holds the total: `{total}`.
pub(crate) const SIZE: &str = "directorySizeQuota";
/// The member of a tenant that holds the parts of it.
pub(crate) const PARTS: &str = "resourceQuotas";
/// How much of the total a part is where it does not say.
const DEFAULT_PERCENTAGE: u64 = 80;

/// `resourceQuota`: how much of the total one type may take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResourceQuota {
    /// `agentIdentityBlueprint` or `agentIdentity`.
    pub resource_type: String,
    /// 0 to 100; 0 allows none, null means 80.
    #[serde(default)]
    pub max_percentage: Option<u64>,
}

/// The types that have parts, and what a refusal is called.
const TYPES: [(&str, &str); 2] =
    [("agentIdentityBlueprint", "AgentBlueprint_LimitExceeded"), ("agentIdentity", "AgentIdentity_LimitExceeded")];

fn code_of(kind: &str) -> Option<&'static str> {
    TYPES.iter().find(|(known, _)| *known == kind).map(|(_, code)| *code)
}

/// The parts in a tenant's member, checked.
pub(crate) fn parts(value: &Value) -> Result<Vec<ResourceQuota>, Failure> {
    let wrong = |why: String| bad_request(PARTS, why);
    let parts: Vec<ResourceQuota> =
        serde_json::from_value(value.clone()).map_err(|error| wrong(format!("'{PARTS}' cannot be read: {error}.")))?;
    for (index, part) in parts.iter().enumerate() {
        if code_of(&part.resource_type).is_none() {
            return Err(wrong("'resourceType' is agentIdentityBlueprint or agentIdentity.".to_owned()));
        }
        if part.max_percentage.is_some_and(|percentage| percentage > 100) {
            return Err(wrong("'maxPercentage' is 0 to 100.".to_owned()));
        }
        if parts.iter().skip(index + 1).any(|other| other.resource_type == part.resource_type) {
            return Err(wrong(format!("'{}' is listed twice.", part.resource_type)));
        }
    }
    Ok(parts)
}

/// How many objects of a kind the tenant may hold; none if any number.
pub fn limit(tenant: &Tenant, kind: &str) -> Option<u64> {
    let part = parts(tenant.other.get(PARTS)?).ok()?.into_iter().find(|part| part.resource_type == kind)?;
    let percentage = part.max_percentage.unwrap_or(DEFAULT_PERCENTAGE);
    match tenant.other.get(SIZE).and_then(|size| size.get("total")).and_then(Value::as_u64) {
        Some(total) => Some(total.saturating_mul(percentage) / 100),
        // Without a total a part says only whether there may be any.
        None => (percentage == 0).then_some(0),
    }
}

/// Refuses one object more of a kind than the tenant may hold, deleted ones counted. Counts only where there is a
/// limit.
pub async fn check_quota(store: &TenantStore, kind: &'static str) -> Result<(), Failure> {
    let Some(tenant) = store.find(Tenant::id(store.id())).await? else { return Ok(()) };
    let Some(limit) = limit(&tenant.body, kind) else { return Ok(()) };
    let counted = async |liveness| store.count(&[kind], liveness).await;
    let count = counted(Liveness::Live).await?.saturating_add(counted(Liveness::Deleted).await?);
    if count < limit {
        return Ok(());
    }
    let message = format!(
        "The tenant may hold {limit} objects of the type {kind}, deleted ones counted. Purge some from the deleted \
         items, or raise the organization's '{SIZE}' or '{PARTS}'."
    );
    let code = code_of(kind).unwrap_or("Agent_Directory_QuotaExceeded");
    Err(Failure::new(Fault::Rights, code, message.clone()).with_violation(Violation {
        rule: PARTS.into(),
        target: kind.to_owned(),
        message,
    }))
}
