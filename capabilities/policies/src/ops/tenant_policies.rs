//! The policies of which a tenant has one: kept in the tenant's own object.

use super::{load, refuse_agents};
use crate::AuthorizationPolicy;
use crate::activities::{UPDATE_AUTHORIZATION_POLICY, UPDATE_POLICY};
use crate::grants::PermissionGrantPolicy;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use signet_credentials::app_management::{DEFAULT_POLICY, DefaultAppManagementPolicy};
use signet_directory::body::{JsonMap, bad_request, members};
use signet_directory::responsibility::{audited, changes};
use signet_graph::Call;
use signet_kernel::Failure;
use signet_logs::audit::{Activity, Target};
use signet_store::Kind;
use signet_tenants::Tenant;

/// Writes `patch` over the tenant's default app management policy. What was added under the old one stays.
pub(crate) async fn update_default_app_management(call: &Call, patch: JsonMap) -> Result<(), Failure> {
    update(call, DEFAULT_POLICY, &UPDATE_POLICY, patch, |policy: &DefaultAppManagementPolicy| {
        let restrictions = [&policy.application_restrictions, &policy.service_principal_restrictions];
        let wrong = restrictions.iter().find_map(|one| one.check().err());
        wrong.map_or(Ok(()), |why| Err(bad_request("applicationRestrictions", why)))
    })
    .await
}

/// Writes `patch` over the tenant's authorization policy. Grants that were made stay.
pub(crate) async fn update_authorization(call: &Call, patch: JsonMap) -> Result<(), Failure> {
    const ASSIGNED: &str = "agentPermissionGrantPoliciesAssigned";
    let names = patch.get(ASSIGNED).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    for name in names {
        if PermissionGrantPolicy::find(&call.store, name).await?.is_none() {
            return Err(bad_request(ASSIGNED, format!("There is no permission grant policy '{name}'.")));
        }
    }
    let any = |_: &AuthorizationPolicy| Ok(());
    update(call, AuthorizationPolicy::MEMBER, &UPDATE_AUTHORIZATION_POLICY, patch, any).await
}

async fn update<P: Serialize + DeserializeOwned>(
    call: &Call,
    member: &'static str,
    activity: &Activity,
    patch: JsonMap,
    check: fn(&P) -> Result<(), Failure>,
) -> Result<(), Failure> {
    refuse_agents(call)?;
    let attempt = || async {
        let id = Tenant::id(call.store.id()).object();
        let found = load::<Tenant>(call, id).await?;
        let mut all = match found.body.other.get(member) {
            Some(Value::Object(all)) => all.clone(),
            _ => JsonMap::new(),
        };
        for (name, value) in patch.clone() {
            match value {
                Value::Null => drop(all.shift_remove(&name)),
                value => drop(all.insert(name, value)),
            }
        }
        let policy: P = serde_json::from_value(Value::Object(all))
            .map_err(|error| bad_request(member, format!("The policy cannot be read: {error}.")))?;
        check(&policy)?;
        let mut tenant = found.body.clone();
        tenant.other.insert(member.to_owned(), serde_json::to_value(&policy).map_err(Failure::bug)?);
        let mut unit = call.store.unit();
        unit.update(&found, &tenant);
        let modified = changes(Some(&members(&found.body)), Some(&members(&tenant)));
        let target = Target::new(Tenant::NAME, id, member).with_modified(modified);
        unit.audit(audited(call, activity, vec![target]));
        Ok::<_, Failure>((unit, ()))
    };
    call.store.run(attempt).await.map(drop)
}
