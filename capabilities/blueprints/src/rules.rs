//! What a blueprint may not be, beyond the rules of every application.

use crate::Blueprint;
use crate::refusal::BlueprintRefused;
use serde_json::Value;
use signet_credentials::OwnAddresses;
use signet_directory::body::{JsonMap, bad_request};
use signet_kernel::{AppId, Failure};
use uuid::Uuid;

/// What blueprints must know of the deployment, and of permissions.
#[derive(Debug, Clone)]
pub struct BlueprintRules {
    /// The deployment's own addresses, which no application goes by.
    pub own: OwnAddresses,
    /// Which permissions agents may never hold.
    pub blocked: BlockedPermission,
}

/// Names the permission of a resource, application or delegated, that agents may never hold. Said by the capability
/// that knows what permissions there are; no two have one id.
pub type BlockedPermission = fn(AppId, Uuid) -> Option<&'static str>;

impl Blueprint {
    /// Properties of applications that blueprints lack.
    pub const INCOMPATIBLE: &'static [&'static str] = &["publicClient", "spa", "isFallbackPublicClient"];

    /// Refuses properties that blueprints lack.
    pub(crate) fn refuse_incompatible(members: &JsonMap) -> Result<(), BlueprintRefused> {
        match Self::INCOMPATIBLE.iter().find(|name| members.contains_key(**name)) {
            Some(name) => Err(BlueprintRefused::IncompatibleProperty((*name).to_owned())),
            None => Ok(()),
        }
    }

    /// Checks what the rules of every application do not.
    pub(crate) fn check(&self, rules: &BlueprintRules) -> Result<(), BlueprintRefused> {
        self.check_pattern()?;
        self.check_agent_user_limit()?;
        self.permission_ceiling.iter().flatten().try_for_each(|entry| check_ceiling_entry(entry))?;
        let required = self.application.other.get("requiredResourceAccess").and_then(Value::as_array);
        required.into_iter().flatten().try_for_each(|resource| check_required(resource, rules.blocked))
    }

    /// Whether an agent could hold something now that it could not under `next`.
    pub(crate) fn ceiling_is_lowered_by(&self, next: &Self) -> bool {
        match (&self.permission_ceiling, &next.permission_ceiling) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(old), Some(new)) => !old.iter().all(|entry| new.contains(entry)),
        }
    }
}

fn check_ceiling_entry(entry: &str) -> Result<(), BlueprintRefused> {
    let parts = entry.split_once('/').filter(|(resource, value)| {
        // The comparison in `effective` is to the letter: the form Signet prints ids in.
        resource.parse::<AppId>().is_ok_and(|id| id.to_string() == *resource) && !value.is_empty()
    });
    parts.map(drop).ok_or_else(|| BlueprintRefused::CeilingEntry(entry.to_owned()))
}

/// One entry of `requiredResourceAccess`, whose form the rules of every application have checked.
fn check_required(resource: &Value, blocked: BlockedPermission) -> Result<(), BlueprintRefused> {
    let id = |value: Option<&Value>| value.and_then(Value::as_str)?.parse::<AppId>().ok();
    let Some(app_id) = id(resource.get("resourceAppId")) else { return Ok(()) };
    let accesses = resource.get("resourceAccess").and_then(Value::as_array);
    let ids = accesses.into_iter().flatten().filter_map(|access| id(access.get("id")));
    let refused = ids.into_iter().find_map(|id| blocked(app_id, id.uuid()));
    refused.map_or(Ok(()), |value| Err(BlueprintRefused::BlockedPermission(value)))
}

/// Takes `permissionCeiling` out of a body: not said, null, or a list.
pub(crate) fn take_ceiling(members: &mut JsonMap) -> Result<Option<Option<Vec<String>>>, Failure> {
    const MEMBER: &str = "permissionCeiling";
    let Some(ceiling) = members.shift_remove(MEMBER) else { return Ok(None) };
    let ceiling = serde_json::from_value(ceiling);
    ceiling.map(Some).map_err(|_| bad_request(MEMBER, "'permissionCeiling' is null or a list of strings."))
}
