//! Adding and removing owners and sponsors.

use super::candidates::{check_group_count, check_owner, check_sponsor};
use super::succession::mark_sponsorship;
use super::{MOST, OWNERS, SPONSORS, Thing, audited, target, target_of_row, target_with};
use crate::activities::{ADD_OWNER_TO_GROUP, REMOVE_OWNER_FROM_GROUP};
use crate::body::{bad_request, denied, not_found};
use signet_graph::Call;
use signet_kernel::{Caller, Failure, ObjectId};
use signet_logs::audit::{Activity, TargetType, activities};
use signet_store::{AuditEntry, LinkSet, Precondition, UnitOfWork};

/// What agent identities are called as callers.
const AGENT_IDENTITY: &str = "agentIdentity";

/// Why owners or sponsors stay as they are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Refused {
    #[error("The last sponsor cannot be removed: somebody must answer for it. Add another sponsor first.")]
    LastSponsor,
    #[error("One or more added object references already exist for the following modified properties: '{0}'.")]
    Exists(&'static str),
    #[error("It has {MOST} {0}, the most there can be; remove one first.")]
    Full(&'static str),
}

/// Makes a person answer for `source`.
pub async fn add_sponsor(call: &Call, source: &Thing, target: ObjectId) -> Result<(), Failure> {
    refuse_to_govern_itself(&call.caller, source)?;
    let sponsor = check_sponsor(&call.store, target).await?;
    let present = call.store.links_from(source.id, SPONSORS).await?;
    let present: Vec<ObjectId> = present.links.iter().map(|link| link.target).collect();
    check_group_count(&call.store, sponsor, &present).await?;
    add(call, source, SPONSORS, target).await
}

/// Makes a principal an owner of `source`.
pub async fn add_owner(call: &Call, source: &Thing, target: ObjectId) -> Result<(), Failure> {
    refuse_to_govern_itself(&call.caller, source)?;
    check_owner(&call.store, target).await?;
    add(call, source, OWNERS, target).await
}

/// Relieves a person of answering for `source`. Where somebody must answer for it, the last one stays.
pub async fn remove_sponsor(call: &Call, source: &Thing, target: ObjectId) -> Result<(), Failure> {
    refuse_to_govern_itself(&call.caller, source)?;
    remove(call, source, SPONSORS, target).await
}

/// Removes an owner of `source`; the last one too.
pub async fn remove_owner(call: &Call, source: &Thing, target: ObjectId) -> Result<(), Failure> {
    refuse_to_govern_itself(&call.caller, source)?;
    remove(call, source, OWNERS, target).await
}

/// Refuses an agent identity whatever it asks, and a blueprint what concerns itself or its own agents: who is
/// governed does not choose who governs.
pub fn refuse_to_govern_itself(caller: &Caller, thing: &Thing) -> Result<(), Failure> {
    if caller.kind == AGENT_IDENTITY {
        return Err(denied("This operation cannot be performed for the specified calling identity type."));
    }
    if caller.parent.is_some() && caller.parent == thing.blueprint {
        return Err(denied("A blueprint cannot change who owns or sponsors it or its agents; somebody else has to."));
    }
    Ok(())
}

async fn add(call: &Call, source: &Thing, relation: &'static str, target: ObjectId) -> Result<(), Failure> {
    let attempt = || async {
        let links = call.store.links_from(source.id, relation).await?;
        if holds(&links, target) {
            return Err(bad_request(relation, Refused::Exists(relation).to_string()));
        }
        if links.links.len() >= MOST {
            return Err(bad_request(relation, Refused::Full(relation).to_string()));
        }
        let mut unit = unit_on(call, source, relation, &links);
        unit.link(source.id, relation, target);
        if relation == SPONSORS {
            mark_sponsorship(&mut unit, target);
        }
        let after = links.links.iter().map(|link| link.target).chain([target]).collect();
        unit.audit(entry(call, source, relation, Step::Add, target, after).await?);
        Ok((unit, ()))
    };
    call.store.run(attempt).await.map(drop)
}

async fn remove(call: &Call, source: &Thing, relation: &'static str, target: ObjectId) -> Result<(), Failure> {
    let attempt = || async {
        let links = call.store.links_from(source.id, relation).await?;
        if !holds(&links, target) {
            return Err(not_found(target));
        }
        if relation == SPONSORS && source.naming.sponsored && links.links.len() == 1 {
            return Err(bad_request(relation, Refused::LastSponsor.to_string()));
        }
        let mut unit = unit_on(call, source, relation, &links);
        unit.unlink(source.id, relation, target);
        let after = links.links.iter().map(|link| link.target).filter(|id| *id != target).collect();
        unit.audit(entry(call, source, relation, Step::Remove, target, after).await?);
        Ok((unit, ()))
    };
    call.store.run(attempt).await.map(drop)
}

/// INVARIANT 7: two removals that both saw two sponsors cannot both commit; the second one decides again.
fn unit_on(call: &Call, source: &Thing, relation: &'static str, links: &LinkSet) -> UnitOfWork {
    let mut unit = call.store.unit();
    unit.expect(Precondition::Relation(source.id, relation, links.version));
    unit
}

fn holds(links: &LinkSet, target: ObjectId) -> bool {
    links.links.iter().any(|link| link.target == target)
}

/// Which way the relation changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Add,
    Remove,
}

/// Who came or went, then the thing as it is afterwards: the order of Entra's records.
async fn entry(
    call: &Call,
    source: &Thing,
    relation: &str,
    step: Step,
    principal: ObjectId,
    after: Vec<ObjectId>,
) -> Result<AuditEntry, Failure> {
    let of_application = source.naming.target == TargetType::Application;
    let of_group = source.naming.target == TargetType::Group;
    let activity: &Activity = match (relation == SPONSORS, step, of_application) {
        (false, Step::Add, _) if of_group => &ADD_OWNER_TO_GROUP,
        (false, Step::Remove, _) if of_group => &REMOVE_OWNER_FROM_GROUP,
        (true, Step::Add, _) => &activities::ADD_SPONSOR,
        (true, Step::Remove, _) => &activities::REMOVE_SPONSOR,
        (false, Step::Add, true) => &activities::ADD_OWNER_TO_APPLICATION,
        (false, Step::Add, false) => &activities::ADD_OWNER_TO_SERVICE_PRINCIPAL,
        (false, Step::Remove, true) => &activities::REMOVE_OWNER_FROM_APPLICATION,
        (false, Step::Remove, false) => &activities::REMOVE_OWNER_FROM_SERVICE_PRINCIPAL,
    };
    let thing = if relation == SPONSORS { target_with(source, after) } else { target(call, source).await? };
    let principal = match call.store.read_row(principal).await? {
        Some(row) => Some(target_of_row(call, &row).await?),
        None => None,
    };
    Ok(audited(call, activity, principal.into_iter().chain([thing]).collect()))
}
