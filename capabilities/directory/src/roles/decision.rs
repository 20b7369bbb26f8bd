//! Whether a principal may do something by its roles.

use super::{RolePermission, RoleScope, covers, entity_of};
use signet_kernel::ObjectId;

/// A role that a principal has, in a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldRole {
    /// What the role allows; nothing if it is disabled.
    pub permissions: Vec<RolePermission>,
    /// Where.
    pub scope: RoleScope,
}

/// What is acted on, as far as roles ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActedOn {
    /// Its stored kind, or that of what is about to be created.
    pub kind: String,
    /// Its id; none of what is about to be created, and of a whole collection.
    pub id: Option<ObjectId>,
    /// The administrative units that it is a member of.
    pub units: Vec<ObjectId>,
    /// Whether it is the principal itself.
    pub is_self: bool,
    /// Whether the principal owns it.
    pub is_owned: bool,
}

impl ActedOn {
    /// A collection, or an object of it that is about to be created.
    pub fn collection(kind: &str) -> Self {
        Self { kind: kind.to_owned(), id: None, units: Vec::new(), is_self: false, is_owned: false }
    }
}

/// Whether any of the roles allows `task` (`basic/update`, `create`, `standard/read`) on an object. The entity is that
/// of the object's own kind; a kind without an entity is reached by no role.
pub fn allowed(held: &[HeldRole], task: &str, object: &ActedOn) -> bool {
    let Some(entity) = entity_of(&object.kind) else { return false };
    allows(held, &format!("microsoft.directory/{entity}/{task}"), object)
}

/// The same, of a whole action.
pub fn allows(held: &[HeldRole], action: &str, object: &ActedOn) -> bool {
    held.iter().any(|role| {
        reaches(role.scope, action, object) && role.permissions.iter().any(|one| permits(one, action, object))
    })
}

impl HeldRole {
    /// Whether the role allows an action on some object.
    pub(crate) fn lists(&self, action: &str) -> bool {
        self.permissions.iter().any(|permission| permission.lists(action))
    }
}

impl RolePermission {
    fn lists(&self, action: &str) -> bool {
        let among = |actions: &[String]| actions.iter().any(|listed| covers(listed, action));
        among(&self.allowed_resource_actions) && !among(&self.excluded_resource_actions)
    }
}

const GIVING_ROLES: &str = "microsoft.directory/roleAssignments/";

/// INVARIANT: who administers a part of the directory does not widen it: it neither chooses whom a unit holds, and so
/// whom it reaches, nor gives roles.
fn reaches(scope: RoleScope, action: &str, object: &ActedOn) -> bool {
    match scope {
        RoleScope::Tenant => true,
        _ if action.starts_with(GIVING_ROLES) && !action.ends_with("/read") => false,
        RoleScope::Unit(unit) if object.id == Some(unit) => !action.ends_with("/members/update"),
        RoleScope::Unit(unit) => object.units.contains(&unit),
        RoleScope::Object(id) => object.id == Some(id),
    }
}

fn permits(permission: &RolePermission, action: &str, object: &ActedOn) -> bool {
    let applies = match permission.condition.as_deref() {
        None => true,
        Some(RolePermission::IS_SELF) => object.is_self,
        Some(RolePermission::IS_OWNER) => object.is_owned,
        Some(_) => false,
    };
    applies && permission.lists(action)
}
