//! Assigns an app management policy to a holder, and takes it away.

use super::load;
use crate::app_management::{APP_MANAGEMENT_POLICIES, AppManagementPolicy};
use crate::authority::{Means, check_authority};
use crate::refusal::CredentialRefused;
use crate::trail::{audited, target};
use crate::{Described, Holder, Thing};
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_logs::audit::{Activity, OperationType, Target};
use signet_store::{Id, Kind, LinkSet, Precondition};
use std::sync::Arc;

/// The permission to say which policy binds whom. WHY: to change an application is not to loosen what binds it.
pub const ASSIGN_POLICIES: &[&str] = &["Policy.ReadWrite.ApplicationConfiguration"];

const ADD: Activity = activity("Add policy to application", OperationType::Assign);
const REMOVE: Activity = activity("Remove policy from application", OperationType::Unassign);

const fn activity(name: &'static str, operation: OperationType) -> Activity {
    Activity { name, category: "ApplicationManagement", operation, service: "Core Directory" }
}

/// Has `policy` bind `holder`, which has no other.
pub async fn assign_policy<H: Holder + Described>(
    call: &Call,
    holder: ObjectId,
    policy: ObjectId,
) -> Result<(), Failure> {
    let attempt = || async {
        let (thing, links) = governed::<H>(call, holder).await?;
        let found = load::<AppManagementPolicy>(&call.store, policy).await?;
        if let Some(other) = links.links.first() {
            return Err(CredentialRefused::PolicyAssigned(other.target).into());
        }
        let mut unit = call.store.unit();
        unit.expect(Precondition::Relation(holder, APP_MANAGEMENT_POLICIES, links.version));
        unit.link(holder, APP_MANAGEMENT_POLICIES, policy);
        let named = Target::new(AppManagementPolicy::NAME, policy, &found.body.display_name);
        unit.audit(audited(call, &ADD, vec![target(call, &thing).await?, named]));
        Ok::<_, Failure>((unit, ()))
    };
    call.store.run(attempt).await.map(drop)
}

/// Has the tenant's policy bind `holder` again.
pub async fn unassign_policy<H: Holder + Described>(
    call: &Call,
    holder: ObjectId,
    policy: ObjectId,
) -> Result<(), Failure> {
    let attempt = || async {
        let (thing, links) = governed::<H>(call, holder).await?;
        if links.links.iter().all(|link| link.target != policy) {
            return Err(CredentialRefused::NoSuchObject(policy).into());
        }
        let found = call.store.find_any(Id::<AppManagementPolicy>::of(policy)).await?;
        let name = found.as_ref().map(|found| found.body.display_name.as_str()).unwrap_or_default();
        let mut unit = call.store.unit();
        unit.unlink(holder, APP_MANAGEMENT_POLICIES, policy);
        let named = Target::new(AppManagementPolicy::NAME, policy, name);
        unit.audit(audited(call, &REMOVE, vec![target(call, &thing).await?, named]));
        Ok::<_, Failure>((unit, ()))
    };
    call.store.run(attempt).await.map(drop)
}

/// The holder and its policies, if the caller may say which they are.
async fn governed<H: Holder + Described>(call: &Call, holder: ObjectId) -> Result<(Thing, Arc<LinkSet>), Failure> {
    if !call.caller.holds_any(ASSIGN_POLICIES) {
        return Err(CredentialRefused::PolicyPermission.into());
    }
    let thing = Thing::of(&*load::<H>(&call.store, holder).await?);
    check_authority(&call.caller, &thing, Means::Permission)?;
    Ok((thing, call.store.links_from(holder, APP_MANAGEMENT_POLICIES).await?))
}
