//! The one computation of what an agent may do alone.

use crate::blocked::is_blocked_for_agents;
use crate::{AppRoleAssignment, InheritablePermission};
use signet_directory::AppRole;
use signet_kernel::{AppId, ObjectId};
use std::collections::BTreeMap;

/// Where a right comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provenance {
    /// Assigned to the agent itself.
    Own,
    /// Assigned to the blueprint principal and passed on.
    Inherited,
}

/// An application permission that an agent holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EffectiveRole {
    /// What tokens carry in `roles`.
    pub value: String,
    /// Where it comes from; its own assignment wins.
    pub provenance: Provenance,
}

/// A resource and the roles it defines.
#[derive(Debug, Clone, Copy)]
pub struct ResourceRoles<'a> {
    /// The resource's service principal.
    pub id: ObjectId,
    /// Its client id.
    pub app_id: AppId,
    /// What it defines.
    pub roles: &'a [AppRole],
}

/// The application permissions an agent holds for one resource:
/// (own ∪ inherited) ∩ the blueprint's ceiling − what an agent may never receive.
pub fn effective(
    resource: ResourceRoles<'_>,
    own: &[&AppRoleAssignment],
    principals: &[&AppRoleAssignment],
    inheritable: &[&InheritablePermission],
    ceiling: Option<&[String]>,
) -> Vec<EffectiveRole> {
    let rule = inheritable.iter().find(|rule| rule.resource_app_id == resource.app_id);
    let inherited = assigned(resource, principals)
        .filter(|value| rule.is_some_and(|rule| rule.inheritable_roles.covers(value)))
        .map(|value| (value, Provenance::Inherited));
    let own = assigned(resource, own).map(|value| (value, Provenance::Own));
    // Later entries win: its own assignment is named before an inherited one.
    let held: BTreeMap<&str, Provenance> = inherited.chain(own).collect();
    held.into_iter()
        .filter(|(value, _)| !is_blocked_for_agents(resource.app_id, value))
        .filter(|(value, _)| {
            ceiling
                .is_none_or(|ceiling| ceiling.iter().any(|allowed| *allowed == format!("{}/{value}", resource.app_id)))
        })
        .map(|(value, provenance)| EffectiveRole { value: value.to_owned(), provenance })
        .collect()
}

/// The values of the enabled roles of `resource` that `assignments` name.
fn assigned<'a>(resource: ResourceRoles<'a>, assignments: &'a [&AppRoleAssignment]) -> impl Iterator<Item = &'a str> {
    assignments.iter().filter(move |assignment| assignment.resource_id == resource.id).filter_map(move |assignment| {
        let role = resource.roles.iter().find(|role| role.id == assignment.app_role_id && role.is_enabled)?;
        role.value.as_deref()
    })
}
