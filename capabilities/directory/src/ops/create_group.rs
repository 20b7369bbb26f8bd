//! Makes a group.

use super::change_members::check_members;
use crate::Group;
use crate::activities::ADD_GROUP;
use crate::body::{JsonMap, bound, members, typed};
use crate::creation::sign;
use crate::membership::MEMBERS;
use crate::responsibility::{OWNERS, audited, changes, check_owners, link_people, named_target};
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_store::{Id, UnitOfWork};

/// Creates a group of a create's members, with those that `members@odata.bind` and `owners@odata.bind` name.
pub async fn create_group(call: &Call, body: JsonMap) -> Result<ObjectId, Failure> {
    call.store.run(|| attempt(call, body.clone())).await.map(|(id, _)| id)
}

async fn attempt(call: &Call, mut body: JsonMap) -> Result<(UnitOfWork, ObjectId), Failure> {
    let owners = bound(&mut body, OWNERS)?.unwrap_or_default();
    let owners = check_owners(&call.store, &owners).await?;
    let assigned = bound(&mut body, MEMBERS)?.unwrap_or_default();
    body.retain(|_, value| !value.is_null());
    sign(&mut body, &call.caller);
    if body.contains_key("membershipRule") {
        body.entry("membershipRuleProcessingState").or_insert("On".into());
    }
    let group: Group = typed(body)?;
    group.check(None)?;
    group.check_role_assignable(&call.caller)?;
    let assigned = check_members(call, &group, &assigned).await?;

    let id = call.store.context().new_object_id();
    let mut unit = call.store.unit();
    unit.create(Id::of(id), &group);
    link_people(&mut unit, id, &[], &owners);
    for member in assigned {
        unit.link(id, MEMBERS, member);
    }
    let target = named_target(id, &group).with_modified(changes(None, Some(&members(&group))));
    unit.audit(audited(call, &ADD_GROUP, vec![target]));
    Ok((unit, id))
}
