//! Assigns objects to groups and administrative units, and takes them away.

use super::load;
use crate::body::{bad_request, not_found};
use crate::container::Container;
use crate::membership::MEMBERS;
use crate::responsibility::{audited, named_target, target_of_row};
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_store::{Object, Precondition, Row, UnitOfWork};
use std::collections::BTreeSet;

/// Assigns `member` to the group or unit `id`.
pub async fn add_member<C: Container>(call: &Call, id: ObjectId, member: ObjectId) -> Result<(), Failure> {
    let attempt = || async {
        let found = load::<C>(call, id).await?;
        let (mut unit, row) = changing(call, &found, member).await?;
        found.body.check_member(&row)?;
        if holds(call, id, member).await? {
            let message = "One or more added object references already exist for the following modified properties: \
                           'members'.";
            return Err(bad_request(MEMBERS, message));
        }
        unit.link(id, MEMBERS, member);
        let targets = vec![target_of_row(call, &row).await?, named_target(id, &found.body)];
        unit.audit(audited(call, &C::ADDED, targets));
        Ok((unit, ()))
    };
    call.store.run(attempt).await.map(drop)
}

/// Takes `member` away from the group or unit `id`.
pub async fn remove_member<C: Container>(call: &Call, id: ObjectId, member: ObjectId) -> Result<(), Failure> {
    let attempt = || async {
        let found = load::<C>(call, id).await?;
        let (mut unit, row) = changing(call, &found, member).await?;
        if !holds(call, id, member).await? {
            return Err(not_found(member));
        }
        unit.unlink(id, MEMBERS, member);
        let targets = vec![target_of_row(call, &row).await?, named_target(id, &found.body)];
        unit.audit(audited(call, &C::REMOVED, targets));
        Ok((unit, ()))
    };
    call.store.run(attempt).await.map(drop)
}

/// A unit that commits only while the container is what was seen, and the object in question.
async fn changing<C: Container>(
    call: &Call,
    found: &Object<C>,
    member: ObjectId,
) -> Result<(UnitOfWork, Row), Failure> {
    found.body.check_change(&call.caller)?;
    let mut unit = call.store.unit();
    unit.expect(Precondition::Version(found.id.object(), found.version));
    Ok((unit, living(call, member).await?))
}

async fn holds(call: &Call, id: ObjectId, member: ObjectId) -> Result<bool, Failure> {
    Ok(call.store.links_from(id, MEMBERS).await?.links.iter().any(|link| link.target == member))
}

async fn living(call: &Call, id: ObjectId) -> Result<Row, Failure> {
    call.store.read_row(id).await?.filter(|row| row.deleted.is_none()).ok_or_else(|| not_found(id))
}

/// The objects that a create assigns to `container`, each once.
pub(super) async fn check_members<C: Container>(
    call: &Call,
    container: &C,
    ids: &[ObjectId],
) -> Result<BTreeSet<ObjectId>, Failure> {
    let ids: BTreeSet<ObjectId> = ids.iter().copied().collect();
    if !ids.is_empty() {
        container.check_change(&call.caller)?;
    }
    for id in &ids {
        let row = call.store.read_row(*id).await?.filter(|row| row.deleted.is_none());
        let row =
            row.ok_or_else(|| bad_request("members@odata.bind", format!("'{id}' is not an object of this tenant.")))?;
        container.check_member(&row)?;
    }
    Ok(ids)
}
