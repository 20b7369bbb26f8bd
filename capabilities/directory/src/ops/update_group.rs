//! Changes a group.

use super::load;
use crate::Group;
use crate::activities::UPDATE_GROUP;
use crate::body::{JsonMap, bad_request, members, patched};
use crate::membership::MEMBERS;
use crate::responsibility::{SPONSORS, audited, changes, named_target};
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_store::UnitOfWork;

/// Writes `patch` over the group `id`.
pub async fn update_group(call: &Call, id: ObjectId, patch: JsonMap) -> Result<(), Failure> {
    call.store.run(|| attempt(call, id, &patch)).await.map(drop)
}

async fn attempt(call: &Call, id: ObjectId, patch: &JsonMap) -> Result<(UnitOfWork, ()), Failure> {
    let found = load::<Group>(call, id).await?;
    found.body.check_role_assignable(&call.caller)?;
    let group = patched(&found.body, patch.clone())?;
    group.check(Some(&found.body))?;
    if found.body.may_sponsor() && !group.may_sponsor() && !call.store.links_to(id, SPONSORS).await?.links.is_empty() {
        let message = "The group answers for agents or blueprints, which a group with assigned members cannot; give \
                       them another sponsor first.";
        return Err(bad_request("groupTypes", message));
    }

    let mut unit = call.store.unit();
    unit.update(&found, &group);
    if group.is_dynamic() && !found.body.is_dynamic() {
        // From now on the rule says who belongs.
        for link in &call.store.links_from(id, MEMBERS).await?.links {
            unit.unlink(id, MEMBERS, link.target);
        }
    }
    let modified = changes(Some(&members(&found.body)), Some(&members(&group)));
    unit.audit(audited(call, &UPDATE_GROUP, vec![named_target(id, &group).with_modified(modified)]));
    Ok((unit, ()))
}
