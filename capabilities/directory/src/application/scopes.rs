//! The delegated permissions that a resource may define, and the clients that it trusts with them beforehand.

use super::roles::is_value;
use crate::body::bad_request;
use crate::{ApiApplication, PermissionScope};
use signet_kernel::{AppId, Failure};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Why what an application says of itself as a resource is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Refused {
    #[error("A scope has the id all zeros; choose another GUID.")]
    NilId,
    #[error("Two scopes have the id '{0}'.")]
    IdTwice(Uuid),
    #[error("Two scopes have the value '{0}'.")]
    ValueTwice(String),
    #[error("The scope '{0}' has no value; it is what tokens carry in 'scp'.")]
    NoValue(Uuid),
    #[error(
        "'{0}' cannot be the value of a scope: 1 to 120 printable ASCII characters, no space, no '\"' or '\\', not starting with '.'."
    )]
    Value(String),
    #[error("The type of the scope '{0}' is 'User' or 'Admin'.")]
    Type(Uuid),
    #[error("The scope '{0}' is enabled; disable it in one request and remove it in the next.")]
    Enabled(Uuid),
    #[error("preAuthorizedApplications names '{scope}' for '{client}', which is not the id of a scope defined here.")]
    NoSuchScope { client: AppId, scope: Uuid },
    #[error("preAuthorizedApplications names '{0}' twice; list all its scopes in one entry.")]
    ClientTwice(AppId),
}

/// Checks what the application is about to say of itself, against what it says.
pub(super) fn check_api(old: Option<&ApiApplication>, new: &ApiApplication) -> Result<(), Failure> {
    let old = old.map_or(&[][..], |old| &old.oauth2_permission_scopes);
    let scopes = check_scopes(old, &new.oauth2_permission_scopes);
    scopes.and_then(|()| check_pre_authorized(new)).map_err(|refused| {
        let failure = bad_request("api", refused.to_string());
        match refused {
            // SPEC: Graph: an enabled scope is not removed, under this code
            Refused::Enabled(_) => Failure { code: "CannotDeleteOrUpdateEnabledEntitlement".into(), ..failure },
            _ => failure,
        }
    })
}

fn check_scopes(old: &[PermissionScope], new: &[PermissionScope]) -> Result<(), Refused> {
    let (mut ids, mut values) = (BTreeSet::new(), BTreeSet::new());
    for scope in new {
        if scope.id.is_nil() {
            return Err(Refused::NilId);
        }
        if !ids.insert(scope.id) {
            return Err(Refused::IdTwice(scope.id));
        }
        if ![PermissionScope::USER, PermissionScope::ADMIN].contains(&scope.kind.as_str()) {
            return Err(Refused::Type(scope.id));
        }
        let value = scope.value.as_ref().ok_or(Refused::NoValue(scope.id))?;
        if !is_value(value) {
            return Err(Refused::Value(value.clone()));
        }
        if !values.insert(value) {
            return Err(Refused::ValueTwice(value.clone()));
        }
    }
    match old.iter().find(|scope| scope.is_enabled && !ids.contains(&scope.id)) {
        Some(removed) => Err(Refused::Enabled(removed.id)),
        None => Ok(()),
    }
}

fn check_pre_authorized(api: &ApiApplication) -> Result<(), Refused> {
    let defined: BTreeSet<Uuid> = api.oauth2_permission_scopes.iter().map(|scope| scope.id).collect();
    let mut clients = BTreeSet::new();
    for client in &api.pre_authorized_applications {
        if !clients.insert(client.app_id) {
            return Err(Refused::ClientTwice(client.app_id));
        }
        if let Some(scope) = client.delegated_permission_ids.iter().find(|id| !defined.contains(id)) {
            return Err(Refused::NoSuchScope { client: client.app_id, scope: *scope });
        }
    }
    Ok(())
}

/// Whether somebody could do less under `new`: a scope is gone, off, or called otherwise.
pub(super) fn are_narrowed(old: &[PermissionScope], new: &[PermissionScope]) -> bool {
    let stands = |was: &PermissionScope| new.iter().any(|is| is.id == was.id && is.is_enabled && is.value == was.value);
    old.iter().filter(|scope| scope.is_enabled).any(|scope| !stands(scope))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PreAuthorizedApplication;

    fn scope(id: u128, value: &str, enabled: bool) -> PermissionScope {
        PermissionScope {
            id: Uuid::from_u128(id),
            value: Some(value.to_owned()),
            kind: PermissionScope::ADMIN.to_owned(),
            is_enabled: enabled,
            admin_consent_description: None,
            admin_consent_display_name: None,
            user_consent_description: None,
            user_consent_display_name: None,
        }
    }

    #[test]
    fn scopes_have_distinct_ids_and_values_and_a_type() {
        let one = Uuid::from_u128(1);
        assert_eq!(check_scopes(&[], &[scope(0, "A", true)]), Err(Refused::NilId));
        assert_eq!(check_scopes(&[], &[scope(1, "A", true), scope(1, "B", true)]), Err(Refused::IdTwice(one)));
        let twice = check_scopes(&[], &[scope(1, "A", true), scope(2, "A", true)]);
        assert!(matches!(twice, Err(Refused::ValueTwice(_))));
        assert!(matches!(check_scopes(&[], &[scope(1, "a b", true)]), Err(Refused::Value(_))));
        let unnamed = PermissionScope { value: None, ..scope(1, "", true) };
        assert_eq!(check_scopes(&[], &[unnamed]), Err(Refused::NoValue(one)));
        let untyped = PermissionScope { kind: "Everybody".to_owned(), ..scope(1, "A", true) };
        assert_eq!(check_scopes(&[], &[untyped]), Err(Refused::Type(one)));
        assert_eq!(check_scopes(&[], &[scope(1, "Mail.Read", true), scope(2, "a:b/c", false)]), Ok(()));
    }

    #[test]
    fn a_scope_is_disabled_before_it_is_removed() {
        assert_eq!(check_scopes(&[scope(1, "A", true)], &[]), Err(Refused::Enabled(Uuid::from_u128(1))));
        assert_eq!(check_scopes(&[scope(1, "A", false)], &[]), Ok(()));
        assert!(are_narrowed(&[scope(1, "A", true)], &[scope(1, "A", false)]));
        assert!(!are_narrowed(&[scope(1, "A", true)], &[scope(1, "A", true), scope(2, "B", true)]));
    }

    #[test]
    fn a_client_is_trusted_with_scopes_that_exist_and_named_once() {
        let client = AppId::from_uuid(Uuid::from_u128(9));
        let trusts = |ids: &[u128]| PreAuthorizedApplication {
            app_id: client,
            delegated_permission_ids: ids.iter().copied().map(Uuid::from_u128).collect(),
        };
        let api = |clients: Vec<PreAuthorizedApplication>| ApiApplication {
            oauth2_permission_scopes: vec![scope(1, "A", true)],
            pre_authorized_applications: clients,
            ..ApiApplication::default()
        };
        let unknown = Refused::NoSuchScope { client, scope: Uuid::from_u128(2) };
        assert_eq!(check_pre_authorized(&api(vec![trusts(&[1, 2])])), Err(unknown));
        assert_eq!(check_pre_authorized(&api(vec![trusts(&[1]), trusts(&[])])), Err(Refused::ClientTwice(client)));
        assert_eq!(check_pre_authorized(&api(vec![trusts(&[1])])), Ok(()));
    }
}
