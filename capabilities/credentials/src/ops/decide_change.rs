//! Approves or denies a change of credentials that somebody asked for.

use super::load;
use crate::approval::{CredentialChangeRequest, Decided, State};
use crate::refusal::CredentialRefused;
use crate::trail::{audited, target};
use crate::{Naming, Thing};
use signet_graph::Call;
use signet_kernel::{Caller, Failure, ObjectId};
use signet_logs::audit::{Activity, OperationType};

const APPROVE: Activity = activity("Approve change of agent blueprint credentials");
const DENY: Activity = activity("Deny change of agent blueprint credentials");

/// The kind of a caller that is nobody but a client.
const CLIENT: &str = "servicePrincipal";

const fn activity(name: &'static str) -> Activity {
    Activity { name, category: "ApplicationManagement", operation: OperationType::Update, service: "Agent Identity" }
}

/// What is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The requester may make the change, once. Never said by the requester.
    Approve,
    /// The request is over. The requester may say so too.
    Deny,
}

/// Decides a request that waits. Blueprints and agents decide nothing, whatever they hold.
pub async fn decide_change(call: &Call, id: ObjectId, verdict: Verdict) -> Result<(), Failure> {
    let attempt = || async {
        if call.caller.parent.is_some() {
            return Err(CredentialRefused::CallerIsAgent.into());
        }
        let found = load::<CredentialChangeRequest>(&call.store, id).await?;
        if verdict == Verdict::Approve && is_same(&found.body, &call.caller) {
            return Err(CredentialRefused::OwnRequest.into());
        }
        let now = call.store.context().now();
        if found.body.state != State::Pending || now >= found.body.expires {
            return Err(CredentialRefused::RequestIsOver(id).into());
        }
        let decided = Decided { by: call.caller.object, name: call.caller.display_name.clone(), at: now };
        let (state, activity) = match verdict {
            Verdict::Approve => (State::Approved(decided), &APPROVE),
            Verdict::Deny => (State::Denied(decided), &DENY),
        };
        let mut unit = call.store.unit();
        unit.update(&found, &CredentialChangeRequest { state, ..found.body.clone() });
        let holder = Thing {
            id: found.body.holder,
            naming: Naming::of(Naming::BLUEPRINT),
            display_name: found.body.holder_name.clone(),
            blueprint: Some(found.body.holder),
        };
        unit.audit(audited(call, activity, vec![target(call, &holder).await?]));
        Ok::<_, Failure>((unit, ()))
    };
    call.store.run(attempt).await.map(drop)
}

/// Whether who decides is who asked: itself, or the client that it asked through, speaking for itself. Another person
/// who uses the same client is somebody else.
fn is_same(request: &CredentialChangeRequest, caller: &Caller) -> bool {
    let through = caller.kind == CLIENT && caller.app == request.requester_app;
    request.requester == caller.object || through
}
