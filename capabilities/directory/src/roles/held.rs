//! Finds what the decision asks: the roles of a principal, and what is acted on.

use super::{ActedOn, HeldRole, RoleAssignment, RoleDefinition, RolePermission, built_in};
use crate::membership::MEMBERS;
use crate::responsibility::OWNERS;
use crate::{AdministrativeUnit, Group};
use signet_kernel::{Failure, ObjectId};
use signet_store::{Id, IndexKey, Kind, Row, TenantStore};

/// The roles that a principal has, itself or through groups that may be given roles: those hold no groups and have no
/// rules, so that what it is assigned to says it all.
pub async fn held_by(store: &TenantStore, principal: ObjectId) -> Result<Vec<HeldRole>, Failure> {
    let mut holders = vec![principal];
    for link in &store.links_to(principal, MEMBERS).await?.links {
        let group = store.find(Id::<Group>::of(link.source)).await?;
        holders.extend(group.filter(|group| group.body.is_assignable_to_role).map(|_| link.source));
    }
    let mut held = Vec::new();
    for holder in holders {
        let key = IndexKey::uuid(holder.uuid());
        for assignment in &*store.all_by_index::<RoleAssignment>(RoleAssignment::PRINCIPAL, &key).await? {
            let Some(scope) = assignment.body.scope() else { continue };
            let permissions = permissions(store, assignment.body.role_definition_id).await?;
            held.push(HeldRole { permissions, scope });
        }
    }
    Ok(held)
}

/// What a role allows now.
async fn permissions(store: &TenantStore, role: ObjectId) -> Result<Vec<RolePermission>, Failure> {
    if let Some(role) = built_in(role) {
        return Ok(RoleDefinition::of_built_in(role).role_permissions);
    }
    let found = store.find(Id::<RoleDefinition>::of(role)).await?.filter(|role| role.body.is_enabled);
    Ok(found.map(|role| role.body.role_permissions.clone()).unwrap_or_default())
}

/// The restricted administrative units that an object belongs to. Where there are any, only administrators of one of
/// them change the object: neither those of the whole tenant, nor its owners and sponsors, nor a permission.
pub async fn restricting(store: &TenantStore, object: ObjectId) -> Result<Vec<ObjectId>, Failure> {
    let mut units = Vec::new();
    for link in &store.links_to(object, MEMBERS).await?.links {
        let unit = store.find(Id::<AdministrativeUnit>::of(link.source)).await?;
        units.extend(unit.filter(|unit| unit.body.is_member_management_restricted).map(|_| link.source));
    }
    Ok(units)
}

/// A stored object, as `principal` acts on it; none if there is no such object.
pub async fn acted_on(store: &TenantStore, principal: ObjectId, object: ObjectId) -> Result<Option<ActedOn>, Failure> {
    match store.read_row(object).await? {
        Some(row) => acted_on_row(store, principal, &row).await.map(Some),
        None => Ok(None),
    }
}

/// The same, of an object that was read.
pub(super) async fn acted_on_row(store: &TenantStore, principal: ObjectId, row: &Row) -> Result<ActedOn, Failure> {
    let object = row.id;
    let mut units = Vec::new();
    for link in &store.links_to(object, MEMBERS).await?.links {
        units.extend(store.find(Id::<AdministrativeUnit>::of(link.source)).await?.map(|_| link.source));
    }
    // An administrator of a unit administers the unit itself too.
    units.extend((row.kind == AdministrativeUnit::NAME).then_some(object));
    let is_owned = store.links_from(object, OWNERS).await?.links.iter().any(|link| link.target == principal);
    Ok(ActedOn { kind: row.kind.clone(), id: Some(object), units, is_self: object == principal, is_owned })
}
