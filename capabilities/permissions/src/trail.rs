//! What the audit trail says of these operations.

use crate::{DelegatedGrant, InheritablePermission, Resource};
use signet_blueprints::Blueprint;
use signet_directory::body::members;
use signet_directory::responsibility::{Thing, audited, changes, target};
use signet_directory::{AppRole, ServicePrincipal};
use signet_graph::{Call, JsonMap};
use signet_kernel::{Failure, ObjectId, Timestamp};
use signet_logs::audit::{self, Activity, AppRoleGrant, Target, activities};
use signet_store::{AuditEntry, Kind, Object};
use uuid::Uuid;

/// Who holds which role of which resource, with what is still known of the three.
pub(crate) struct Grant<'a> {
    pub(crate) principal: &'a Resource,
    pub(crate) resource: Option<&'a Resource>,
    pub(crate) resource_id: ObjectId,
    pub(crate) role_id: Uuid,
    pub(crate) role: Option<&'a AppRole>,
    pub(crate) assigned: Timestamp,
}

/// The entries of a role that is being assigned.
pub(crate) async fn assigned(call: &Call, grant: &Grant<'_>) -> Result<[AuditEntry; 2], Failure> {
    let context = call.store.context();
    let names = names(grant.resource);
    let ids = [context.new_uuid(), context.new_uuid()];
    Ok(audit::app_role_assigned(&call.caller, context.now(), ids, &grant.described(call, &names).await?))
}

/// The entry of a role that is being taken away.
pub(crate) async fn unassigned(call: &Call, grant: &Grant<'_>) -> Result<AuditEntry, Failure> {
    let context = call.store.context();
    let names = names(grant.resource);
    let grant = grant.described(call, &names).await?;
    Ok(audit::app_role_unassigned(&call.caller, context.now(), context.new_uuid(), &grant))
}

impl Grant<'_> {
    async fn described<'n>(&'n self, call: &Call, names: &'n [String]) -> Result<AppRoleGrant<'n>, Failure> {
        Ok(AppRoleGrant {
            role: self.role_id,
            value: self.role.and_then(|role| role.value.as_deref()),
            role_name: self.role.and_then(|role| role.display_name.as_deref()),
            assigned: self.assigned,
            resource: target_of(call, self.resource_id).await?,
            resource_names: names,
            principal: target_of(call, self.principal.id).await?,
            principal_app: self.principal.app_id,
        })
    }
}

/// Names that a resource is asked for by.
fn names(resource: Option<&Resource>) -> Vec<String> {
    let Some(resource) = resource else { return Vec::new() };
    let uris = resource.application().map(|application| application.identifier_uris.clone()).unwrap_or_default();
    uris.into_iter().chain([resource.app_id.to_string()]).collect()
}

async fn target_of(call: &Call, principal: ObjectId) -> Result<Target, Failure> {
    match call.store.read_row(principal).await? {
        Some(row) => target(call, &Thing::find_of_row(&call.store, &row).await?).await,
        None => Ok(Target::new(ServicePrincipal::NAME, principal, "")),
    }
}

/// The entry of a change to what a blueprint passes on: before and after, where there is one.
pub(crate) async fn inheritance(
    call: &Call,
    blueprint: &Object<Blueprint>,
    before: Option<&InheritablePermission>,
    after: Option<&InheritablePermission>,
) -> Result<AuditEntry, Failure> {
    let activity: &Activity = match (before, after) {
        (None, _) => &activities::ADD_INHERITABLE_PERMISSION,
        (Some(_), Some(_)) => &activities::UPDATE_INHERITABLE_PERMISSION,
        (Some(_), None) => &activities::REMOVE_INHERITABLE_PERMISSION,
    };
    let (before, after) = (before.map(shown), after.map(shown));
    let changed = changes(before.as_ref(), after.as_ref());
    let target = target(call, &Thing::of(blueprint)).await?.with_modified(changed);
    Ok(audited(call, activity, vec![target]))
}

fn shown(rule: &InheritablePermission) -> JsonMap {
    let mut shown = members(rule);
    shown.shift_remove("blueprint");
    shown
}

/// The entries of a change to what a client may do for people: the grant before and after, where there is one.
pub(crate) async fn delegated(
    call: &Call,
    client: &Resource,
    resource: Option<&Resource>,
    (before, after): (Option<&DelegatedGrant>, Option<&DelegatedGrant>),
) -> Result<Vec<AuditEntry>, Failure> {
    let Some(either) = after.or(before) else { return Ok(Vec::new()) };
    let context = call.store.context();
    let consent_type = serde_json::to_value(either.consent_type).map_err(Failure::bug)?;
    let grant = audit::DelegatedGrant {
        before: before.map(|grant| grant.scope.as_str()),
        after: after.map(|grant| grant.scope.as_str()),
        consent_type: consent_type.as_str().unwrap_or_default(),
        resource: target_of(call, either.resource_id).await?,
        resource_names: &names(resource),
        client: target_of(call, either.client_id).await?,
        client_app: client.app_id,
    };
    let ids = [context.new_uuid(), context.new_uuid()];
    Ok(audit::delegated_grant_changed(&call.caller, context.now(), ids, &grant))
}
