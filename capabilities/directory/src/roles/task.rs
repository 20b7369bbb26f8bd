//! What roles call the operations of the directory API.

use super::entity_of;
use signet_graph::Deed;

/// Parts of an object that are a matter of their own: who may change the object does not thereby change them.
const ENTITIES_OF_PARTS: &[(&str, &str)] =
    &[("scopedRoleMembers", "roleAssignments"), ("oauth2PermissionGrants", "oAuth2PermissionGrants")];

/// Properties, with the set that roles know them in; all others are `basic`.
const PROPERTY_SETS: &[(&str, &[&str])] = &[
    ("credentials", &["keyCredentials", "passwordCredentials"]),
    ("authentication", &["identifierUris", "web", "spa", "publicClient", "isFallbackPublicClient", "optionalClaims"]),
    ("permissions", &["api", "requiredResourceAccess", "permissionCeiling"]),
    ("appRoles", &["appRoles"]),
    ("audience", &["signInAudience"]),
    ("tag", &["tags"]),
    ("customSecurityAttributes", &["customSecurityAttributes"]),
];

/// Relations and collections, with the set that roles know them in; all others are known by their own names.
const PART_SETS: &[(&str, &[&str])] = &[
    ("credentials", &["federatedIdentityCredentials"]),
    ("permissions", &["inheritablePermissions"]),
    ("appRoleAssignedTo", &["appRoleAssignments"]),
];

/// Actions, with the task that roles know them as; all others are known by their own names.
const TASKS_OF_ACTIONS: &[(&str, &[&str])] = &[
    ("credentials/update", &["addPassword", "removePassword", "addKey", "removeKey"]),
    ("verification/update", &["setVerifiedPublisher", "unsetVerifiedPublisher"]),
    ("delete", &["deletionPreview"]),
];

/// The actions of which any one lets an administrator do this to objects of a kind; none, where no role does.
pub fn actions_of(kind: &str, deed: Deed) -> Vec<String> {
    let part = match deed {
        Deed::ReadPart(part) | Deed::ChangePart(part) => part,
        _ => "",
    };
    let own = ENTITIES_OF_PARTS.iter().find(|(known, _)| *known == part).map(|(_, entity)| *entity);
    let (entity, deed) = match (own, deed) {
        (Some(entity), Deed::ReadPart(_)) => (Some(entity), Deed::Read),
        (Some(entity), _) => (Some(entity), Deed::Update("")),
        (None, deed) => (entity_of(kind), deed),
    };
    let Some(entity) = entity else { return Vec::new() };
    tasks(deed).into_iter().map(|task| format!("microsoft.directory/{entity}/{task}")).collect()
}

fn tasks(deed: Deed) -> Vec<String> {
    let one = |task: &str| vec![task.to_owned()];
    match deed {
        Deed::Read => one("standard/read"),
        // Who may only create what it then owns is an owner from the start.
        Deed::Create => vec!["create".to_owned(), "createAsOwner".to_owned()],
        Deed::Delete => one("delete"),
        Deed::Restore => one("restore"),
        Deed::Purge => one("deletedItems/delete"),
        Deed::Update(property) => vec![format!("{}/update", set_of(PROPERTY_SETS, property).unwrap_or("basic"))],
        Deed::Turn("accountEnabled", true) | Deed::Turn("isDisabled", false) => one("enable"),
        Deed::Turn("accountEnabled", false) | Deed::Turn("isDisabled", true) => one("disable"),
        Deed::Turn(..) => one("basic/update"),
        Deed::ReadPart(part) => vec![format!("{}/read", set_of(PART_SETS, part).unwrap_or(part))],
        Deed::ChangePart(part) => vec![format!("{}/update", set_of(PART_SETS, part).unwrap_or(part))],
        Deed::Call(action) => one(set_of(TASKS_OF_ACTIONS, action).unwrap_or(action)),
    }
}

fn set_of(sets: &[(&'static str, &[&str])], name: &str) -> Option<&'static str> {
    sets.iter().find(|(_, names)| names.contains(&name)).map(|(set, _)| *set)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_gives_rights_to_others_is_no_update_of_the_object() {
        let of = |kind, deed| actions_of(kind, deed).join(" ");
        assert_eq!(
            of("administrativeUnit", Deed::ChangePart("scopedRoleMembers")),
            "microsoft.directory/roleAssignments/basic/update"
        );
        assert_eq!(
            of("agentIdentity", Deed::ChangePart("appRoleAssignments")),
            "microsoft.directory/agentIdentities/appRoleAssignedTo/update"
        );
        assert_eq!(
            of("agentIdentity", Deed::ChangePart("oauth2PermissionGrants")),
            "microsoft.directory/oAuth2PermissionGrants/basic/update"
        );
    }

    #[test]
    fn operations_have_the_names_that_roles_list() {
        let of = |deed| actions_of("application", deed).join(" ").replace("microsoft.directory/applications/", "");
        for (deed, task) in [
            (Deed::Read, "standard/read"),
            (Deed::Create, "create createAsOwner"),
            (Deed::Update("displayName"), "basic/update"),
            (Deed::Update("identifierUris"), "authentication/update"),
            (Deed::Turn("isDisabled", true), "disable"),
            (Deed::Turn("accountEnabled", true), "enable"),
            (Deed::ChangePart("owners"), "owners/update"),
            (Deed::ChangePart("federatedIdentityCredentials"), "credentials/update"),
            (Deed::Call("addPassword"), "credentials/update"),
        ] {
            assert_eq!(of(deed), task, "{deed:?}");
        }
        assert!(actions_of("nothing", Deed::Read).is_empty());
    }
}
