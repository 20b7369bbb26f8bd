//! Permission grant policies, and their sets of conditions.

use super::{entry, load, refuse_agents, text, without_nulls};
use crate::AuthorizationPolicy;
use crate::activities::{ADD_POLICY, DELETE_POLICY, UPDATE_POLICY};
use crate::grants::{ConditionSet, PermissionGrantPolicy};
use serde_json::Value;
use signet_directory::body::{JsonMap, bad_request, not_found, patched, typed};
use signet_directory::check_if_match;
use signet_graph::Call;
use signet_kernel::{Failure, Fault, ObjectId};
use signet_store::Id;
use uuid::Uuid;

/// Which of its two lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sets {
    Includes,
    Excludes,
}

impl Sets {
    pub(crate) fn of(self, policy: &PermissionGrantPolicy) -> &[ConditionSet] {
        match self {
            Self::Includes => &policy.includes,
            Self::Excludes => &policy.excludes,
        }
    }

    fn of_mut(self, policy: &mut PermissionGrantPolicy) -> &mut Vec<ConditionSet> {
        match self {
            Self::Includes => &mut policy.includes,
            Self::Excludes => &mut policy.excludes,
        }
    }
}

fn read(body: JsonMap) -> Result<ConditionSet, Failure> {
    serde_json::from_value(Value::Object(body)).map_err(|error| {
        bad_request("permissionType", format!("The body does not describe a permissionGrantConditionSet: {error}."))
    })
}

/// Creates one of a body whose `id` names it. It includes nothing until a set is added.
pub(crate) async fn create_grant_policy(call: &Call, body: JsonMap) -> Result<ObjectId, Failure> {
    refuse_agents(call)?;
    let mut body = without_nulls(body);
    let name = text(&body, "id").ok_or_else(|| bad_request("id", "'id' names the policy; choose one."))?.to_owned();
    body.shift_remove("id");
    body.insert("name".to_owned(), name.into());
    let policy: PermissionGrantPolicy = typed(body)?;
    policy.check()?;
    let attempt = || async {
        let id = call.store.context().new_object_id();
        let mut unit = call.store.unit();
        unit.create(Id::of(id), &policy);
        unit.audit(entry(call, &ADD_POLICY, id, None, Some(&policy)));
        Ok::<_, Failure>((unit, id))
    };
    call.store.run(attempt).await.map(|(id, _)| id)
}

/// Writes `patch` over its names.
pub(crate) async fn update_grant_policy(call: &Call, id: ObjectId, patch: JsonMap) -> Result<(), Failure> {
    change(call, id, |policy| patched(policy, patch.clone())).await
}

/// Adds a set of conditions to one of its lists, and answers it.
pub(crate) async fn add_set(call: &Call, id: ObjectId, sets: Sets, body: JsonMap) -> Result<ConditionSet, Failure> {
    let mut body = without_nulls(body);
    body.insert("id".to_owned(), call.store.context().new_uuid().to_string().into());
    let set = read(body)?;
    change(call, id, |policy| {
        let mut policy = policy.clone();
        sets.of_mut(&mut policy).push(set.clone());
        Ok(policy)
    })
    .await?;
    Ok(set)
}

/// Writes `patch` over a set of conditions.
pub(crate) async fn change_set(
    call: &Call,
    id: ObjectId,
    (sets, set): (Sets, Uuid),
    patch: JsonMap,
) -> Result<(), Failure> {
    change(call, id, |policy| {
        let mut policy = policy.clone();
        let found = sets.of_mut(&mut policy).iter_mut().find(|one| one.id == set).ok_or_else(|| not_found(set))?;
        let mut all = match serde_json::to_value(&*found) {
            Ok(Value::Object(all)) => all,
            other => return Err(Failure::bug(format!("a set of conditions is {other:?}"))),
        };
        for (name, value) in patch.clone() {
            all.insert(name, value);
        }
        all.insert("id".to_owned(), set.to_string().into());
        *found = read(without_nulls(all))?;
        Ok(policy)
    })
    .await
}

/// Removes a set of conditions.
pub(crate) async fn remove_set(call: &Call, id: ObjectId, sets: Sets, set: Uuid) -> Result<(), Failure> {
    change(call, id, |policy| {
        let mut policy = policy.clone();
        sets.of_mut(&mut policy).retain(|one| one.id != set);
        Ok(policy)
    })
    .await
}

async fn change(
    call: &Call,
    id: ObjectId,
    next: impl Fn(&PermissionGrantPolicy) -> Result<PermissionGrantPolicy, Failure>,
) -> Result<(), Failure> {
    refuse_agents(call)?;
    let next = &next;
    let attempt = || async move {
        let found = load::<PermissionGrantPolicy>(call, id).await?;
        check_if_match(call, &found)?;
        let policy = next(&found.body)?;
        policy.check()?;
        if policy.name != found.body.name {
            return Err(bad_request("id", "'id' cannot be changed; create another policy."));
        }
        let mut unit = call.store.unit();
        unit.update(&found, &policy);
        unit.audit(entry(call, &UPDATE_POLICY, id, Some(&found.body), Some(&policy)));
        Ok((unit, ()))
    };
    call.store.run(attempt).await.map(drop)
}

/// Removes it for good, unless the authorization policy names it.
pub(crate) async fn delete_grant_policy(call: &Call, id: ObjectId) -> Result<(), Failure> {
    refuse_agents(call)?;
    let attempt = || async {
        let found = load::<PermissionGrantPolicy>(call, id).await?;
        check_if_match(call, &found)?;
        let named = AuthorizationPolicy::of(&call.store).await?.agent_permission_grant_policies_assigned;
        if named.iter().flatten().any(|name| name.eq_ignore_ascii_case(&found.body.name)) {
            let message =
                "The authorization policy names it in 'agentPermissionGrantPoliciesAssigned'; take it out first.";
            return Err(Failure::new(Fault::Conflict, "Request_BadRequest", message));
        }
        let mut unit = call.store.unit();
        unit.delete(&found, call.store.context().new_uuid()).purge(id);
        unit.audit(entry(call, &DELETE_POLICY, id, Some(&found.body), None));
        Ok((unit, ()))
    };
    call.store.run(attempt).await.map(drop)
}
