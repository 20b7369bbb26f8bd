//! The app roles that a resource may define.

use crate::AppRole;
use crate::body::bad_request;
use signet_kernel::{Failure, Fault};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Why a list of app roles is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Refused {
    #[error("An app role has the id all zeros, which stands for default access; choose another GUID.")]
    NilId,
    #[error("Two app roles have the id '{0}'.")]
    IdTwice(Uuid),
    #[error("Two app roles have the value '{0}'.")]
    ValueTwice(String),
    #[error(
        "'{0}' cannot be the value of an app role: 1 to 120 printable ASCII characters, no space, no '\"' or '\\', not starting with '.'."
    )]
    Value(String),
    #[error("allowedMemberTypes of the app role '{0}' lists 'Application', 'User' or both.")]
    MemberTypes(Uuid),
    #[error("The app role '{0}' is enabled; disable it in one request and remove it in the next.")]
    Enabled(Uuid),
}

/// Checks the roles an application is about to have, against those it has.
pub(super) fn check_app_roles(old: &[AppRole], new: &[AppRole]) -> Result<(), Failure> {
    check(old, new).map_err(|refused| {
        let failure = bad_request("appRoles", refused.to_string());
        match refused {
            // SPEC: Graph: an enabled role is not removed, under this code
            Refused::Enabled(_) => Failure { code: "CannotDeleteOrUpdateEnabledEntitlement".into(), ..failure },
            _ => Failure { fault: Fault::Input, ..failure },
        }
    })
}

fn check(old: &[AppRole], new: &[AppRole]) -> Result<(), Refused> {
    let (mut ids, mut values) = (BTreeSet::new(), BTreeSet::new());
    for role in new {
        if role.id.is_nil() {
            return Err(Refused::NilId);
        }
        if !ids.insert(role.id) {
            return Err(Refused::IdTwice(role.id));
        }
        let known = |kind: &String| kind == "Application" || kind == "User";
        if role.allowed_member_types.is_empty() || !role.allowed_member_types.iter().all(known) {
            return Err(Refused::MemberTypes(role.id));
        }
        let Some(value) = &role.value else { continue };
        if !is_value(value) {
            return Err(Refused::Value(value.clone()));
        }
        if !values.insert(value) {
            return Err(Refused::ValueTwice(value.clone()));
        }
    }
    match old.iter().find(|role| role.is_enabled && !ids.contains(&role.id)) {
        Some(removed) => Err(Refused::Enabled(removed.id)),
        None => Ok(()),
    }
}

/// Whether tokens can carry it among the values of a list with spaces between them.
pub(super) fn is_value(value: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    !value.is_empty() && value.len() <= 120 && !value.starts_with('.') && value.bytes().all(fits)
}

/// Whether a holder of some old role could have less under `new`: a role is gone, off, or called otherwise.
pub(super) fn are_narrowed(old: &[AppRole], new: &[AppRole]) -> bool {
    let stands = |role: &AppRole| new.iter().any(|now| now.id == role.id && now.is_enabled && now.value == role.value);
    old.iter().filter(|role| role.is_enabled).any(|role| !stands(role))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(id: u128, value: &str, enabled: bool) -> AppRole {
        AppRole {
            id: Uuid::from_u128(id),
            allowed_member_types: vec!["Application".to_owned()],
            display_name: None,
            description: None,
            is_enabled: enabled,
            value: Some(value.to_owned()),
        }
    }

    #[test]
    fn roles_have_distinct_ids_and_values_that_fit_a_token() {
        assert_eq!(check(&[], &[role(0, "A", true)]), Err(Refused::NilId));
        assert_eq!(check(&[], &[role(1, "A", true), role(1, "B", true)]), Err(Refused::IdTwice(Uuid::from_u128(1))));
        assert!(matches!(check(&[], &[role(1, "A", true), role(2, "A", true)]), Err(Refused::ValueTwice(_))));
        for value in ["", " ", "a b", ".a", "ä", "a\"", &"x".repeat(121)] {
            assert!(matches!(check(&[], &[role(1, value, true)]), Err(Refused::Value(_))), "{value:?}");
        }
        let nobody = AppRole { allowed_member_types: Vec::new(), ..role(1, "A", true) };
        assert!(matches!(check(&[], &[nobody]), Err(Refused::MemberTypes(_))));
        assert_eq!(check(&[], &[role(1, "Mail.Read", true), role(2, "a:b/c", false)]), Ok(()));
    }

    #[test]
    fn a_role_is_disabled_before_it_is_removed() {
        let removed = Refused::Enabled(Uuid::from_u128(1));
        assert_eq!(check(&[role(1, "A", true)], &[]), Err(removed));
        assert_eq!(check(&[role(1, "A", false)], &[]), Ok(()));
        assert!(are_narrowed(&[role(1, "A", true)], &[role(1, "A", false)]));
        assert!(are_narrowed(&[role(1, "A", true)], &[role(1, "B", true)]));
        assert!(!are_narrowed(&[role(1, "A", true)], &[role(1, "A", true), role(2, "B", true)]));
    }
}
