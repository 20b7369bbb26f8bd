//! Who answers for the things of somebody who left.

use super::candidates::Sponsor;
use super::{MANAGER, Naming, SPONSORS, Thing};
use crate::User;
use signet_kernel::{Failure, Fault, ObjectId};
use signet_store::{Kind, ListQuery, Liveness, Object, Precondition, Row, TenantStore, UnitOfWork};
use signet_tenants::Tenant;
use std::collections::BTreeMap;

/// How many people are read at once when the oldest one is looked for.
const PAGE: usize = 100;

/// Who may answer for the things of somebody who left, looked up once.
pub(super) struct Heirs<'a> {
    pub(super) store: &'a TenantStore,
    /// Who left, if anybody did.
    pub(super) person: Option<ObjectId>,
    manager: Option<ObjectId>,
    last_resort: Option<ObjectId>,
    of_parent: BTreeMap<ObjectId, Vec<ObjectId>>,
    chosen: BTreeMap<ObjectId, Sponsor>,
}

impl<'a> Heirs<'a> {
    /// Where it is not known any more who left.
    pub(super) fn of_nobody(store: &'a TenantStore) -> Self {
        let (of_parent, chosen) = (BTreeMap::new(), BTreeMap::new());
        Self { store, person: None, manager: None, last_resort: None, of_parent, chosen }
    }

    /// The heirs of `person`.
    pub(super) async fn of(store: &'a TenantStore, person: ObjectId) -> Result<Self, Failure> {
        let managers = store.links_from(person, MANAGER).await?;
        let manager = managers.links.first().map(|link| link.target).filter(|manager| *manager != person);
        let mut heirs = Self { person: Some(person), ..Self::of_nobody(store) };
        if let Some(manager) = manager {
            heirs.manager = heirs.choose(manager).await?;
        }
        Ok(heirs)
    }

    /// Who joins the sponsors of a thing.
    pub(super) async fn for_thing(&mut self, row: &Row, others_remain: bool) -> Result<Vec<ObjectId>, Failure> {
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

    /// The tenant's fallback sponsor, a person or a group, else the oldest other person, an enabled one before all others.
    pub(super) async fn last_resort(&mut self) -> Result<ObjectId, Failure> {
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
            let kinds = vec![User::NAME];
            let query = ListQuery { kinds, liveness: Liveness::Live, after, limit: PAGE, index: None };
            let page = self.store.list(query).await?;
            for row in page.items.into_iter().filter(|row| Some(row.id) != self.person) {
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

    /// Has `unit` decided again if an heir leaves at the same moment.
    pub(super) fn expect(&self, unit: &mut UnitOfWork) {
        for heir in self.chosen.values() {
            unit.expect(Precondition::Version(heir.id.object(), heir.version));
        }
    }

    /// Takes a living other person, or a group that may sponsor, as an heir, and remembers at which version.
    async fn choose(&mut self, id: ObjectId) -> Result<Option<ObjectId>, Failure> {
        if Some(id) == self.person {
            return Ok(None);
        }
        let Some(sponsor) = Sponsor::find(self.store, id).await? else { return Ok(None) };
        self.chosen.insert(id, sponsor);
        Ok(Some(id))
    }
}

fn nobody_left() -> Failure {
    let message = "Nobody else in the tenant could answer for the agents and blueprints that this person sponsors; \
                   add another person first.";
    Failure::new(Fault::Conflict, "Request_LastSponsor", message)
}
