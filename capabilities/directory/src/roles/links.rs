//! What owners and sponsors may do to what they own or answer for, without any role.
//!
//! SPEC: entra.md 1.5: an owner changes, deletes and restores a thing, adds credentials, and says who owns it and
//! answers for it; a sponsor switches it off and on. Neither gives it rights.

use crate::responsibility::{OWNERS, SPONSORS};
use signet_graph::Deed;

/// Kinds that are owned.
const OWNED: &[&str] = &[
    "application",
    "servicePrincipal",
    "group",
    "agentIdentityBlueprint",
    "agentIdentityBlueprintPrincipal",
    "agentIdentity",
];
/// Kinds that somebody answers for.
const SPONSORED: &[&str] = &["agentIdentityBlueprint", "agentIdentityBlueprintPrincipal", "agentIdentity", "agentUser"];
/// Properties that hold owners themselves to something, or that are a matter of their own.
const NOT_FOR_OWNERS: &[&str] =
    &["permissionCeiling", "agentNamePattern", "customSecurityAttributes", "isAssignableToRole"];
/// Parts that owners change.
const PARTS_OF_OWNERS: &[&str] =
    &["owners", "sponsors", "members", "federatedIdentityCredentials", "inheritablePermissions"];
/// Actions that owners call.
const ACTIONS_OF_OWNERS: &[&str] = &["addPassword", "removePassword", "addKey", "removeKey", "deletionPreview"];

/// The relations of an object of a kind whose far ends may do this to it.
pub fn relations_for(kind: &str, deed: Deed) -> Vec<&'static str> {
    let owners = OWNED.contains(&kind) && owner_may(deed);
    let sponsors = SPONSORED.contains(&kind) && sponsor_may(deed);
    [(owners, OWNERS), (sponsors, SPONSORS)].into_iter().filter(|(may, _)| *may).map(|(_, relation)| relation).collect()
}

fn owner_may(deed: Deed) -> bool {
    match deed {
        Deed::Read | Deed::Delete | Deed::Restore | Deed::ReadPart(_) => true,
        Deed::Update(property) => !property.is_empty() && !NOT_FOR_OWNERS.contains(&property),
        Deed::Turn(property, _) => !NOT_FOR_OWNERS.contains(&property),
        Deed::ChangePart(part) => PARTS_OF_OWNERS.contains(&part),
        Deed::Call(action) => ACTIONS_OF_OWNERS.contains(&action),
        Deed::Create | Deed::Purge => false,
    }
}

fn sponsor_may(deed: Deed) -> bool {
    matches!(deed, Deed::Read | Deed::Turn("accountEnabled" | "isDisabled", _))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_owners_nor_sponsors_give_rights_or_purge() {
        for kind in OWNED.iter().chain(SPONSORED).chain(&["user", "unifiedRoleAssignment"]) {
            for deed in [
                Deed::Create,
                Deed::Purge,
                Deed::Update("permissionCeiling"),
                Deed::Update("customSecurityAttributes"),
                Deed::ChangePart("appRoleAssignments"),
                Deed::ChangePart("appRoleAssignedTo"),
                Deed::ChangePart("oauth2PermissionGrants"),
            ] {
                assert!(relations_for(kind, deed).is_empty(), "{kind} {deed:?}");
            }
        }
    }

    #[test]
    fn an_owner_changes_and_a_sponsor_switches() {
        assert_eq!(relations_for("agentIdentity", Deed::Update("displayName")), [OWNERS]);
        assert_eq!(relations_for("agentIdentity", Deed::Delete), [OWNERS]);
        for on in [true, false] {
            assert_eq!(relations_for("agentIdentity", Deed::Turn("accountEnabled", on)), [OWNERS, SPONSORS]);
            assert_eq!(relations_for("agentUser", Deed::Turn("accountEnabled", on)), [SPONSORS]);
        }
        assert!(relations_for("user", Deed::Update("displayName")).is_empty());
    }
}
