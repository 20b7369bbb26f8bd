//! The one computation of what an agent may do alone; what it may do for people is in `scopes.rs`.

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

/// Why an assignment gives an agent nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withheld {
    /// The resource defines no such role, or no longer.
    RoleGone,
    /// The resource has switched the role off.
    RoleDisabled,
    /// The resource has switched the scope off.
    ScopeDisabled,
    /// The blueprint does not pass it on.
    NotPassedOn,
    /// No agent ever holds it.
    BlockedForAgents,
    /// The blueprint's ceiling leaves it out.
    AboveCeiling,
}

impl Withheld {
    /// Whether a blueprint's ceiling, if it has one, leaves room for this permission of a resource.
    pub(crate) fn is_within(ceiling: Option<&[String]>, resource: AppId, value: &str) -> bool {
        let named = format!("{resource}/{value}");
        ceiling.is_none_or(|ceiling| ceiling.contains(&named))
    }

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::RoleGone => "roleGone",
            Self::RoleDisabled => "roleDisabled",
            Self::ScopeDisabled => "scopeDisabled",
            Self::NotPassedOn => "notPassedOn",
            Self::BlockedForAgents => "blockedForAgents",
            Self::AboveCeiling => "aboveCeiling",
        }
    }

    /// What is to be done about it.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::RoleGone => "The resource no longer defines this role; remove the assignment.",
            Self::RoleDisabled => "The resource has disabled this role; enable it there.",
            Self::ScopeDisabled => "The resource has disabled this scope; enable it there.",
            Self::NotPassedOn => {
                "The blueprint principal holds it, but no inheritablePermission of the blueprint covers it; add one \
                 for the resource, or give it to the agent itself."
            }
            Self::BlockedForAgents => "An agent identity never holds this permission, however it is granted.",
            Self::AboveCeiling => "The blueprint's permissionCeiling leaves it out; raise the ceiling.",
        }
    }
}

/// What one assignment comes to for an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judged<'a> {
    /// The assignment.
    pub assignment: &'a AppRoleAssignment,
    /// Where it comes from.
    pub provenance: Provenance,
    /// What tokens carry in `roles`; default access has no value.
    pub value: Option<&'a str>,
    /// Why it gives nothing, if it does not.
    pub withheld: Option<Withheld>,
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
    // Later entries win: its own assignment is named before an inherited one.
    let held: BTreeMap<&str, Provenance> = judged(resource, own, principals, inheritable, ceiling)
        .filter(|judged| judged.withheld.is_none())
        .filter_map(|judged| Some((judged.value?, judged.provenance)))
        .collect();
    held.into_iter().map(|(value, provenance)| EffectiveRole { value: value.to_owned(), provenance }).collect()
}

/// What each assignment of one resource comes to: those of the blueprint principal first, then the agent's own.
pub fn judged<'a>(
    resource: ResourceRoles<'a>,
    own: &'a [&'a AppRoleAssignment],
    principals: &'a [&'a AppRoleAssignment],
    inheritable: &'a [&'a InheritablePermission],
    ceiling: Option<&'a [String]>,
) -> impl Iterator<Item = Judged<'a>> {
    let rule = inheritable.iter().find(|rule| rule.resource_app_id == resource.app_id);
    let passed_on = move |value: &str| rule.is_some_and(|rule| rule.inheritable_roles.covers(value));
    let all = |from: &'a [&'a AppRoleAssignment], provenance| {
        let of_resource = from.iter().filter(move |assignment| assignment.resource_id == resource.id);
        of_resource.map(move |assignment| (*assignment, provenance))
    };
    all(principals, Provenance::Inherited).chain(all(own, Provenance::Own)).map(move |(assignment, provenance)| {
        let role = resource.roles.iter().find(|role| role.id == assignment.app_role_id);
        let value = role.and_then(|role| role.value.as_deref());
        let default_access = assignment.app_role_id.is_nil() && resource.roles.is_empty();
        let withheld = match role {
            None if default_access && provenance == Provenance::Own => None,
            None if default_access => Some(Withheld::NotPassedOn),
            None => Some(Withheld::RoleGone),
            Some(role) if !role.is_enabled => Some(Withheld::RoleDisabled),
            Some(_) => {
                let value = value.unwrap_or_default();
                match provenance {
                    Provenance::Inherited if !passed_on(value) => Some(Withheld::NotPassedOn),
                    _ => limit(resource.app_id, value, ceiling),
                }
            }
        };
        Judged { assignment, provenance, value, withheld }
    })
}

/// What bounds every agent of a blueprint, whatever it was given.
fn limit(resource: AppId, value: &str, ceiling: Option<&[String]>) -> Option<Withheld> {
    if is_blocked_for_agents(resource, value) {
        return Some(Withheld::BlockedForAgents);
    }
    (!Withheld::is_within(ceiling, resource, value)).then_some(Withheld::AboveCeiling)
}
