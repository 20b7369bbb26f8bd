//! What is done to rules.

use crate::rule::AlertRule;
use signet_directory::body::{JsonMap, denied, members, not_found, patched, typed};
use signet_directory::check_if_match;
use signet_graph::Call;
use signet_kernel::{Failure, Fault, ObjectId};
use signet_logs::audit::{Activity, OperationType, Target, modified, success};
use signet_store::{AuditEntry, Id, Kind, Liveness, Object};
use std::sync::Arc;

/// What it takes to read what a rule reads.
pub(crate) const READS_LOGS: &str = "AuditLog.Read.All";

const fn activity(name: &'static str, operation: OperationType) -> Activity {
    Activity { name, category: "Policy", operation, service: "Agent Identity" }
}

pub(crate) const ADD: Activity = activity("Add alert rule", OperationType::Add);
const UPDATE: Activity = activity("Update alert rule", OperationType::Update);
const DELETE: Activity = activity("Delete alert rule", OperationType::Delete);

/// WHY: whoever could silence a rule must not be whom it watches.
fn admit(call: &Call) -> Result<(), Failure> {
    if call.caller.parent.is_some() {
        return Err(denied("A blueprint and its agents change no alert rule; somebody else has to."));
    }
    Ok(())
}

pub(crate) async fn create(call: &Call, mut body: JsonMap) -> Result<ObjectId, Failure> {
    admit(call)?;
    body.retain(|_, value| !value.is_null());
    let rule: AlertRule = typed(body)?;
    rule.check()?;
    if call.store.count(&[AlertRule::NAME], Liveness::Live).await? >= crate::watch::MOST_RULES as u64 {
        let message = format!("A tenant has at most {} alert rules.", crate::watch::MOST_RULES);
        return Err(Failure::new(Fault::Conflict, "Directory_QuotaExceeded", message));
    }
    let attempt = || async {
        let id = call.store.context().new_object_id();
        let mut unit = call.store.unit();
        unit.create(Id::of(id), &rule);
        unit.audit(entry(call, &ADD, id, (None, Some(&rule))));
        Ok::<_, Failure>((unit, id))
    };
    call.store.run(attempt).await.map(|(id, _)| id)
}

pub(crate) async fn update(call: &Call, id: ObjectId, patch: JsonMap) -> Result<(), Failure> {
    admit(call)?;
    let attempt = || async {
        let found = load(call, id).await?;
        check_if_match(call, &found)?;
        let rule: AlertRule = patched(&found.body, patch.clone())?;
        rule.check()?;
        let mut unit = call.store.unit();
        unit.update(&found, &rule);
        unit.audit(entry(call, &UPDATE, id, (Some(&found.body), Some(&rule))));
        Ok::<_, Failure>((unit, ()))
    };
    call.store.run(attempt).await.map(drop)
}

pub(crate) async fn delete(call: &Call, id: ObjectId) -> Result<(), Failure> {
    admit(call)?;
    let attempt = || async {
        let found = load(call, id).await?;
        check_if_match(call, &found)?;
        if found.body.built_in.is_some() {
            let message = "A built-in rule stays; set 'isEnabled' to false instead.";
            return Err(Failure::new(Fault::Conflict, "Request_BadRequest", message));
        }
        let mut unit = call.store.unit();
        unit.delete(&found, call.store.context().new_uuid());
        unit.audit(entry(call, &DELETE, id, (Some(&found.body), None)));
        Ok::<_, Failure>((unit, ()))
    };
    call.store.run(attempt).await.map(drop)
}

pub(crate) async fn load(call: &Call, id: ObjectId) -> Result<Arc<Object<AlertRule>>, Failure> {
    call.store.find(Id::<AlertRule>::of(id)).await?.ok_or_else(|| not_found(id))
}

fn entry(
    call: &Call,
    activity: &Activity,
    id: ObjectId,
    (before, after): (Option<&AlertRule>, Option<&AlertRule>),
) -> AuditEntry {
    let name = after.or(before).map(|rule| rule.display_name.clone()).unwrap_or_default();
    let (old, new) = (before.map(members), after.map(members));
    let target = Target::new(AlertRule::NAME, id, name).with_modified(modified(old.as_ref(), new.as_ref(), &[]));
    let context = call.store.context();
    success(&call.caller, context.now(), context.new_uuid(), activity, vec![target], &[])
}
