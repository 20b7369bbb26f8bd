//! Who belongs to what, computed when asked: assigned links, rules, and groups in groups.
//!
//! Circles of groups are allowed and read once.

use crate::membership_rule::{Facts, MembershipRule};
use crate::responsibility::MANAGER;
use crate::{Group, User};
use serde_json::Value;
use signet_kernel::{Failure, ObjectId};
use signet_store::{Id, IndexKey, Kind, ListQuery, Liveness, Object, Row, TenantStore};
use std::collections::BTreeSet;

/// The relation from a group, or an administrative unit, to what was assigned to it.
pub const MEMBERS: &str = "members";

/// How many people are asked at once whether a rule fits them.
const PAGE: usize = 500;

/// Who belongs to a group or an administrative unit directly, in the order of their ids.
pub async fn members(store: &TenantStore, id: ObjectId) -> Result<Vec<ObjectId>, Failure> {
    match store.find(Id::<Group>::of(id)).await? {
        Some(group) if group.body.is_dynamic() => match group.body.rule_in_force() {
            Some(rule) => people_matching(store, &rule).await,
            None => Ok(Vec::new()),
        },
        _ => Ok(store.links_from(id, MEMBERS).await?.links.iter().map(|link| link.target).collect()),
    }
}

/// Who belongs to a group, directly or through groups in it, in the order of their ids.
pub async fn transitive_members(store: &TenantStore, id: ObjectId) -> Result<Vec<ObjectId>, Failure> {
    let (mut found, mut waiting) = (BTreeSet::new(), vec![id]);
    while let Some(group) = waiting.pop() {
        for member in members(store, group).await? {
            if found.insert(member) && store.find(Id::<Group>::of(member)).await?.is_some() {
                waiting.push(member);
            }
        }
    }
    Ok(found.into_iter().collect())
}

/// The groups and administrative units that an object belongs to directly.
pub async fn member_of(store: &TenantStore, id: ObjectId) -> Result<Vec<ObjectId>, Failure> {
    let mut found = assigned_to(store, id).await?;
    found.extend(groups_by_rule(store, id).await?);
    Ok(found.into_iter().collect())
}

/// The groups that an object belongs to, directly or through other groups, and the administrative units that it
/// belongs to itself: a unit that holds a group does not hold the group's members.
pub async fn transitive_member_of(store: &TenantStore, id: ObjectId) -> Result<Vec<ObjectId>, Failure> {
    let mut found: BTreeSet<ObjectId> = member_of(store, id).await?.into_iter().collect();
    let mut waiting: Vec<ObjectId> = found.iter().copied().collect();
    while let Some(below) = waiting.pop() {
        if store.find(Id::<Group>::of(below)).await?.is_none() {
            continue;
        }
        for above in assigned_to(store, below).await? {
            if store.find(Id::<Group>::of(above)).await?.is_some() && found.insert(above) {
                waiting.push(above);
            }
        }
    }
    Ok(found.into_iter().collect())
}

/// What an object is assigned to.
async fn assigned_to(store: &TenantStore, id: ObjectId) -> Result<BTreeSet<ObjectId>, Failure> {
    Ok(store.links_to(id, MEMBERS).await?.links.iter().map(|link| link.source).collect())
}

/// The groups whose rules fit a person.
async fn groups_by_rule(store: &TenantStore, id: ObjectId) -> Result<Vec<ObjectId>, Failure> {
    let groups = store.all_by_index::<Group>(Group::DYNAMIC, &IndexKey::bool(true)).await?;
    let Some(row) = store.read_row(id).await?.filter(|row| row.kind == User::NAME && row.deleted.is_none()) else {
        return Ok(Vec::new());
    };
    if groups.is_empty() {
        return Ok(Vec::new());
    }
    let person = Person::find(store, &row).await?;
    let fits = |group: &&Object<Group>| group.body.rule_in_force().is_some_and(|rule| person.fits(store, &rule));
    Ok(groups.iter().filter(fits).map(|group| group.id.object()).collect())
}

async fn people_matching(store: &TenantStore, rule: &MembershipRule) -> Result<Vec<ObjectId>, Failure> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let kinds = vec![User::NAME];
        let page = store.list(ListQuery { kinds, liveness: Liveness::Live, after, limit: PAGE, index: None }).await?;
        for row in &page.items {
            if Person::find(store, row).await?.fits(store, rule) {
                found.push(row.id);
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok(found);
        }
    }
}

/// What rules ask about one person.
struct Person {
    members: Value,
    manager: Option<ObjectId>,
    assigned: Vec<ObjectId>,
}

impl Person {
    async fn find(store: &TenantStore, row: &Row) -> Result<Self, Failure> {
        let mut members: Value = serde_json::from_slice(&row.body).map_err(Failure::bug)?;
        if let Value::Object(members) = &mut members {
            members.insert("id".to_owned(), row.id.to_string().into());
            members.entry("userType").or_insert_with(|| User::MEMBER.into());
        }
        let manager = store.links_from(row.id, MANAGER).await?.links.first().map(|link| link.target);
        Ok(Self { members, manager, assigned: assigned_to(store, row.id).await?.into_iter().collect() })
    }

    fn fits(&self, store: &TenantStore, rule: &MembershipRule) -> bool {
        let now = store.context().now();
        rule.matches(&Facts { person: &self.members, manager: self.manager, assigned: &self.assigned, now })
    }
}
