//! Says whom somebody reports to.

use crate::User;
use crate::body::{JsonMap, bad_request, not_found};
use crate::responsibility::{MANAGER, Thing, audited, changes, target};
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_logs::audit::activities::SET_USER_MANAGER;
use signet_store::{Id, LinkSet, Precondition, UnitOfWork};
use std::collections::BTreeSet;

/// Why somebody does not become another's manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Refused {
    #[error("'{0}' is not a person of this tenant; a manager is a user.")]
    NotAPerson(ObjectId),
    #[error("'{0}' reports to this person already, directly or through others; nobody is their own manager.")]
    Cycle(ObjectId),
}

/// Has `report` report to `manager`, and to nobody else.
pub async fn set_manager(call: &Call, report: ObjectId, manager: ObjectId) -> Result<(), Failure> {
    call.store.run(|| attempt(call, report, Some(manager))).await.map(drop)
}

/// Has `report` report to nobody.
pub async fn remove_manager(call: &Call, report: ObjectId) -> Result<(), Failure> {
    call.store.run(|| attempt(call, report, None)).await.map(drop)
}

async fn attempt(call: &Call, report: ObjectId, manager: Option<ObjectId>) -> Result<(UnitOfWork, ()), Failure> {
    let row = call.store.read_row(report).await?.filter(|row| row.deleted.is_none());
    let row = row.ok_or_else(|| not_found(report))?;
    let before = call.store.links_from(report, MANAGER).await?;
    let mut unit = call.store.unit();
    unit.expect(Precondition::Relation(report, MANAGER, before.version));
    for link in &before.links {
        unit.unlink(report, MANAGER, link.target);
    }
    if let Some(manager) = manager {
        check(call, &mut unit, report, manager).await?;
        unit.link(report, MANAGER, manager);
    }
    let thing = Thing::find_of_row(&call.store, &row).await?;
    let modified = changes(Some(&told(reported_to(&before))), Some(&told(manager)));
    unit.audit(audited(call, &SET_USER_MANAGER, vec![target(call, &thing).await?.with_modified(modified)]));
    Ok((unit, ()))
}

fn reported_to(links: &LinkSet) -> Option<ObjectId> {
    links.links.first().map(|link| link.target)
}

fn told(manager: Option<ObjectId>) -> JsonMap {
    manager.into_iter().map(|id| (MANAGER.to_owned(), id.to_string().into())).collect()
}

/// INVARIANT: nobody is above themselves. Two changes at once that would close a circle do not both commit: each
/// expects what it read of everybody above.
async fn check(call: &Call, unit: &mut UnitOfWork, report: ObjectId, manager: ObjectId) -> Result<(), Failure> {
    if call.store.find(Id::<User>::of(manager)).await?.is_none() {
        return Err(bad_request(MANAGER, Refused::NotAPerson(manager).to_string()));
    }
    let mut passed = BTreeSet::new();
    let mut above = Some(manager);
    while let Some(person) = above {
        if person == report {
            return Err(bad_request(MANAGER, Refused::Cycle(manager).to_string()));
        }
        if !passed.insert(person) {
            break;
        }
        let links = call.store.links_from(person, MANAGER).await?;
        unit.expect(Precondition::Relation(person, MANAGER, links.version));
        above = reported_to(&links);
    }
    Ok(())
}
