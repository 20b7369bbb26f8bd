//! Gives roles, and takes them.

use super::load;
use crate::activities::{
    ADD_MEMBER_TO_ROLE, ADD_SCOPED_MEMBER_TO_ROLE, REMOVE_MEMBER_FROM_ROLE, REMOVE_SCOPED_MEMBER_FROM_ROLE,
};
use crate::body::{bad_request, denied};
use crate::container::{AGENTS, is_principal};
use crate::responsibility::{audited, target_of_row};
use crate::roles::{RoleAssignment, RoleDefinition, RoleScope, built_in};
use crate::{AdministrativeUnit, Group};
use signet_graph::Call;
use signet_kernel::{Failure, Fault, ObjectId};
use signet_logs::audit::Target;
use signet_store::{Id, Kind, Precondition, Row, UnitOfWork};

/// Why a role is not given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Refused {
    #[error("'{0}' is not a principal of this tenant: a user, a service principal or a group.")]
    NoPrincipal(ObjectId),
    #[error("'{0}' is not a role of this tenant.")]
    NoRole(ObjectId),
    #[error("'{0}' is not a scope of this tenant: /, /administrativeUnits/{{id}} or /{{id}}.")]
    NoScope(RoleScope),
    #[error("The group '{0}' was not created with 'isAssignableToRole', so roles cannot be given to it.")]
    NotAssignable(ObjectId),
    #[error("'{0}' cannot be given to groups.")]
    NotForGroups(String),
    #[error("'{0}' cannot be given to agents: it is a privileged role, or one that changes something.")]
    NotForAgents(String),
    #[error("The principal has this role in this scope already.")]
    Exists,
}

impl Refused {
    fn at(self, member: &str) -> Failure {
        bad_request(member, self.to_string())
    }
}

/// Gives the role `role` to `principal` in a scope.
pub async fn assign_role(
    call: &Call,
    principal: ObjectId,
    role: ObjectId,
    scope: RoleScope,
) -> Result<ObjectId, Failure> {
    if AGENTS.contains(&call.caller.kind) {
        return Err(denied("This operation cannot be performed for the specified calling identity type."));
    }
    call.store.run(|| assigning(call, principal, role, scope)).await.map(|(id, _)| id)
}

async fn assigning(
    call: &Call,
    principal: ObjectId,
    role: ObjectId,
    scope: RoleScope,
) -> Result<(UnitOfWork, ObjectId), Failure> {
    let mut unit = call.store.unit();
    let row = living(call, principal).await?.filter(|row| is_principal(&row.kind));
    let row = row.ok_or_else(|| Refused::NoPrincipal(principal).at("principalId"))?;
    let definition = definition(call, &mut unit, role).await?;
    check_principal(call, &row, role, &definition).await?;
    check_scope(call, &mut unit, scope).await?;
    unit.expect(Precondition::Version(principal, row.version));

    let id = call.store.context().new_object_id();
    let assignment = RoleAssignment {
        principal_id: principal,
        role_definition_id: role,
        directory_scope_id: scope.to_string(),
        other: serde_json::Map::new(),
    };
    let key = signet_store::IndexKey::uuid(principal.uuid());
    let present = call.store.all_by_index::<RoleAssignment>(RoleAssignment::PRINCIPAL, &key).await?;
    if present.iter().any(|one| one.body == assignment) {
        return Err(Failure::new(
            Fault::Conflict,
            "Request_MultipleObjectsWithSameKeyValue",
            Refused::Exists.to_string(),
        ));
    }
    unit.create(Id::of(id), &assignment);
    let activity = if scope == RoleScope::Tenant { &ADD_MEMBER_TO_ROLE } else { &ADD_SCOPED_MEMBER_TO_ROLE };
    let targets = vec![target_of_row(call, &row).await?, told(role, &definition.display_name, scope)];
    unit.audit(audited(call, activity, targets));
    Ok((unit, id))
}

/// Takes the role of the assignment `id` away; the assignment is gone for good.
pub async fn unassign_role(call: &Call, id: ObjectId) -> Result<(), Failure> {
    let attempt = || async {
        let found = load::<RoleAssignment>(call, id).await?;
        let mut unit = call.store.unit();
        // What was deleted keeps its keys until it is purged, and the same role may be given again at once.
        unit.delete(&found, call.store.context().new_uuid()).purge(id);
        let scope = found.body.scope().unwrap_or(RoleScope::Tenant);
        let role = found.body.role_definition_id;
        let name = match built_in(role) {
            Some(role) => role.name.to_owned(),
            None => {
                let found = call.store.find_any(Id::<RoleDefinition>::of(role)).await?;
                found.map(|role| role.body.display_name.clone()).unwrap_or_default()
            }
        };
        let mut targets = Vec::new();
        if let Some(row) = call.store.read_row(found.body.principal_id).await? {
            targets.push(target_of_row(call, &row).await?);
        }
        targets.push(told(role, &name, scope));
        let activity =
            if scope == RoleScope::Tenant { &REMOVE_MEMBER_FROM_ROLE } else { &REMOVE_SCOPED_MEMBER_FROM_ROLE };
        unit.audit(audited(call, activity, targets));
        Ok::<_, Failure>((unit, ()))
    };
    call.store.run(attempt).await.map(drop)
}

fn told(role: ObjectId, name: &str, scope: RoleScope) -> Target {
    let name = if scope == RoleScope::Tenant { name.to_owned() } else { format!("{name} ({scope})") };
    Target::other(role.to_string(), name)
}

async fn living(call: &Call, id: ObjectId) -> Result<Option<Row>, Failure> {
    Ok(call.store.read_row(id).await?.filter(|row| row.deleted.is_none()))
}

/// The role, which stays as it is until the unit is committed.
async fn definition(call: &Call, unit: &mut UnitOfWork, role: ObjectId) -> Result<RoleDefinition, Failure> {
    if let Some(role) = built_in(role) {
        return Ok(RoleDefinition::of_built_in(role));
    }
    let found = call.store.find(Id::<RoleDefinition>::of(role)).await?;
    let found = found.ok_or_else(|| Refused::NoRole(role).at("roleDefinitionId"))?;
    unit.expect(Precondition::Version(role, found.version));
    Ok(found.body.clone())
}

async fn check_principal(call: &Call, row: &Row, role: ObjectId, definition: &RoleDefinition) -> Result<(), Failure> {
    let name = || definition.display_name.clone();
    let known = built_in(role);
    if row.kind == Group::NAME {
        let group = call.store.find(Id::<Group>::of(row.id)).await?;
        if !group.is_some_and(|group| group.body.is_assignable_to_role) {
            return Err(Refused::NotAssignable(row.id).at("principalId"));
        }
        if known.is_some_and(|role| !role.for_groups) {
            return Err(Refused::NotForGroups(name()).at("roleDefinitionId"));
        }
    }
    let is_agent = AGENTS.contains(&row.kind.as_str()) || row.kind == "agentIdentityBlueprintPrincipal";
    // An agent's user account holds no custom role; an agent one that only reads.
    let fits = match known {
        Some(role) => !role.privileged,
        None => row.kind != "agentUser" && definition.only_reads(),
    };
    if is_agent && !fits { Err(Refused::NotForAgents(name()).at("roleDefinitionId")) } else { Ok(()) }
}

async fn check_scope(call: &Call, unit: &mut UnitOfWork, scope: RoleScope) -> Result<(), Failure> {
    let missing = || Refused::NoScope(scope).at("directoryScopeId");
    let row = match scope {
        RoleScope::Tenant => return Ok(()),
        RoleScope::Unit(id) => living(call, id).await?.filter(|row| row.kind == AdministrativeUnit::NAME),
        RoleScope::Object(id) => living(call, id).await?,
    };
    let row = row.ok_or_else(missing)?;
    unit.expect(Precondition::Version(row.id, row.version));
    Ok(())
}
