//! The decision.

use super::{PermissionGrantPolicy, PermissionType};
use signet_kernel::{AppId, ObjectId, TenantId};
use uuid::Uuid;

/// A grant that somebody is about to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GrantFacts<'a> {
    /// Who grants.
    pub grantor: ObjectId,
    /// The client that they use.
    pub grantor_app: AppId,
    /// Of which kind the permission is.
    pub kind: PermissionType,
    /// Whose permission it is.
    pub resource: AppId,
    /// The permission's name; empty for default access.
    pub permission: &'a str,
    /// Its id, where it is known.
    pub permission_id: Option<Uuid>,
    /// Whom it is granted to.
    pub client: AppId,
    /// The blueprint of that client, where it is an agent.
    pub blueprint: Option<AppId>,
    /// Who published it, if that is verified.
    pub publisher: Option<&'a str>,
    /// The tenant in which it is registered.
    pub tenant: TenantId,
}

/// Whether a grant is within the policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GrantDecision {
    /// It is, by the policy of this id.
    Permitted(String),
    /// No policy includes it, or the ones that do exclude it.
    Refused,
}

/// Decides about one grant: it must be within one of `policies`.
pub fn decide(policies: &[PermissionGrantPolicy], facts: &GrantFacts<'_>) -> GrantDecision {
    match policies.iter().find(|policy| policy.covers(facts)) {
        Some(policy) => GrantDecision::Permitted(policy.name.clone()),
        None => GrantDecision::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const RESOURCE: u128 = 0x7;
    const BLUEPRINT: u128 = 0xb;

    fn facts(permission: &str) -> GrantFacts<'_> {
        GrantFacts {
            grantor: ObjectId::from_uuid(Uuid::from_u128(1)),
            grantor_app: AppId::from_uuid(Uuid::from_u128(2)),
            kind: PermissionType::Application,
            resource: AppId::from_uuid(Uuid::from_u128(RESOURCE)),
            permission,
            permission_id: Some(Uuid::from_u128(9)),
            client: AppId::from_uuid(Uuid::from_u128(0xa)),
            blueprint: Some(AppId::from_uuid(Uuid::from_u128(BLUEPRINT))),
            publisher: None,
            tenant: TenantId::from_uuid(Uuid::from_u128(3)),
        }
    }

    fn policy(includes: Value, excludes: Value) -> PermissionGrantPolicy {
        let set = |mut set: Value| {
            set["permissionType"] = set.get("permissionType").cloned().unwrap_or(json!("application"));
            set
        };
        let sets = |sets: Value| sets.as_array().unwrap().iter().cloned().map(set).collect::<Vec<_>>();
        serde_json::from_value(json!({"name": "p", "includes": sets(includes), "excludes": sets(excludes)})).unwrap()
    }

    fn permits(includes: Value, excludes: Value, facts: &GrantFacts<'_>) -> bool {
        decide(&[policy(includes, excludes)], facts) == GrantDecision::Permitted("p".to_owned())
    }

    #[test]
    fn nothing_is_within_no_policy_and_within_one_that_includes_nothing() {
        assert_eq!(decide(&[], &facts("Read")), GrantDecision::Refused);
        assert!(!permits(json!([]), json!([]), &facts("Read")));
    }

    #[test]
    fn every_condition_of_a_set_must_hold_and_one_set_suffices() {
        let id = |n: u128| Uuid::from_u128(n).to_string();
        let facts = facts("Read");
        for wrong in [
            json!({"permissionType": "delegated"}),
            json!({"resourceApplication": id(8)}),
            json!({"permissions": ["Write"]}),
            json!({"permissions": []}),
            json!({"clientApplicationIds": [id(0xc)]}),
            json!({"clientApplicationTenantIds": [id(4)]}),
            json!({"clientApplicationPublisherIds": ["x"]}),
            json!({"clientApplicationsFromVerifiedPublisherOnly": true}),
            json!({"grantorIds": [id(5)]}),
            json!({"resourceApplication": id(RESOURCE), "permissions": ["Write"]}),
        ] {
            assert!(!permits(json!([wrong]), json!([]), &facts), "{wrong}");
            assert!(permits(json!([wrong, {}]), json!([]), &facts), "{wrong} or anything");
        }
        for right in [
            json!({"resourceApplication": id(RESOURCE), "permissions": ["read"]}),
            json!({"permissions": [id(9)]}),
            json!({"clientApplicationIds": [id(BLUEPRINT)]}),
            json!({"clientApplicationIds": [id(0xa)]}),
            json!({"grantorIds": [id(1)]}),
            json!({"grantorIds": [id(2)]}),
        ] {
            assert!(permits(json!([right]), json!([]), &facts), "{right}");
            assert!(!permits(json!([{}]), json!([right]), &facts), "all but {right}");
        }
    }

    #[test]
    fn what_one_policy_excludes_another_may_include() {
        let strict = policy(json!([{}]), json!([{"permissions": ["Read"]}]));
        let other =
            PermissionGrantPolicy { name: "q".to_owned(), ..policy(json!([{"permissions": ["Read"]}]), json!([])) };
        assert_eq!(decide(&[strict, other], &facts("Read")), GrantDecision::Permitted("q".to_owned()));
    }
}
