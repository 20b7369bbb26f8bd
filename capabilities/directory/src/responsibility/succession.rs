//! When a person leaves, somebody else answers for what they sponsored: in the same transaction.

use super::heirs::Heirs;
use super::{SPONSORS, Thing, audited, target_of_row, target_with};
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_logs::audit::activities::ADD_SPONSOR;
use signet_store::{Precondition, Row, TenantStore, UnitOfWork};

/// Something that a person sponsored, and who answers for it from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Succession {
    /// What it is.
    pub thing: Thing,
    /// Who joins its sponsors; nobody if others remain.
    pub successors: Vec<ObjectId>,
    /// All who answer for it then.
    pub sponsors: Vec<ObjectId>,
}

/// Adds to `unit` that `person`, or a group, answers for nothing any more, and who does instead: the person's manager if there is
/// one; else, where nobody else remains, the blueprint's other sponsors, the tenant's fallback sponsor, or the oldest
/// other person.
///
/// Refuses only where something must have a sponsor and the tenant has no other person.
pub async fn pass_on_sponsorships(
    store: &TenantStore,
    unit: &mut UnitOfWork,
    person: ObjectId,
) -> Result<Vec<Succession>, Failure> {
    note_sponsorships(store, unit, person).await?;
    let sponsored = store.links_to(person, SPONSORS).await?;
    if sponsored.links.is_empty() {
        return Ok(Vec::new());
    }
    let mut heirs = Heirs::of(store, person).await?;
    let mut passed_on = Vec::with_capacity(sponsored.links.len());
    for link in &sponsored.links {
        let Some(row) = store.read_row(link.source).await? else { continue };
        unit.unlink(row.id, SPONSORS, person);
        passed_on.push(pass_on(&mut heirs, unit, &row).await?);
    }
    heirs.expect(unit);
    Ok(passed_on)
}

/// Adds to `unit`, which makes `person` answer for something, that the person is not to be deleted by anyone who has
/// not seen that.
///
/// INVARIANT 7: a deletion that read the person's sponsorships before this commit meets another version of this
/// relation, which holds no links, and decides again.
pub(super) fn mark_sponsorship(unit: &mut UnitOfWork, person: ObjectId) {
    unit.link(person, SPONSORSHIPS, person).unlink(person, SPONSORSHIPS, person);
}

/// The relation whose version alone matters.
const SPONSORSHIPS: &str = "sponsorships";

async fn note_sponsorships(store: &TenantStore, unit: &mut UnitOfWork, person: ObjectId) -> Result<(), Failure> {
    let version = store.links_from(person, SPONSORSHIPS).await?.version;
    unit.expect(Precondition::Relation(person, SPONSORSHIPS, version));
    Ok(())
}

/// Finds who joins the sponsors of one thing.
pub(super) async fn pass_on(heirs: &mut Heirs<'_>, unit: &mut UnitOfWork, row: &Row) -> Result<Succession, Failure> {
    let links = heirs.store.links_from(row.id, SPONSORS).await?;
    // INVARIANT 7: who removes another sponsor at the same moment and this deletion do not both commit.
    unit.expect(Precondition::Relation(row.id, SPONSORS, links.version));
    let remaining: Vec<_> = links.links.iter().map(|link| link.target).filter(|id| Some(*id) != heirs.person).collect();
    let mut successors = heirs.for_thing(row, !remaining.is_empty()).await?;
    successors.retain(|successor| !remaining.contains(successor));
    for successor in &successors {
        unit.link(row.id, SPONSORS, *successor);
        mark_sponsorship(unit, *successor);
    }
    let sponsors = remaining.into_iter().chain(successors.iter().copied()).collect();
    Ok(Succession { thing: Thing::find_of_row(heirs.store, row).await?, successors, sponsors })
}

/// One entry for each new sponsor of each thing, as if somebody had added them.
pub(crate) async fn audit_succession(
    call: &Call,
    unit: &mut UnitOfWork,
    succession: &Succession,
) -> Result<(), Failure> {
    for successor in &succession.successors {
        let Some(row) = call.store.read_row(*successor).await? else { continue };
        let sponsor = target_of_row(call, &row).await?;
        let sponsored = target_with(&succession.thing, succession.sponsors.iter().copied());
        unit.audit(audited(call, &ADD_SPONSOR, vec![sponsor, sponsored]));
    }
    Ok(())
}
