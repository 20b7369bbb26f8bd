//! What people do about dead letters.

use super::DeadLetter;
use signet_graph::Call;
use signet_kernel::{Failure, Fault, ObjectId};
use signet_logs::audit::{Activity, OperationType, Target, success};
use signet_store::{AuditEntry, Id, Object};
use std::sync::Arc;

const fn activity(name: &'static str, operation: OperationType) -> Activity {
    Activity { name, category: "Policy", operation, service: "Agent Identity" }
}

const RESEND: Activity = activity("Resend export dead letter", OperationType::Update);
const DROP: Activity = activity("Drop export dead letter", OperationType::Delete);

/// WHY: what a SIEM did not take may be about the agent that asks.
fn admit(call: &Call) -> Result<(), Failure> {
    if call.caller.parent.is_some() {
        let message = "A blueprint and its agents do not say what becomes of a dead letter; somebody else has to.";
        return Err(Failure::new(Fault::Rights, "Authorization_RequestDenied", message));
    }
    Ok(())
}

/// Asks the node that sends to the sink to send it again.
pub(super) async fn resend(call: &Call, id: ObjectId) -> Result<(), Failure> {
    admit(call)?;
    let attempt = || async {
        let found = load(call, id).await?;
        let mut unit = call.store.unit();
        unit.update(&found, &DeadLetter { is_resend_requested: true, ..found.body.clone() });
        unit.audit(entry(call, &RESEND, &found.body));
        Ok::<_, Failure>((unit, ()))
    };
    call.store.run(attempt).await.map(drop)
}

/// Forgets it. The record stays where it is.
pub(super) async fn forget(call: &Call, id: ObjectId) -> Result<(), Failure> {
    admit(call)?;
    let attempt = || async {
        let found = load(call, id).await?;
        let mut unit = call.store.unit();
        unit.remove(&found, call.store.context().new_uuid());
        unit.audit(entry(call, &DROP, &found.body));
        Ok::<_, Failure>((unit, ()))
    };
    call.store.run(attempt).await.map(drop)
}

async fn load(call: &Call, id: ObjectId) -> Result<Arc<Object<DeadLetter>>, Failure> {
    let found = call.store.find(Id::<DeadLetter>::of(id)).await?;
    found.ok_or_else(|| {
        let message = format!("Resource '{id}' does not exist, or was taken by its receiver since.");
        Failure::new(Fault::NotFound, "Request_ResourceNotFound", message)
    })
}

fn entry(call: &Call, activity: &Activity, letter: &DeadLetter) -> AuditEntry {
    let target = Target::other(letter.record.clone(), format!("{} for {}", letter.table, letter.sink));
    let details = [("Sink", letter.sink.as_str()), ("Table", &letter.table), ("Reason", &letter.reason)];
    let context = call.store.context();
    success(&call.caller, context.now(), context.new_uuid(), activity, vec![target], &details)
}
