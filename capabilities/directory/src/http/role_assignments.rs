//! `unifiedRoleAssignment`, and `scopedRoleMembers` of an administrative unit.

use super::role_definitions::{READ, WRITE};
use crate::body::{bad_request, not_found, wire};
use crate::ops;
use crate::roles::{RoleAssignment, RoleDefinition, RoleScope};
use async_trait::async_trait;
use serde_json::{Value, json};
use signet_graph::{
    Access, Call, ComplexType, Contained, Entity, EntityType, JsonMap, Property, PropertyType, Relation, Write,
};
use signet_kernel::{Failure, ObjectId};
use signet_store::{Id, Kind, Row};

const PROPERTIES: &[Property] = &[
    Property::new("principalId", PropertyType::Guid).indexed(),
    Property::new("roleDefinitionId", PropertyType::Guid).indexed(),
    Property::new("directoryScopeId", PropertyType::String(128)),
    // Known so that it is refused with the reason.
    Property::new("appScopeId", PropertyType::String(128)),
    Property::new("condition", PropertyType::String(1024)).read_only(),
    Property::new("principalOrganizationId", PropertyType::Guid).read_only().computed(),
];

/// `unifiedRoleAssignment`.
pub const ROLE_ASSIGNMENT: EntityType = EntityType {
    name: RoleAssignment::NAME,
    base: None,
    set: "roleManagement/directory/roleAssignments",
    kind: Some(RoleAssignment::NAME),
    properties: PROPERTIES,
    incompatible: &[],
    incompatible_code: "Request_BadRequest",
    alternate_keys: &[],
    access: Access { read: READ, create: WRITE, update: &[], delete: WRITE },
    beta_only: false,
};

/// Who has which role where, as a type of the directory.
#[derive(Debug, Clone, Copy)]
pub struct RoleAssignments;

fn id(body: &JsonMap, name: &str) -> Result<ObjectId, Failure> {
    let id = body.get(name).and_then(Value::as_str).and_then(|id| id.parse().ok());
    id.ok_or_else(|| bad_request(name, format!("'{name}' is the id of an object.")))
}

#[async_trait]
impl Entity for RoleAssignments {
    fn declaration(&self) -> &'static EntityType {
        &ROLE_ASSIGNMENT
    }

    fn is_alone(&self) -> bool {
        true
    }

    fn required(&self) -> &'static [&'static str] {
        &["principalId", "roleDefinitionId"]
    }

    fn view(&self, row: &Row) -> Result<JsonMap, Failure> {
        wire(row, &[])
    }

    fn relations(&self) -> Vec<Box<dyn Relation>> {
        vec![Box::new(End::Principal), Box::new(End::RoleDefinition)]
    }

    async fn complete(&self, call: &Call, _row: &Row, view: &mut JsonMap) -> Result<(), Failure> {
        view.insert("principalOrganizationId".to_owned(), json!(call.store.id()));
        Ok(())
    }

    async fn create(&self, call: &Call, body: JsonMap) -> Result<ObjectId, Failure> {
        if body.get("appScopeId").is_some_and(|scope| !scope.is_null()) {
            return Err(bad_request("appScopeId", "Roles are scoped to the directory; say 'directoryScopeId'."));
        }
        let scope = match body.get("directoryScopeId").and_then(Value::as_str) {
            None => RoleScope::Tenant,
            Some(scope) => RoleScope::parse(scope).ok_or_else(|| {
                bad_request("directoryScopeId", "'directoryScopeId' is /, /administrativeUnits/{id} or /{id}.")
            })?,
        };
        ops::assign_role(call, id(&body, "principalId")?, id(&body, "roleDefinitionId")?, scope).await
    }

    async fn delete(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        ops::unassign_role(call, id).await
    }
}

/// What an assignment is of, as relations that can be expanded.
#[derive(Debug, Clone, Copy)]
enum End {
    /// Who has the role.
    Principal,
    /// The role.
    RoleDefinition,
}

#[async_trait]
impl Relation for End {
    fn name(&self) -> &'static str {
        match self {
            Self::Principal => "principal",
            Self::RoleDefinition => "roleDefinition",
        }
    }

    fn target(&self) -> &'static str {
        match self {
            Self::Principal => "directoryObject",
            Self::RoleDefinition => RoleDefinition::NAME,
        }
    }

    fn single(&self) -> bool {
        true
    }

    fn read_only(&self) -> bool {
        true
    }

    async fn ends(&self, call: &Call, source: ObjectId) -> Result<Vec<ObjectId>, Failure> {
        let found = call.store.find(Id::<RoleAssignment>::of(source)).await?;
        let end = found.map(|assignment| match self {
            Self::Principal => assignment.body.principal_id,
            Self::RoleDefinition => assignment.body.role_definition_id,
        });
        Ok(end.into_iter().collect())
    }
}

/// `scopedRoleMembers`: the assignments that are scoped to a unit.
#[derive(Debug, Clone, Copy)]
pub struct ScopedRoleMembers;

#[async_trait]
impl Contained for ScopedRoleMembers {
    fn name(&self) -> &'static str {
        "scopedRoleMembers"
    }

    fn type_name(&self) -> &'static str {
        "scopedRoleMembership"
    }

    fn properties(&self) -> &'static [Property] {
        const PROPERTIES: &[Property] = &[
            Property::new("roleId", PropertyType::Guid),
            Property::new("roleMemberInfo", PropertyType::Complex("identity")),
            Property::new("administrativeUnitId", PropertyType::Guid).read_only(),
        ];
        PROPERTIES
    }

    fn required(&self) -> &'static [&'static str] {
        &["roleId", "roleMemberInfo"]
    }

    fn complex_types(&self) -> &'static [ComplexType] {
        const IDENTITY: &[Property] =
            &[Property::new("id", PropertyType::String(64)), Property::new("displayName", PropertyType::String(256))];
        &[ComplexType { name: "identity", properties: IDENTITY }]
    }

    fn stored(&self) -> (&'static str, &'static str) {
        (RoleAssignment::NAME, RoleAssignment::UNIT)
    }

    fn readable_with(&self) -> &'static [&'static str] {
        READ
    }

    fn writable_with(&self) -> &'static [&'static str] {
        WRITE
    }

    fn refuses(&self) -> &'static [Write] {
        &[Write::Update]
    }

    /// INVARIANT: who may write administrative units does not thereby give roles.
    fn only_writable_with(&self) -> bool {
        true
    }

    fn view(&self, row: &Row) -> Result<JsonMap, Failure> {
        let assignment: RoleAssignment = serde_json::from_slice(&row.body).map_err(Failure::bug)?;
        let unit = match assignment.scope() {
            Some(RoleScope::Unit(unit)) => json!(unit),
            _ => Value::Null,
        };
        let view = [
            ("id", json!(row.id)),
            ("administrativeUnitId", unit),
            ("roleId", json!(assignment.role_definition_id)),
            ("roleMemberInfo", json!({"id": assignment.principal_id})),
        ];
        Ok(view.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    async fn create(&self, call: &Call, parent: ObjectId, body: JsonMap) -> Result<ObjectId, Failure> {
        require_role_management(call)?;
        let member = body.get("roleMemberInfo").and_then(Value::as_object).cloned().unwrap_or_default();
        ops::assign_role(call, id(&member, "id")?, id(&body, "roleId")?, RoleScope::Unit(parent)).await
    }

    async fn delete(&self, call: &Call, parent: ObjectId, id: ObjectId) -> Result<(), Failure> {
        require_role_management(call)?;
        let found = call.store.find(Id::<RoleAssignment>::of(id)).await?;
        if found.and_then(|found| found.body.scope()) != Some(RoleScope::Unit(parent)) {
            return Err(not_found(id));
        }
        ops::unassign_role(call, id).await
    }
}

/// INVARIANT: who may write administrative units does not thereby give roles.
fn require_role_management(call: &Call) -> Result<(), Failure> {
    if call.caller.holds_any(WRITE) {
        return Ok(());
    }
    Err(crate::body::denied(format!("Giving roles needs the permission {}.", WRITE.join(", "))))
}
