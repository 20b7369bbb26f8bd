use super::*;
use signet_kernel::ObjectId;
use std::collections::BTreeSet;

fn id(last: u8) -> ObjectId {
    format!("0199a4b0-0000-7000-8000-0000000000{last:02x}").parse().unwrap()
}

fn held(name: &str, scope: RoleScope) -> Vec<HeldRole> {
    let role = built_in_roles().iter().find(|role| role.name == name).unwrap();
    vec![HeldRole { permissions: RoleDefinition::of_built_in(role).role_permissions, scope }]
}

fn object(kind: &str) -> ActedOn {
    ActedOn { id: Some(id(1)), units: vec![id(2)], ..ActedOn::collection(kind) }
}

fn custom(allowed: &[&str], excluded: &[&str], condition: Option<&str>) -> Vec<HeldRole> {
    let texts = |actions: &[&str]| actions.iter().map(|action| (*action).to_owned()).collect();
    let permission = RolePermission {
        allowed_resource_actions: texts(allowed),
        excluded_resource_actions: texts(excluded),
        condition: condition.map(str::to_owned),
    };
    vec![HeldRole { permissions: vec![permission], scope: RoleScope::Tenant }]
}

#[test]
fn row_23_agent_roles_reach_agent_types_only_and_application_roles_no_agents() {
    for name in ["Agent ID Administrator", "Agent ID Developer", "AI Administrator"] {
        for kind in ["user", "group", "application", "servicePrincipal", "unifiedRoleAssignment", "tenant", "unknown"] {
            for task in ["owners/update", "create", "createAsOwner", "delete", "credentials/update", "standard/read"] {
                assert!(!allowed(&held(name, RoleScope::Tenant), task, &object(kind)), "{name} {task} {kind}");
            }
        }
    }
    for kind in ["agentIdentity", "agentIdentityBlueprint", "agentIdentityBlueprintPrincipal", "agentUser"] {
        assert!(allowed(&held("Agent ID Administrator", RoleScope::Tenant), "owners/update", &object(kind)));
        assert!(!allowed(&held("Application Administrator", RoleScope::Tenant), "owners/update", &object(kind)));
    }
}

#[test]
fn a_developer_creates_and_changes_nothing() {
    let held = held("Agent ID Developer", RoleScope::Tenant);
    assert!(allowed(&held, "createAsOwner", &ActedOn::collection("agentIdentityBlueprint")));
    for task in ["create", "credentials/update", "basic/update", "delete"] {
        assert!(!allowed(&held, task, &object("agentIdentityBlueprint")), "{task}");
    }
}

#[test]
fn a_scope_reaches_its_unit_its_object_or_the_tenant() {
    let on = |scope, object: &ActedOn| allowed(&held("User Administrator", scope), "basic/update", object);
    assert!(on(RoleScope::Tenant, &object("user")));
    assert!(on(RoleScope::Unit(id(2)), &object("user")) && !on(RoleScope::Unit(id(3)), &object("user")));
    assert!(on(RoleScope::Object(id(1)), &object("user")) && !on(RoleScope::Object(id(2)), &object("user")));
    let new = ActedOn::collection("user");
    assert!(!on(RoleScope::Unit(id(2)), &new) && !on(RoleScope::Object(id(1)), &new));
}

#[test]
fn what_a_role_excludes_it_does_not_allow_and_a_condition_narrows_it() {
    let all = "microsoft.directory/agentIdentities/allProperties/allTasks";
    let no_delete = custom(&[all], &["microsoft.directory/agentIdentities/delete"], None);
    assert!(!allowed(&no_delete, "delete", &object("agentIdentity")));
    assert!(allowed(&no_delete, "basic/update", &object("agentIdentity")));
    let mine = custom(&[all], &[], Some(RolePermission::IS_OWNER));
    assert!(!allowed(&mine, "basic/update", &object("agentIdentity")));
    assert!(allowed(&mine, "basic/update", &ActedOn { is_owned: true, ..object("agentIdentity") }));
    assert!(!allowed(&custom(&[all], &[], Some("$Unheard")), "basic/update", &object("agentIdentity")));
    assert!(!allowed(&[], "standard/read", &object("agentIdentity")));
}

#[test]
fn wildcards_stand_for_any_and_words_for_themselves() {
    let on = |listed: &str, asked: &str| covers(&format!("n/{listed}"), &format!("n/{asked}"));
    for (listed, asked) in [
        ("users/create", "users/create"),
        ("users/allTasks", "users/basic/update"),
        ("users/allProperties/read", "users/standard/read"),
        ("users/allProperties/allTasks", "users/delete"),
        ("allEntities/allProperties/read", "groups/standard/read"),
    ] {
        assert!(on(listed, asked), "{listed} {asked}");
    }
    for (listed, asked) in [
        ("users/create", "users/delete"),
        ("users/create", "groups/create"),
        ("users/update", "users/basic/update"),
        ("users/basic/update", "users/update"),
        ("users/basic/update", "users/owners/update"),
        ("users/allProperties/read", "users/basic/update"),
        ("users", "users/create"),
        ("users/a/b/c", "users/a/b/c"),
    ] {
        assert!(!on(listed, asked), "{listed} {asked}");
    }
    assert!(!covers("microsoft.agentRegistry/users/create", "microsoft.directory/users/create"));
}

#[test]
fn a_scope_is_read_as_it_is_written() {
    for scope in [RoleScope::Tenant, RoleScope::Unit(id(1)), RoleScope::Object(id(2))] {
        assert_eq!(RoleScope::parse(&scope.to_string()), Some(scope));
    }
    for wrong in ["", "x", "/x", "/administrativeUnits/", "/administrativeUnits/x", "//"] {
        assert_eq!(RoleScope::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn built_in_roles_have_ids_and_names_of_their_own() {
    let ids: BTreeSet<_> = built_in_roles().iter().map(BuiltInRole::id).collect();
    let names: BTreeSet<_> = built_in_roles().iter().map(|role| role.name).collect();
    assert_eq!((ids.len(), names.len()), (built_in_roles().len(), built_in_roles().len()));
    let agent = "db506228-d27e-4b7d-95e5-295956d6615f".parse().unwrap();
    assert_eq!(built_in(agent).unwrap().name, "Agent ID Administrator");
    assert_eq!(built_in(id(1)), None);
}

#[test]
fn who_administers_a_unit_does_not_choose_whom_it_holds() {
    let unit = ActedOn { id: Some(id(2)), units: vec![id(2)], ..ActedOn::collection("administrativeUnit") };
    let may = |scope, task: &str| allowed(&held("Global Administrator", scope), task, &unit);
    assert!(!may(RoleScope::Unit(id(2)), "members/update"));
    assert!(may(RoleScope::Unit(id(2)), "basic/update") && may(RoleScope::Tenant, "members/update"));
    assert!(!may(RoleScope::Unit(id(3)), "basic/update"));
    let give = |scope| {
        let action = "microsoft.directory/roleAssignments/basic/update";
        allows(&held("Global Administrator", scope), action, &unit)
    };
    assert!(give(RoleScope::Tenant) && !give(RoleScope::Unit(id(2))) && !give(RoleScope::Object(id(2))));
}

#[test]
fn all_properties_are_neither_the_rights_that_objects_are_given_nor_their_attributes() {
    let may = |name: &str, kind: &str, task: &str| allowed(&held(name, RoleScope::Tenant), task, &object(kind));
    for task in ["appRoleAssignedTo/update", "customSecurityAttributes/update"] {
        assert!(!may("Agent ID Administrator", "agentIdentity", task), "{task}");
        assert!(!may("Application Administrator", "servicePrincipal", task), "{task}");
    }
    assert!(may("Privileged Role Administrator", "agentIdentity", "appRoleAssignedTo/update"));
    assert!(may("Global Administrator", "agentIdentity", "appRoleAssignedTo/update"));
    assert!(!may("Global Administrator", "agentIdentity", "customSecurityAttributes/update"));
    assert!(may("Attribute Assignment Administrator", "agentIdentity", "customSecurityAttributes/update"));
}
