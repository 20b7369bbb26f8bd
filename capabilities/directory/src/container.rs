//! What objects are assigned to: groups and administrative units.

use crate::body::{bad_request, denied};
use crate::{Group, User, activities};
use signet_credentials::Described;
use signet_kernel::{Caller, Failure};
use signet_logs::audit::Activity;
use signet_store::{Kind, Row};

/// The permission to decide who may hold roles through a group.
pub(crate) const ROLE_MANAGEMENT: &str = "RoleManagement.ReadWrite.Directory";

/// Why something is not assigned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Refused {
    #[error("The members of this group follow from its 'membershipRule'; change the rule, or the people.")]
    Dynamic,
    #[error("A {0} cannot be a member of a Microsoft 365 group.")]
    NotInUnified(String),
    #[error("A {0} cannot be a member of a group that may be given roles: no groups, no agents.")]
    NotInRoleAssignable(String),
    #[error("A {0} cannot be a member.")]
    NotAMember(String),
}

/// Something that objects are assigned to.
pub trait Container: Described {
    /// What the trail calls it when an object is assigned.
    const ADDED: Activity;
    /// What the trail calls it when one is taken away.
    const REMOVED: Activity;

    /// Whether this caller may say who belongs.
    fn check_change(&self, caller: &Caller) -> Result<(), Failure>;

    /// Whether this object may belong.
    fn check_member(&self, member: &Row) -> Result<(), Failure>;
}

/// Service principals of every type, by the names of their kinds, without agent identities.
const SERVICES: [&str; 2] = ["servicePrincipal", "agentIdentityBlueprintPrincipal"];
/// Agents and their user accounts.
pub(crate) const AGENTS: [&str; 2] = ["agentIdentity", "agentUser"];

pub(crate) fn is_principal(kind: &str) -> bool {
    kind == User::NAME || kind == Group::NAME || SERVICES.contains(&kind) || AGENTS.contains(&kind)
}

fn refused(why: &Refused) -> Failure {
    bad_request("members", why.to_string())
}

/// Refuses what is no principal.
pub(crate) fn check_principal(member: &Row) -> Result<(), Failure> {
    if is_principal(&member.kind) { Ok(()) } else { Err(refused(&Refused::NotAMember(member.kind.clone()))) }
}

impl Container for Group {
    const ADDED: Activity = activities::ADD_MEMBER_TO_GROUP;
    const REMOVED: Activity = activities::REMOVE_MEMBER_FROM_GROUP;

    fn check_change(&self, caller: &Caller) -> Result<(), Failure> {
        if self.is_dynamic() {
            return Err(refused(&Refused::Dynamic));
        }
        self.check_role_assignable(caller)
    }

    fn check_member(&self, member: &Row) -> Result<(), Failure> {
        check_principal(member)?;
        let kind = member.kind.as_str();
        if self.is_unified() && kind == Group::NAME {
            return Err(refused(&Refused::NotInUnified(member.kind.clone())));
        }
        if self.is_assignable_to_role && (kind == Group::NAME || AGENTS.contains(&kind)) {
            return Err(refused(&Refused::NotInRoleAssignable(member.kind.clone())));
        }
        Ok(())
    }
}

impl Group {
    /// INVARIANT: who may not give roles does not decide who holds them through a group.
    pub(crate) fn check_role_assignable(&self, caller: &Caller) -> Result<(), Failure> {
        if !self.is_assignable_to_role || caller.holds_any(&[ROLE_MANAGEMENT]) {
            return Ok(());
        }
        Err(denied(format!("This group may be given roles; changing it needs the permission {ROLE_MANAGEMENT} too.")))
    }
}
