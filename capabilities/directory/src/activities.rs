//! What is done to groups, administrative units, roles and attributes, under the names that public queries look for.

use signet_logs::audit::{Activity, OperationType};

const fn core(category: &'static str, name: &'static str, operation: OperationType) -> Activity {
    Activity { name, category, operation, service: "Core Directory" }
}

macro_rules! activities {
    ($($category:literal: { $($constant:ident = $name:literal, $operation:ident;)* })*) => {
        $($(pub(crate) const $constant: Activity = core($category, $name, OperationType::$operation);)*)*
    };
}

activities! {
    "GroupManagement": {
        ADD_GROUP = "Add group", Add;
        UPDATE_GROUP = "Update group", Update;
        DELETE_GROUP = "Delete group", Delete;
        RESTORE_GROUP = "Restore Group", Update;
        HARD_DELETE_GROUP = "Hard Delete group", Delete;
        ADD_MEMBER_TO_GROUP = "Add member to group", Assign;
        REMOVE_MEMBER_FROM_GROUP = "Remove member from group", Unassign;
        ADD_OWNER_TO_GROUP = "Add owner to group", Assign;
        REMOVE_OWNER_FROM_GROUP = "Remove owner from group", Unassign;
    }
    "AdministrativeUnit": {
        ADD_UNIT = "Add administrative unit", Add;
        UPDATE_UNIT = "Update administrative unit", Update;
        DELETE_UNIT = "Delete administrative unit", Delete;
        RESTORE_UNIT = "Restore administrative unit", Update;
        HARD_DELETE_UNIT = "Hard Delete administrative unit", Delete;
        ADD_MEMBER_TO_UNIT = "Add member to administrative unit", Assign;
        REMOVE_MEMBER_FROM_UNIT = "Remove member from administrative unit", Unassign;
    }
    "AttributeManagement": {
        ADD_ATTRIBUTE_SET = "Add attribute set", Add;
        UPDATE_ATTRIBUTE_SET = "Update attribute set", Update;
        ADD_ATTRIBUTE = "Add custom security attribute definition in an attribute set", Add;
        UPDATE_ATTRIBUTE = "Update custom security attribute definition in an attribute set", Update;
        GIVE_ATTRIBUTES = "Update attribute values assigned to an object", Update;
    }
    "RoleManagement": {
        ADD_ROLE_DEFINITION = "Add role definition", Add;
        UPDATE_ROLE_DEFINITION = "Update role definition", Update;
        DELETE_ROLE_DEFINITION = "Delete role definition", Delete;
        ADD_MEMBER_TO_ROLE = "Add member to role", Assign;
        REMOVE_MEMBER_FROM_ROLE = "Remove member from role", Unassign;
        ADD_SCOPED_MEMBER_TO_ROLE = "Add scoped member to role", Assign;
        REMOVE_SCOPED_MEMBER_FROM_ROLE = "Remove scoped member from role", Unassign;
    }
}

/// The names of deleting, restoring and purging a kind, where they are not those of the audit crate.
pub(crate) fn lifecycle(kind: &str) -> Option<[&'static Activity; 3]> {
    match kind {
        "group" => Some([&DELETE_GROUP, &RESTORE_GROUP, &HARD_DELETE_GROUP]),
        "administrativeUnit" => Some([&DELETE_UNIT, &RESTORE_UNIT, &HARD_DELETE_UNIT]),
        _ => None,
    }
}
