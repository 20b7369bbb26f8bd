//! What an agent holds, against a second, naive reading of the rule.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::Map;
use signet_directory::{AppRole, DIRECTORY_APP_ID};
use signet_kernel::{AppId, ObjectId};
use signet_permissions::{
    AppRoleAssignment, EffectiveRole, InheritablePermission, InheritableRoles, InheritableScopes, Provenance,
    ResourceRoles, catalogue, effective, is_blocked_for_agents,
};
use std::collections::BTreeSet;
use uuid::Uuid;

/// One case: the directory API, of whose roles an agent may hold some, or another resource with the same roles.
#[derive(Debug, Clone)]
struct Case {
    app_id: AppId,
    roles: Vec<AppRole>,
    own: Vec<usize>,
    passed_on: Vec<usize>,
    elsewhere: Vec<usize>,
    rule: Option<InheritableRoles>,
    ceiling: Option<Vec<usize>>,
}

const RESOURCE: ObjectId = ObjectId::from_uuid(Uuid::from_u128(1));
const OTHER: ObjectId = ObjectId::from_uuid(Uuid::from_u128(2));

fn case() -> impl Strategy<Value = Case> {
    let count = catalogue::directory_roles().len();
    let some = || vec(0..count, 0..8);
    let value = |index: usize| catalogue::directory_roles()[index].value.clone().unwrap();
    let rule = prop_oneof![
        Just(InheritableRoles::AllAllowed),
        Just(InheritableRoles::None),
        some().prop_map(move |roles| InheritableRoles::Enumerated { roles: roles.into_iter().map(value).collect() }),
    ];
    let disabled = some();
    (any::<bool>(), some(), some(), some(), option::of(rule), option::of(some()), disabled).prop_map(
        |(directory, own, passed_on, elsewhere, rule, ceiling, disabled)| {
            let mut roles = catalogue::directory_roles().to_vec();
            disabled.into_iter().for_each(|index| roles[index].is_enabled = false);
            let app_id = if directory { DIRECTORY_APP_ID } else { AppId::from_uuid(Uuid::from_u128(3)) };
            Case { app_id, roles, own, passed_on, elsewhere, rule, ceiling }
        },
    )
}

impl Case {
    fn value(&self, index: usize) -> String {
        self.roles[index].value.clone().unwrap()
    }

    fn assignments(&self, indices: &[usize], resource: ObjectId) -> Vec<AppRoleAssignment> {
        let assignment = |index: &usize| AppRoleAssignment {
            principal_id: ObjectId::from_uuid(Uuid::from_u128(4)),
            resource_id: resource,
            app_role_id: self.roles[*index].id,
            other: Map::new(),
        };
        indices.iter().map(assignment).collect()
    }

    fn ceiling(&self) -> Option<Vec<String>> {
        let entry = |index: &usize| format!("{}/{}", self.app_id, self.value(*index));
        self.ceiling.as_ref().map(|ceiling| ceiling.iter().map(entry).collect())
    }

    fn rules(&self) -> Vec<InheritablePermission> {
        let rule = |roles: InheritableRoles| InheritablePermission {
            blueprint: ObjectId::from_uuid(Uuid::from_u128(5)),
            resource_app_id: self.app_id,
            inheritable_scopes: InheritableScopes::None,
            inheritable_roles: roles,
            other: Map::new(),
        };
        self.rule.clone().map(rule).into_iter().collect()
    }

    fn effective(&self) -> Vec<EffectiveRole> {
        let own = [self.assignments(&self.own, RESOURCE), self.assignments(&self.elsewhere, OTHER)].concat();
        let passed_on =
            [self.assignments(&self.passed_on, RESOURCE), self.assignments(&self.elsewhere, OTHER)].concat();
        let rules = self.rules();
        effective(
            ResourceRoles { id: RESOURCE, app_id: self.app_id, roles: &self.roles },
            &own.iter().collect::<Vec<_>>(),
            &passed_on.iter().collect::<Vec<_>>(),
            &rules.iter().collect::<Vec<_>>(),
            self.ceiling().as_deref(),
        )
    }

    fn values(&self) -> BTreeSet<String> {
        self.effective().into_iter().map(|role| role.value).collect()
    }

    /// The rule read again, role by role.
    fn holds(&self, index: usize) -> bool {
        let value = self.value(index);
        let inherits = self.rule.as_ref().is_some_and(|rule| rule.covers(&value)) && self.passed_on.contains(&index);
        self.roles[index].is_enabled
            && (self.own.contains(&index) || inherits)
            && self.ceiling.as_ref().is_none_or(|ceiling| ceiling.contains(&index))
            && !is_blocked_for_agents(self.app_id, &value)
    }
}

proptest! {
    #[test]
    fn invariant_03_rights_only_shrink(case in case()) {
        let expected: BTreeSet<_> =
            (0..case.roles.len()).filter(|index| case.holds(*index)).map(|index| case.value(index)).collect();
        prop_assert_eq!(case.values(), expected);
    }

    #[test]
    fn invariant_03_no_ceiling_and_no_narrower_rule_ever_adds_a_right(case in case(), ceiling in vec(0..27_usize, 0..8)) {
        let before = case.values();
        let lowered = Case {
            ceiling: Some(case.ceiling.clone().map_or(ceiling.clone(), |old| {
                old.into_iter().filter(|index| ceiling.contains(index)).collect()
            })),
            ..case.clone()
        };
        prop_assert!(lowered.values().is_subset(&before));
        let shut = Case { rule: None, ..case };
        prop_assert!(shut.values().is_subset(&before));
    }

    #[test]
    fn invariant_05_what_the_principal_loses_its_agents_lose(case in case()) {
        let without = Case { passed_on: Vec::new(), ..case };
        prop_assert!(without.effective().iter().all(|role| role.provenance == Provenance::Own));
    }
}
