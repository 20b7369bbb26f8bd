//! Takes an assigned app role away, and with it every token issued to its holder.

use crate::authority::require_authority;
use crate::catalogue::inherent_assignment_id;
use crate::refusal::AssignmentRefused;
use crate::{AppRoleAssignment, Resource, Side, trail};
use signet_directory::body::not_found;
use signet_kernel::{Caller, Failure, ObjectId};
use signet_store::{Id, TenantStore, UnitOfWork};

/// Removes the assignment `id`, found at the given end of it.
pub async fn remove_app_role_assignment(
    store: &TenantStore,
    caller: &Caller,
    at: (Side, ObjectId),
    id: ObjectId,
) -> Result<(), Failure> {
    require_authority(caller)?;
    store.run(|| attempt(store, caller, at, id)).await.map(drop)
}

async fn attempt(
    store: &TenantStore,
    caller: &Caller,
    (side, end): (Side, ObjectId),
    id: ObjectId,
) -> Result<(UnitOfWork, ()), Failure> {
    if side == Side::Principal && id == inherent_assignment_id(end) {
        return Err(AssignmentRefused::Inherent.into());
    }
    let found = store.find(Id::<AppRoleAssignment>::of(id)).await?;
    let assignment = found.filter(|found| side.end(&found.body) == end).ok_or_else(|| not_found(id))?;
    let principal = Resource::find(store, assignment.body.principal_id).await?;
    let resource = Resource::find(store, assignment.body.resource_id).await?;

    let mut unit = store.unit();
    // An assignment has no place in the deleted items: the same one may be made again at once.
    unit.delete(&assignment, store.context().new_uuid()).purge(id).revoke(assignment.body.principal_id);
    unit.audit(trail::unassigned(store, caller, &assignment.body, principal.as_ref(), resource.as_ref()).await?);
    Ok((unit, ()))
}
