//! Gathers the facts of a grant, and refuses it where the policies do.

use super::{GrantDecision, GrantFacts, PermissionGrantPolicy, PermissionType, decide};
use crate::AuthorizationPolicy;
use serde_json::Value;
use signet_credentials::Thing;
use signet_directory::body::denied;
use signet_graph::Call;
use signet_kernel::{AppId, Failure, ObjectId};
use signet_store::{Row, TenantStore};
use uuid::Uuid;

/// A permission that is about to be granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permission<'a> {
    /// Of which kind.
    pub kind: PermissionType,
    /// Its name; empty for default access.
    pub value: &'a str,
    /// Its id, where it is known.
    pub id: Option<Uuid>,
}

/// Refuses the caller to grant `client`, a service principal's object id, these permissions of `resource`, where the
/// tenant's authorization policy bounds grants to agents and no policy that it names covers them. Grants to what is no
/// agent are not bounded.
pub async fn check_grants(
    call: &Call,
    client: ObjectId,
    resource: AppId,
    permissions: &[Permission<'_>],
) -> Result<(), Failure> {
    let store = &call.store;
    let Some(named) = AuthorizationPolicy::of(store).await?.agent_permission_grant_policies_assigned else {
        return Ok(());
    };
    let Some(row) = store.read_row(client).await? else { return Ok(()) };
    let Some(blueprint) = Thing::find_of_row(store, &row).await?.blueprint else { return Ok(()) };
    let blueprint = store.read_row(blueprint).await?;
    let application = blueprint.as_ref().map(body).unwrap_or_default();
    let Some(app_id) = app_id(&body(&row)) else { return Err(Failure::bug("a service principal has no appId")) };
    let policies = load(store, &named).await?;
    let refused = |permission: &&Permission<'_>| {
        let facts = GrantFacts {
            grantor: call.caller.object,
            grantor_app: call.caller.app,
            kind: permission.kind,
            resource,
            permission: permission.value,
            permission_id: permission.id,
            client: app_id,
            blueprint: self::app_id(&application),
            publisher: application.pointer("/verifiedPublisher/verifiedPublisherId").and_then(Value::as_str),
            tenant: store.id(),
        };
        decide(&policies, &facts) == GrantDecision::Refused
    };
    match permissions.iter().find(refused) {
        Some(permission) => Err(denied(format!(
            "'{}' may not be granted to this agent by you: it is within none of the permission grant policies that \
             bound grants to agents ({}). Ask for a policy that includes it, or have somebody else grant it.",
            permission.value,
            named.join(", "),
        ))),
        None => Ok(()),
    }
}

fn body(row: &Row) -> Value {
    serde_json::from_slice(&row.body).unwrap_or_default()
}

fn app_id(body: &Value) -> Option<AppId> {
    body.get("appId").and_then(Value::as_str)?.parse().ok()
}

/// The policies of these ids; one that is gone covers nothing.
async fn load(store: &TenantStore, named: &[String]) -> Result<Vec<PermissionGrantPolicy>, Failure> {
    let mut policies = Vec::new();
    for name in named {
        policies.extend(PermissionGrantPolicy::find(store, name).await?.map(|found| found.body.clone()));
    }
    Ok(policies)
}
