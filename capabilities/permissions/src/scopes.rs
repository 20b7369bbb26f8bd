//! The one computation of what an agent may do in somebody's name.

use crate::blocked::is_scope_blocked_for_agents;
use crate::{DelegatedGrant, InheritablePermission, Provenance, Withheld};
use signet_directory::PermissionScope;
use signet_kernel::{AppId, ObjectId};
use std::collections::BTreeMap;

/// A delegated permission that an agent holds for somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EffectiveScope {
    /// What tokens carry in `scp`.
    pub value: String,
    /// Where it comes from; its own grant wins.
    pub provenance: Provenance,
}

/// A resource and the scopes it defines.
#[derive(Debug, Clone, Copy)]
pub struct ResourceScopes<'a> {
    /// The resource's service principal.
    pub id: ObjectId,
    /// Its client id.
    pub app_id: AppId,
    /// What it defines.
    pub scopes: &'a [PermissionScope],
}

/// What one scope of one grant comes to for an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JudgedScope<'a> {
    /// The grant.
    pub grant: &'a DelegatedGrant,
    /// Where it comes from.
    pub provenance: Provenance,
    /// The scope.
    pub value: &'a str,
    /// Why it gives nothing, if it does not.
    pub withheld: Option<Withheld>,
}

/// The delegated permissions an agent holds for one resource when it acts for `user`:
/// (own ∪ inherited) ∩ the blueprint's ceiling − what an agent may never receive.
pub fn effective_scopes(
    resource: ResourceScopes<'_>,
    user: ObjectId,
    own: &[&DelegatedGrant],
    principals: &[&DelegatedGrant],
    inheritable: &[&InheritablePermission],
    ceiling: Option<&[String]>,
) -> Vec<EffectiveScope> {
    // Later entries win: its own grant is named before an inherited one.
    let held: BTreeMap<&str, Provenance> = judged_scopes(resource, own, principals, inheritable, ceiling)
        .filter(|judged| judged.withheld.is_none() && judged.grant.is_for(user))
        .map(|judged| (judged.value, judged.provenance))
        .collect();
    held.into_iter().map(|(value, provenance)| EffectiveScope { value: value.to_owned(), provenance }).collect()
}

/// What each scope of the grants of one resource comes to: those of the blueprint principal first, then the agent's
/// own.
pub fn judged_scopes<'a>(
    resource: ResourceScopes<'a>,
    own: &'a [&'a DelegatedGrant],
    principals: &'a [&'a DelegatedGrant],
    inheritable: &'a [&'a InheritablePermission],
    ceiling: Option<&'a [String]>,
) -> impl Iterator<Item = JudgedScope<'a>> {
    let rule = inheritable.iter().find(|rule| rule.resource_app_id == resource.app_id);
    let passed_on = move |value: &str| rule.is_some_and(|rule| rule.inheritable_scopes.covers(value));
    let all = |from: &'a [&'a DelegatedGrant], provenance| {
        let of_resource = from.iter().filter(move |grant| grant.resource_id == resource.id);
        of_resource.flat_map(move |grant| grant.scopes().map(move |value| (*grant, provenance, value)))
    };
    let each = all(principals, Provenance::Inherited).chain(all(own, Provenance::Own));
    each.map(move |(grant, provenance, value)| {
        let withheld = match provenance {
            _ if is_off(resource.scopes, value) => Some(Withheld::ScopeDisabled),
            Provenance::Inherited if !passed_on(value) => Some(Withheld::NotPassedOn),
            _ => limit(resource.app_id, value, ceiling),
        };
        JudgedScope { grant, provenance, value, withheld }
    })
}

/// Whether the resource defines the scope and has switched it off. A resource need not list what it understands.
fn is_off(scopes: &[PermissionScope], value: &str) -> bool {
    scopes.iter().any(|scope| scope.value.as_deref() == Some(value) && !scope.is_enabled)
}

/// What bounds every agent of a blueprint, whatever was granted.
fn limit(resource: AppId, value: &str, ceiling: Option<&[String]>) -> Option<Withheld> {
    if is_scope_blocked_for_agents(resource, value) {
        return Some(Withheld::BlockedForAgents);
    }
    (!Withheld::is_within(ceiling, resource, value)).then_some(Withheld::AboveCeiling)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ConsentType, InheritableRoles, InheritableScopes};
    use signet_directory::DIRECTORY_APP_ID;
    use uuid::Uuid;

    const USER: ObjectId = ObjectId::from_uuid(Uuid::from_u128(1));
    const RESOURCE: ObjectId = ObjectId::from_uuid(Uuid::from_u128(2));
    const APP: AppId = AppId::from_uuid(Uuid::from_u128(3));

    fn grant(scope: &str, principal: Option<ObjectId>) -> DelegatedGrant {
        DelegatedGrant {
            client_id: ObjectId::from_uuid(Uuid::from_u128(4)),
            consent_type: if principal.is_some() { ConsentType::Principal } else { ConsentType::AllPrincipals },
            principal_id: principal,
            resource_id: RESOURCE,
            scope: scope.to_owned(),
            other: serde_json::Map::new(),
        }
    }

    fn passes(app: AppId, scopes: InheritableScopes) -> InheritablePermission {
        InheritablePermission {
            blueprint: USER,
            resource_app_id: app,
            inheritable_scopes: scopes,
            inheritable_roles: InheritableRoles::None,
            other: serde_json::Map::new(),
        }
    }

    fn held(
        app_id: AppId,
        own: &DelegatedGrant,
        principals: &DelegatedGrant,
        rule: &InheritablePermission,
        ceiling: Option<&[String]>,
    ) -> Vec<(String, Provenance)> {
        let resource = ResourceScopes { id: RESOURCE, app_id, scopes: &[] };
        let all = effective_scopes(resource, USER, &[own], &[principals], &[rule], ceiling);
        all.into_iter().map(|scope| (scope.value, scope.provenance)).collect()
    }

    #[test]
    fn a_grant_for_somebody_else_gives_nothing() {
        let other = grant("Mail.Read", Some(RESOURCE));
        let rule = passes(APP, InheritableScopes::AllAllowed);
        assert_eq!(held(APP, &other, &other, &rule, None), []);
    }

    #[test]
    fn what_a_rule_does_not_cover_stays_with_the_principal() {
        let (own, principals) = (grant("a b", Some(USER)), grant("b c d", None));
        let rule = passes(APP, InheritableScopes::Enumerated { scopes: vec!["b".to_owned(), "c".to_owned()] });
        let expected = [("a", Provenance::Own), ("b", Provenance::Own), ("c", Provenance::Inherited)];
        assert_eq!(held(APP, &own, &principals, &rule, None), expected.map(|(value, from)| (value.to_owned(), from)));
    }

    #[test]
    fn invariant_3_nothing_blocked_nor_above_the_ceiling_is_held() {
        let all = grant("Directory.AccessAsUser.All User.Read", None);
        let rule = passes(DIRECTORY_APP_ID, InheritableScopes::AllAllowed);
        let user_read = vec![("User.Read".to_owned(), Provenance::Own)];
        assert_eq!(held(DIRECTORY_APP_ID, &all, &all, &rule, None), user_read);
        let ceiling = [format!("{DIRECTORY_APP_ID}/Mail.Read")];
        assert_eq!(held(DIRECTORY_APP_ID, &all, &all, &rule, Some(&ceiling)), []);
    }

    #[test]
    fn a_scope_that_its_resource_has_switched_off_is_not_held() {
        let off: PermissionScope =
            serde_json::from_value(serde_json::json!({"id": Uuid::from_u128(5), "value": "a", "isEnabled": false}))
                .unwrap();
        let resource = ResourceScopes { id: RESOURCE, app_id: APP, scopes: &[off] };
        let own = grant("a b", None);
        let all: Vec<_> = judged_scopes(resource, &[&own], &[], &[], None).map(|judged| judged.withheld).collect();
        assert_eq!(all, [Some(Withheld::ScopeDisabled), None]);
    }
}
