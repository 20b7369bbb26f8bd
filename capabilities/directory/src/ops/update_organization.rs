//! Changes what an organization is called, how much it may hold, and what holds for all its agents.

use super::load;
use crate::agent_naming;
use crate::body::{JsonMap, bad_request, check_display_name, members, patched};
use crate::quota::{PARTS, SIZE, parts};
use crate::responsibility::{audited, changes};
use serde_json::Value;
use signet_alerts::{NewAlert, Raised, Severity, raise};
use signet_credentials::approval::ApprovalSetting;
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_logs::audit::Target;
use signet_logs::audit::activities::UPDATE_TENANT;
use signet_store::Kind;
use signet_tenants::Tenant;

/// The members of a tenant that are changed here.
const CHANGED: [&str; 5] = ["displayName", SIZE, PARTS, agent_naming::MEMBER, ApprovalSetting::MEMBER];

/// Writes `patch` over the tenant: `displayName`, `directorySizeQuota` (`{total}`), `resourceQuotas`, `agentNaming`
/// and `credentialChangeApproval`.
pub async fn update_organization(call: &Call, id: ObjectId, patch: JsonMap) -> Result<(), Failure> {
    check(&patch)?;
    let attempt = || async {
        let found = load::<Tenant>(call, id).await?;
        let tenant = patched(&found.body, patch.clone())?;
        check_display_name(&tenant.display_name)?;
        let mut unit = call.store.unit();
        unit.update(&found, &tenant);
        let modified = changes(Some(&members(&found.body)), Some(&members(&tenant)));
        let target = Target::new(Tenant::NAME, id, tenant.display_name.clone()).with_modified(modified);
        let raised = gives_up_approval(&found.body, &tenant).then(|| raise(call, &mut unit, given_up(call, &target)));
        unit.audit(audited(call, &UPDATE_TENANT, vec![target]));
        Ok::<_, Failure>((unit, raised))
    };
    let (raised, _) = call.store.run(attempt).await?;
    raised.into_iter().for_each(Raised::tell);
    Ok(())
}

/// Whether changes of credentials of blueprints needed a second approver, and need none any more.
fn gives_up_approval(before: &Tenant, after: &Tenant) -> bool {
    let required = |tenant: &Tenant| {
        let setting = tenant.other.get(ApprovalSetting::MEMBER);
        setting.and_then(|value| ApprovalSetting::read(value).ok()).is_some_and(|setting| setting.is_required)
    };
    required(before) && !required(after)
}

/// WHY: who may change the organization, and blueprints, needs no second person once nobody asks for one.
fn given_up(call: &Call, target: &Target) -> NewAlert {
    let who = &call.caller.display_name;
    NewAlert {
        title: "Changes of the credentials of agent blueprints need no second approver any more".into(),
        description: format!("'{who}' took away the need for a second approver."),
        category: "blueprintCredentialApprovalGivenUp".into(),
        severity: Severity::High,
        subject: ObjectId::from_uuid(call.store.id().uuid()),
        target: target.clone(),
    }
}

fn check(patch: &JsonMap) -> Result<(), Failure> {
    if let Some(name) = patch.keys().find(|name| !CHANGED.contains(&name.as_str())) {
        return Err(bad_request(name, format!("'{name}' of an organization is not changed here.")));
    }
    if let Some(value) = patch.get(PARTS).filter(|value| !value.is_null()) {
        parts(value)?;
    }
    if let Some(value) = patch.get(agent_naming::MEMBER).filter(|value| !value.is_null()) {
        agent_naming::check_member(value)?;
    }
    if let Some(value) = patch.get(ApprovalSetting::MEMBER).filter(|value| !value.is_null()) {
        let name = ApprovalSetting::MEMBER;
        ApprovalSetting::read(value).map_err(|why| bad_request(name, format!("'{name}' cannot be read: {why}.")))?;
    }
    let is_total = |size: &Value| {
        let total = size.get("total").is_some_and(Value::is_u64);
        total && size.as_object().is_some_and(|size| size.len() == 1)
    };
    match patch.get(SIZE) {
        Some(size) if !size.is_null() && !is_total(size) => {
            Err(bad_request(SIZE, format!("'{SIZE}' is {{\"total\": n}}, or null for any number of objects.")))
        }
        _ => Ok(()),
    }
}
