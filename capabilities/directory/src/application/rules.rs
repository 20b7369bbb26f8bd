//! What an application may say of itself.

use super::names::{Owner, check_unique_name};
use super::roles::check_app_roles;
use super::scopes::check_api;
use super::{Application, properties};
use crate::body::{bad_request, check_display_name};
use serde_json::Value;
use signet_credentials::OwnAddresses;
use signet_kernel::{AppId, Failure, TenantId};

/// `signInAudience` (CSDL).
const AUDIENCES: [&str; 4] =
    ["AzureADMyOrg", "AzureADMultipleOrgs", "AzureADandPersonalMicrosoftAccount", "PersonalMicrosoftAccount"];
/// 1 and 2 as in CSDL; 9068 is Signet's, for the token shape of RFC 9068.
const TOKEN_VERSIONS: [u32; 3] = [1, 2, 9068];
const LIFETIME_MINUTES: std::ops::RangeInclusive<u32> = 10..=60;
const MOST_RESOURCES: usize = 50;
const MOST_PERMISSIONS: usize = 400;

/// Checks an application as it is about to be, against what it was.
pub(super) fn check(
    new: &Application,
    old: Option<&Application>,
    tenant: TenantId,
    own: &OwnAddresses,
) -> Result<(), Failure> {
    check_display_name(&new.display_name)?;
    check_audience(&new.sign_in_audience)?;
    Owner { app_id: new.app_id, tenant, own }.check_identifier_uris(&new.identifier_uris)?;
    check_app_roles(old.map_or(&[], |old| &old.app_roles), &new.app_roles)?;
    check_api(old.map(|old| &old.api), &new.api)?;
    check_tokens(new)?;
    properties::check(new, old)?;
    check_required_access(new.other.get("requiredResourceAccess"))?;
    if let Some(name) = &new.unique_name {
        check_unique_name(name)?;
    }
    match old {
        Some(old) if old.unique_name != new.unique_name => {
            Err(bad_request("uniqueName", "'uniqueName' is set when the application is created and cannot be changed."))
        }
        _ => Ok(()),
    }
}

fn check_audience(audience: &str) -> Result<(), Failure> {
    if AUDIENCES.contains(&audience) {
        return Ok(());
    }
    Err(bad_request("signInAudience", format!("'signInAudience' is one of {}.", AUDIENCES.join(", "))))
}

fn check_tokens(new: &Application) -> Result<(), Failure> {
    if new.api.requested_access_token_version.is_some_and(|version| !TOKEN_VERSIONS.contains(&version)) {
        let message = "'api.requestedAccessTokenVersion' is 1, 2, null (the same as 1), or 9068 for RFC 9068 tokens.";
        return Err(bad_request("api", message));
    }
    if new.access_token_lifetime_minutes.is_some_and(|minutes| !LIFETIME_MINUTES.contains(&minutes)) {
        let message = "'accessTokenLifetimeMinutes' is 10 to 60.";
        return Err(bad_request("accessTokenLifetimeMinutes", message));
    }
    Ok(())
}

/// The form of `requiredResourceAccess`: which permissions of which resources the application asks for.
fn check_required_access(required: Option<&Value>) -> Result<(), Failure> {
    const MEMBER: &str = "requiredResourceAccess";
    let Some(required) = required else { return Ok(()) };
    let permissions =
        required.as_array().and_then(|resources| resources.iter().map(permissions).sum::<Option<usize>>());
    let Some(permissions) = permissions else {
        let form = "{\"resourceAppId\": GUID, \"resourceAccess\": [{\"id\": GUID, \"type\": \"Scope\" or \"Role\"}]}";
        return Err(bad_request(MEMBER, format!("'{MEMBER}' is a list of {form}.")));
    };
    if required.as_array().is_some_and(|resources| resources.len() > MOST_RESOURCES) || permissions > MOST_PERMISSIONS {
        let message =
            format!("'{MEMBER}' lists at most {MOST_RESOURCES} resources and {MOST_PERMISSIONS} permissions in all.");
        return Err(bad_request(MEMBER, message));
    }
    Ok(())
}

/// How many permissions an entry asks for; none if it is malformed.
fn permissions(resource: &Value) -> Option<usize> {
    let is_guid = |value: Option<&Value>| value.and_then(Value::as_str).is_some_and(|id| id.parse::<AppId>().is_ok());
    let access = resource.get("resourceAccess")?.as_array()?;
    let is_permission = |access: &Value| {
        is_guid(access.get("id")) && matches!(access.get("type").and_then(Value::as_str), Some("Scope" | "Role"))
    };
    (is_guid(resource.get("resourceAppId")) && access.iter().all(is_permission)).then_some(access.len())
}
