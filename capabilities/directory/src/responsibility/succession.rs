//! When a person leaves, somebody else answers for what they sponsored: in the same transaction.

use super::{MANAGER, Naming, SPONSORS, Thing};
use crate::User;
use signet_kernel::{Failure, Fault, ObjectId};
use signet_store::{Id, ListQuery, Liveness, Object, Precondition, Row, TenantStore, UnitOfWork};
use signet_tenants::Tenant;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many people are read at once when the oldest one is looked for.
const PAGE: usize = 100;

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

/// Adds to `unit` that `person` answers for nothing any more, and who does instead: the person's manager if there is
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
        passed_on.push(pass_on(&mut heirs, unit, &row).await?);
    }
    for heir in heirs.chosen.values() {
        // An heir who leaves at the same moment makes this decide again.
        unit.expect(Precondition::Version(heir.id.object(), heir.version));
    }
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

/// Relieves the person of one thing.
async fn pass_on(heirs: &mut Heirs<'_>, unit: &mut UnitOfWork, row: &Row) -> Result<Succession, Failure> {
    let links = heirs.store.links_from(row.id, SPONSORS).await?;
    // INVARIANT 7: who removes another sponsor at the same moment and this deletion do not both commit.
    unit.expect(Precondition::Relation(row.id, SPONSORS, links.version));
    unit.unlink(row.id, SPONSORS, heirs.person);
    let remaining: Vec<_> = links.links.iter().map(|link| link.target).filter(|id| *id != heirs.person).collect();
    let mut successors = heirs.for_thing(row, !remaining.is_empty()).await?;
    successors.retain(|successor| !remaining.contains(successor));
    for successor in &successors {
        unit.link(row.id, SPONSORS, *successor);
        mark_sponsorship(unit, *successor);
    }
    let sponsors = remaining.into_iter().chain(successors.iter().copied()).collect();
    Ok(Succession { thing: Thing::find_of_row(heirs.store, row).await?, successors, sponsors })
}

/// Who may answer for a person's things, looked up once.
struct Heirs<'a> {
    store: &'a TenantStore,
    person: ObjectId,
    manager: Option<ObjectId>,
    last_resort: Option<ObjectId>,
    of_parent: BTreeMap<ObjectId, Vec<ObjectId>>,
    chosen: BTreeMap<ObjectId, Arc<Object<User>>>,
}

impl<'a> Heirs<'a> {
    async fn of(store: &'a TenantStore, person: ObjectId) -> Result<Self, Failure> {
        let managers = store.links_from(person, MANAGER).await?;
        let manager = managers.links.first().map(|link| link.target).filter(|manager| *manager != person);
        let (of_parent, chosen) = (BTreeMap::new(), BTreeMap::new());
        let mut heirs = Self { store, person, manager: None, last_resort: None, of_parent, chosen };
        if let Some(manager) = manager {
            heirs.manager = heirs.choose(manager).await?;
        }
        Ok(heirs)
    }

    async fn for_thing(&mut self, row: &Row, others_remain: bool) -> Result<Vec<ObjectId>, Failure> {
        if let Some(manager) = self.manager {
            return Ok(vec![manager]);
        }
        if others_remain || !Naming::of(&row.kind).sponsored {
            return Ok(Vec::new());
        }
        let of_blueprint = self.of_blueprint(row).await?;
        if !of_blueprint.is_empty() {
            return Ok(of_blueprint);
        }
        Ok(vec![self.last_resort().await?])
    }

    /// The other sponsors of the blueprint that the thing is stamped from.
    async fn of_blueprint(&mut self, row: &Row) -> Result<Vec<ObjectId>, Failure> {
        let Some(parent) = row.parent else { return Ok(Vec::new()) };
        if let Some(known) = self.of_parent.get(&parent) {
            return Ok(known.clone());
        }
        let mut sponsors = Vec::new();
        if let Some(blueprint) = Thing::find_of_row(self.store, row).await?.blueprint {
            for link in &self.store.links_from(blueprint, SPONSORS).await?.links {
                sponsors.extend(self.choose(link.target).await?);
            }
        }
        self.of_parent.insert(parent, sponsors.clone());
        Ok(sponsors)
    }

    /// The tenant's fallback sponsor, else the oldest other person, an enabled one before all others.
    async fn last_resort(&mut self) -> Result<ObjectId, Failure> {
        if let Some(known) = self.last_resort {
            return Ok(known);
        }
        let tenant = self.store.find(Tenant::id(self.store.id())).await?;
        let fallback = match tenant.and_then(|tenant| tenant.body.fallback_sponsor) {
            Some(fallback) => self.choose(fallback).await?,
            None => None,
        };
        let heir = match fallback {
            Some(fallback) => fallback,
            None => self.oldest_other().await?.ok_or_else(nobody_left)?,
        };
        self.last_resort = Some(heir);
        Ok(heir)
    }

    async fn oldest_other(&mut self) -> Result<Option<ObjectId>, Failure> {
        let (mut after, mut disabled) = (None, None);
        loop {
            let kinds = vec![<User as signet_store::Kind>::NAME];
            let query = ListQuery { kinds, liveness: Liveness::Live, after, limit: PAGE, index: None };
            let page = self.store.list(query).await?;
            for row in page.items.into_iter().filter(|row| row.id != self.person) {
                let Some(user) = Object::<User>::from_row(self.store.id(), row)? else { continue };
                if user.body.account_enabled {
                    return self.choose(user.id.object()).await;
                }
                disabled = disabled.or(Some(user.id.object()));
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        match disabled {
            Some(id) => self.choose(id).await,
            None => Ok(None),
        }
    }

    /// Takes a living other person as an heir, and remembers at which version.
    async fn choose(&mut self, id: ObjectId) -> Result<Option<ObjectId>, Failure> {
        if id == self.person {
            return Ok(None);
        }
        let Some(user) = self.store.find(Id::<User>::of(id)).await? else { return Ok(None) };
        self.chosen.insert(id, user);
        Ok(Some(id))
    }
}

fn nobody_left() -> Failure {
    let message = "Nobody else in the tenant could answer for the agents and blueprints that this person sponsors; \
                   add another person first.";
    Failure::new(Fault::Conflict, "Request_LastSponsor", message)
}
