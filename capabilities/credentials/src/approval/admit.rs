//! Lets a change of credentials pass, with an alert, or has somebody approve it first.

use super::{ApprovalSetting, AskedChange, CredentialChangeRequest, State};
use crate::refusal::CredentialRefused;
use crate::trail::{audited, target};
use crate::{Naming, Thing};
use signet_alerts::{NewAlert, Raised, Severity, raise};
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_logs::audit::{Activity, OperationType};
use signet_store::{Id, IndexKey, Object, UnitOfWork};

/// The code of the refusal that names a request to approve.
pub const APPROVAL_REQUIRED: &str = "CredentialChange_ApprovalRequired";

const REQUEST: Activity = Activity {
    name: "Request change of agent blueprint credentials",
    category: "ApplicationManagement",
    operation: OperationType::Add,
    service: "Agent Identity",
};

/// Asked last by every operation that changes credentials of `holder` in `unit`. Of a blueprint, adds an alert; where
/// the organization wants a second approver, refuses unless `change` was approved, and uses the approval up.
///
/// The alert is told once the unit is committed.
pub async fn admit(
    call: &Call,
    unit: &mut UnitOfWork,
    holder: &Thing,
    change: &AskedChange,
) -> Result<Option<Raised>, Failure> {
    if holder.naming.kind != Naming::BLUEPRINT {
        return Ok(None);
    }
    let setting = ApprovalSetting::of(&call.store).await?;
    let mut approver = None;
    if setting.is_required {
        let request = match open(call, holder.id, change).await? {
            Some(request) => request,
            None => return Err(ask(call, holder, change, setting).await?),
        };
        let State::Approved(decided) = &request.body.state else {
            return Err(waiting(&request.body, request.id.object()));
        };
        approver = Some(decided.name.clone());
        let state = State::Completed(decided.clone());
        unit.update(&request, &CredentialChangeRequest { state, ..request.body.clone() });
    }
    let by = approver.map(|name| format!(", approved by '{name}'")).unwrap_or_default();
    let description = format!(
        "{} the blueprint '{}' by '{}'{by}.",
        change.kind.words(),
        holder.display_name,
        call.caller.display_name
    );
    let alert = NewAlert {
        title: "The credentials of an agent blueprint changed".into(),
        description,
        category: "blueprintCredentialChanged".into(),
        severity: Severity::Medium,
        subject: holder.id,
        target: target(call, holder).await?,
    };
    Ok(Some(raise(call, unit, alert)))
}

/// The caller's request for this change that is not over; an approved one rather than one that waits.
async fn open(
    call: &Call,
    holder: ObjectId,
    change: &AskedChange,
) -> Result<Option<Object<CredentialChangeRequest>>, Failure> {
    let (key, now) = (IndexKey::uuid(holder.uuid()), call.store.context().now());
    let all = call.store.all_by_index::<CredentialChangeRequest>(CredentialChangeRequest::HOLDER, &key).await?;
    let open = || all.iter().filter(|request| request.body.is_open(call.caller.object, change, now));
    let approved = open().find(|request| matches!(request.body.state, State::Approved(_)));
    Ok(approved.or_else(|| open().next()).cloned())
}

/// Leaves a request, in a unit of its own, and answers the refusal that names it.
async fn ask(call: &Call, holder: &Thing, change: &AskedChange, setting: ApprovalSetting) -> Result<Failure, Failure> {
    let context = call.store.context();
    let id = context.new_object_id();
    let request = CredentialChangeRequest {
        holder: holder.id,
        holder_name: holder.display_name.clone(),
        change: change.clone(),
        requester: call.caller.object,
        requester_app: call.caller.app,
        requester_name: call.caller.display_name.clone(),
        expires: context.now().plus(setting.lifetime()),
        state: State::Pending,
        other: serde_json::Map::new(),
    };
    let named = target(call, holder).await?;
    let attempt = || async {
        let mut unit = call.store.unit();
        unit.create(Id::of(id), &request);
        unit.audit(audited(call, &REQUEST, vec![named.clone()]));
        let alert = NewAlert {
            title: "A change of the credentials of an agent blueprint waits for approval".into(),
            description: format!(
                "'{}' asks to change the blueprint '{}'.",
                request.requester_name, request.holder_name
            ),
            category: "blueprintCredentialChangeRequested".into(),
            severity: Severity::Informational,
            subject: holder.id,
            target: named.clone(),
        };
        let raised = raise(call, &mut unit, alert);
        Ok::<_, Failure>((unit, raised))
    };
    let (raised, _) = call.store.run(attempt).await?;
    raised.tell();
    Ok(waiting(&request, id))
}

fn waiting(request: &CredentialChangeRequest, id: ObjectId) -> Failure {
    CredentialRefused::NeedsApproval { request: id, until: request.expires }.into()
}
