//! App management policies that are assigned to applications and blueprints.

use super::{entry, load, refuse_agents, without_nulls};
use crate::activities::{ADD_POLICY, DELETE_POLICY, UPDATE_POLICY};
use signet_credentials::app_management::AppManagementPolicy;
use signet_directory::body::{JsonMap, bad_request, check_display_name, patched, typed};
use signet_directory::check_if_match;
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_store::Id;

fn check(policy: &AppManagementPolicy) -> Result<(), Failure> {
    check_display_name(&policy.display_name)?;
    policy.restrictions.check().map_err(|why| bad_request("restrictions", why))
}

/// Creates one. It binds nobody until it is assigned.
pub(crate) async fn create_app_management(call: &Call, body: JsonMap) -> Result<ObjectId, Failure> {
    refuse_agents(call)?;
    let policy: AppManagementPolicy = typed(without_nulls(body))?;
    check(&policy)?;
    let attempt = || async {
        let id = call.store.context().new_object_id();
        let mut unit = call.store.unit();
        unit.create(Id::of(id), &policy);
        unit.audit(entry(call, &ADD_POLICY, id, None, Some(&policy)));
        Ok::<_, Failure>((unit, id))
    };
    call.store.run(attempt).await.map(|(id, _)| id)
}

/// Writes `patch` over it. What was added under the old one stays.
pub(crate) async fn update_app_management(call: &Call, id: ObjectId, patch: JsonMap) -> Result<(), Failure> {
    refuse_agents(call)?;
    let attempt = || async {
        let found = load::<AppManagementPolicy>(call, id).await?;
        check_if_match(call, &found)?;
        let mut patch = patch.clone();
        let restrictions = patch.shift_remove("restrictions");
        let mut policy: AppManagementPolicy = patched(&found.body, patch)?;
        if let Some(restrictions) = restrictions {
            policy.restrictions = serde_json::from_value(restrictions)
                .map_err(|error| bad_request("restrictions", format!("'restrictions' cannot be read: {error}.")))?;
        }
        check(&policy)?;
        let mut unit = call.store.unit();
        unit.update(&found, &policy);
        unit.audit(entry(call, &UPDATE_POLICY, id, Some(&found.body), Some(&policy)));
        Ok((unit, ()))
    };
    call.store.run(attempt).await.map(drop)
}

/// Removes it for good; whoever it was assigned to is bound by the tenant's policy again.
pub(crate) async fn delete_app_management(call: &Call, id: ObjectId) -> Result<(), Failure> {
    refuse_agents(call)?;
    let attempt = || async {
        let found = load::<AppManagementPolicy>(call, id).await?;
        check_if_match(call, &found)?;
        let mut unit = call.store.unit();
        unit.delete(&found, call.store.context().new_uuid()).purge(id);
        unit.audit(entry(call, &DELETE_POLICY, id, Some(&found.body), None));
        Ok((unit, ()))
    };
    call.store.run(attempt).await.map(drop)
}
