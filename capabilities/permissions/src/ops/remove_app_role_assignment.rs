//! Takes an assigned app role away, and with it every token issued to its holder.

use crate::authority::require_authority;
use crate::catalogue::inherent_assignee;
use crate::refusal::AssignmentRefused;
use crate::trail::{self, Grant};
use crate::{AppRoleAssignment, Resource, Side};
use signet_blueprints::BlueprintPrincipal;
use signet_directory::body::not_found;
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_store::{Id, UnitOfWork};

/// Removes the assignment `id`, found at the given end of it.
pub async fn remove_app_role_assignment(call: &Call, at: (Side, ObjectId), id: ObjectId) -> Result<(), Failure> {
    require_authority(&call.caller)?;
    call.store.run(|| attempt(call, at, id)).await.map(drop)
}

/// Whether the assignment is one that a blueprint principal has by being one.
async fn is_inherent(call: &Call, (side, end): (Side, ObjectId), id: ObjectId) -> Result<bool, Failure> {
    let principal = inherent_assignee(id);
    let named = match side {
        Side::Principal => principal == end,
        Side::Resource => Resource::find(&call.store, end).await?.is_some_and(|resource| resource.is_directory()),
    };
    Ok(named && call.store.find(Id::<BlueprintPrincipal>::of(principal)).await?.is_some())
}

async fn attempt(call: &Call, (side, end): (Side, ObjectId), id: ObjectId) -> Result<(UnitOfWork, ()), Failure> {
    if is_inherent(call, (side, end), id).await? {
        return Err(AssignmentRefused::Inherent.into());
    }
    let found = call.store.find(Id::<AppRoleAssignment>::of(id)).await?;
    let assignment = found.filter(|found| side.end(&found.body) == end).ok_or_else(|| not_found(id))?;
    let held = &assignment.body;
    let principal = Resource::find(&call.store, held.principal_id).await?.ok_or_else(|| not_found(id))?;
    let resource = Resource::find(&call.store, held.resource_id).await?;
    let roles = resource.as_ref().map_or(&[][..], Resource::roles);

    let mut unit = call.store.unit();
    // An assignment has no place in the deleted items: the same one may be made again at once.
    unit.delete(&assignment, call.store.context().new_uuid()).purge(id).revoke(held.principal_id);
    let grant = Grant {
        principal: &principal,
        resource: resource.as_ref(),
        resource_id: held.resource_id,
        role_id: held.app_role_id,
        role: roles.iter().find(|role| role.id == held.app_role_id),
        assigned: assignment.created,
    };
    unit.audit(trail::unassigned(call, &grant).await?);
    Ok((unit, ()))
}
