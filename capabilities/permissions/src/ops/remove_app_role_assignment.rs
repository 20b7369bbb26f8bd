//! Takes an assigned app role away, and with it every token issued to its holder.

use crate::authority::require_authority;
use crate::catalogue::inherent_assignment_id;
use crate::refusal::AssignmentRefused;
use crate::{AppRoleAssignment, Resource, Side, trail};
use signet_directory::body::not_found;
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_store::{Id, UnitOfWork};

/// Removes the assignment `id`, found at the given end of it.
pub async fn remove_app_role_assignment(call: &Call, at: (Side, ObjectId), id: ObjectId) -> Result<(), Failure> {
    require_authority(&call.caller)?;
    call.store.run(|| attempt(call, at, id)).await.map(drop)
}

async fn attempt(call: &Call, (side, end): (Side, ObjectId), id: ObjectId) -> Result<(UnitOfWork, ()), Failure> {
    if side == Side::Principal && id == inherent_assignment_id(end) {
        return Err(AssignmentRefused::Inherent.into());
    }
    let found = call.store.find(Id::<AppRoleAssignment>::of(id)).await?;
    let assignment = found.filter(|found| side.end(&found.body) == end).ok_or_else(|| not_found(id))?;
    let principal = Resource::find(&call.store, assignment.body.principal_id).await?;
    let resource = Resource::find(&call.store, assignment.body.resource_id).await?;

    let mut unit = call.store.unit();
    // An assignment has no place in the deleted items: the same one may be made again at once.
    unit.delete(&assignment, call.store.context().new_uuid()).purge(id).revoke(assignment.body.principal_id);
    unit.audit(trail::unassigned(call, &assignment.body, principal.as_ref(), resource.as_ref()).await?);
    Ok((unit, ()))
}
