//! Assigns an app role of a resource to a service principal of any type.

use crate::authority::require_authority;
use crate::blocked::is_blocked_for_agents;
use crate::catalogue::inherent_role;
use crate::refusal::AssignmentRefused;
use crate::trail::{self, Grant};
use crate::{AppRoleAssignment, Resource};
use signet_agents::AgentIdentity;
use signet_blueprints::BlueprintPrincipal;
use signet_directory::AppRole;
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_policies::{Permission, PermissionType, check_grants};
use signet_store::{Id, IndexKey, Kind, TenantStore, UnitOfWork};
use uuid::Uuid;

/// Who shall hold which role of which resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewAssignment {
    /// Who: a service principal's object id.
    pub principal: ObjectId,
    /// The resource: a service principal's object id.
    pub resource: ObjectId,
    /// Which role; all zeros for default access to a resource that defines none.
    pub role: Uuid,
}

/// Assigns it. Blueprints and agents never give rights, whatever they hold.
///
/// A permission that agents may never hold is refused to an agent, but not to a blueprint principal: some of them
/// (`AgentIdUser.ReadWrite.IdentityParentedBy`) are what a blueprint manages its agents with, and none is inherited.
pub async fn assign_app_role(call: &Call, new: NewAssignment) -> Result<ObjectId, Failure> {
    require_authority(&call.caller)?;
    call.store.run(|| attempt(call, new)).await.map(|(id, _)| id)
}

async fn attempt(call: &Call, new: NewAssignment) -> Result<(UnitOfWork, ObjectId), Failure> {
    let principal = service_principal(&call.store, new.principal).await?;
    let resource = service_principal(&call.store, new.resource).await?;
    let role = assignable(&principal, &resource, new.role)?;
    let value = role.and_then(|role| role.value.as_deref()).unwrap_or_default();
    let granted = Permission { kind: PermissionType::Application, value, id: Some(new.role) };
    check_grants(call, new.principal, resource.app_id, &[granted]).await?;
    refuse_duplicate(&call.store, new).await?;

    let id = call.store.context().new_object_id();
    let body = AppRoleAssignment {
        principal_id: new.principal,
        resource_id: new.resource,
        app_role_id: new.role,
        other: serde_json::Map::new(),
    };
    let mut unit = call.store.unit();
    unit.create(Id::<AppRoleAssignment>::of(id), &body).name(id, new.resource);
    let grant = Grant {
        principal: &principal,
        resource: Some(&resource),
        resource_id: new.resource,
        role_id: new.role,
        role,
        assigned: call.store.context().now(),
    };
    for entry in trail::assigned(call, &grant).await? {
        unit.audit(entry);
    }
    Ok((unit, id))
}

async fn service_principal(store: &TenantStore, id: ObjectId) -> Result<Resource, Failure> {
    let found = Resource::find(store, id).await?;
    found.ok_or_else(|| AssignmentRefused::NoSuchServicePrincipal(id).into())
}

/// The role, or none for default access, if `principal` may hold it.
fn assignable<'a>(
    principal: &Resource,
    resource: &'a Resource,
    role: Uuid,
) -> Result<Option<&'a AppRole>, AssignmentRefused> {
    if role.is_nil() && resource.roles().is_empty() {
        return Ok(None);
    }
    let unknown = || AssignmentRefused::NoSuchRole { resource: resource.display_name.clone(), role };
    let found = resource.roles().iter().find(|defined| defined.id == role).ok_or_else(unknown)?;
    if !found.is_enabled {
        return Err(AssignmentRefused::RoleDisabled(role));
    }
    if !found.allowed_member_types.iter().any(|kind| kind == "Application") {
        return Err(AssignmentRefused::RoleNotForApplications(role));
    }
    let value = found.value.as_deref().unwrap_or_default();
    if principal.kind() == AgentIdentity::NAME && is_blocked_for_agents(resource.app_id, value) {
        return Err(AssignmentRefused::BlockedForAgents(value.to_owned()));
    }
    if principal.kind() == BlueprintPrincipal::NAME && resource.is_directory() && inherent_role() == Some(role) {
        return Err(AssignmentRefused::Exists);
    }
    Ok(Some(found))
}

async fn refuse_duplicate(store: &TenantStore, new: NewAssignment) -> Result<(), Failure> {
    let principal = IndexKey::uuid(new.principal.uuid());
    let held = store.all_by_index::<AppRoleAssignment>(AppRoleAssignment::PRINCIPAL, &principal).await?;
    let same = |held: &AppRoleAssignment| held.resource_id == new.resource && held.app_role_id == new.role;
    if held.iter().any(|object| same(&object.body)) { Err(AssignmentRefused::Exists.into()) } else { Ok(()) }
}
