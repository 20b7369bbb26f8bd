//! Who may be a sponsor, and who an owner: said here alone.

use super::succession::mark_sponsorship;
use super::{MOST, MOST_GROUPS, OWNERS, SPONSORS};
use crate::body::bad_request;
use crate::roles::{ActedOn, allowed, held_by};
use crate::{Group, ServicePrincipal, User};
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_store::{Id, Kind, Row, TenantStore, UnitOfWork};
use std::collections::BTreeSet;

/// Service principals of every type, by the names of their kinds.
const SERVICE_PRINCIPALS: [&str; 3] = [ServicePrincipal::NAME, "agentIdentityBlueprintPrincipal", "agentIdentity"];

/// Why somebody cannot answer for a thing, or own it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Unfit {
    #[error("No sponsor specified. Please provide at least one sponsor.")]
    NoSponsor,
    #[error("At most {MOST} {0} can be named.")]
    TooMany(&'static str),
    #[error("'{0}' is not an object of this tenant; name a user by its object id.")]
    NotFound(ObjectId),
    #[error("'{id}' is a {kind}, which cannot be a sponsor: a sponsor is a person of this tenant, or a group.")]
    NotAPerson { id: ObjectId, kind: String },
    #[error(
        "The group '{0}' cannot be a sponsor: one that can is a Microsoft 365 group, or has a membership rule, and \
         cannot be given roles."
    )]
    GroupType(ObjectId),
    #[error("At most {MOST_GROUPS} of the sponsors can be groups.")]
    TooManyGroups,
    #[error("'{id}' is a {kind}, which cannot be an owner: an owner is a user or a service principal.")]
    NotAnOwner { id: ObjectId, kind: String },
}

/// A person or a group that may answer for something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sponsor {
    /// Its object id.
    pub id: Id<Sponsor>,
    /// Its version when it was checked.
    pub version: u64,
    /// Whether it is a group.
    pub is_group: bool,
}

impl Sponsor {
    /// The living object of this id, if it is of a kind that can be a sponsor; a group's type is looked at apart.
    pub(super) async fn find(store: &TenantStore, id: ObjectId) -> Result<Option<Self>, Failure> {
        if let Some(person) = store.find(Id::<User>::of(id)).await? {
            return Ok(Some(Self { id: Id::of(id), version: person.version, is_group: false }));
        }
        let group = store.find(Id::<Group>::of(id)).await?.filter(|group| group.body.may_sponsor());
        Ok(group.map(|group| Self { id: Id::of(id), version: group.version, is_group: true }))
    }
}

/// The people and groups named as sponsors of something new: at least one, at most [`MOST`], each a living user of
/// this tenant, enabled or not, or a group of a type that may sponsor.
pub async fn check_sponsors(store: &TenantStore, ids: &[ObjectId]) -> Result<Vec<Sponsor>, Failure> {
    let ids: BTreeSet<ObjectId> = ids.iter().copied().collect();
    if ids.is_empty() {
        return Err(refused(SPONSORS, &Unfit::NoSponsor));
    }
    if ids.len() > MOST {
        return Err(refused(SPONSORS, &Unfit::TooMany(SPONSORS)));
    }
    let mut people = Vec::with_capacity(ids.len());
    for id in ids {
        people.push(check_sponsor(store, id).await?);
    }
    if people.iter().filter(|sponsor| sponsor.is_group).count() > MOST_GROUPS {
        return Err(refused(SPONSORS, &Unfit::TooManyGroups));
    }
    Ok(people)
}

/// The sponsors of something new of this kind: those who were named; if none was, the person who creates it. Whom a
/// role lets create such things for everybody has to name them, and so has an application.
pub async fn sponsors_of_new(call: &Call, kind: &str, named: &[ObjectId]) -> Result<Vec<Sponsor>, Failure> {
    let caller = [call.caller.object];
    let stands_in = named.is_empty() && call.caller.kind == User::NAME && !administers(call, kind).await?;
    check_sponsors(&call.store, if stands_in { &caller } else { named }).await
}

async fn administers(call: &Call, kind: &str) -> Result<bool, Failure> {
    let held = held_by(&call.store, call.caller.object).await?;
    Ok(allowed(&held, "create", &ActedOn::collection(kind)))
}

/// The principals named as owners of something new: any number up to [`MOST`].
pub async fn check_owners(store: &TenantStore, ids: &[ObjectId]) -> Result<Vec<ObjectId>, Failure> {
    let ids: BTreeSet<ObjectId> = ids.iter().copied().collect();
    if ids.len() > MOST {
        return Err(refused(OWNERS, &Unfit::TooMany(OWNERS)));
    }
    for id in &ids {
        check_owner(store, *id).await?;
    }
    Ok(ids.into_iter().collect())
}

/// The principal that asks, if it is one that can own what it creates.
pub async fn creator(call: &Call) -> Result<Option<ObjectId>, Failure> {
    let found = living(&call.store, call.caller.object).await?;
    Ok(found.filter(may_own).map(|row| row.id))
}

/// Links something that `unit` creates to the people who answer for it and to those who may change it.
pub fn link_people(unit: &mut UnitOfWork, thing: ObjectId, sponsors: &[Sponsor], owners: &[ObjectId]) {
    for sponsor in sponsors {
        unit.link(thing, SPONSORS, sponsor.id.object());
        mark_sponsorship(unit, sponsor.id.object());
    }
    for owner in owners {
        unit.link(thing, OWNERS, *owner);
    }
}

/// Refuses one group more than there may be among the sponsors of a thing.
pub(super) async fn check_group_count(store: &TenantStore, new: Sponsor, present: &[ObjectId]) -> Result<(), Failure> {
    let mut groups = usize::from(new.is_group);
    for row in store.read_rows(present).await? {
        groups += usize::from(row.kind == Group::NAME);
    }
    if new.is_group && groups > MOST_GROUPS { Err(refused(SPONSORS, &Unfit::TooManyGroups)) } else { Ok(()) }
}

/// A sponsor is a user, or a group of a type that may sponsor.
pub(super) async fn check_sponsor(store: &TenantStore, id: ObjectId) -> Result<Sponsor, Failure> {
    if let Some(sponsor) = Sponsor::find(store, id).await? {
        return Ok(sponsor);
    }
    let unfit = match living(store, id).await? {
        Some(row) if row.kind == Group::NAME => Unfit::GroupType(id),
        Some(row) => Unfit::NotAPerson { id, kind: row.kind },
        None => Unfit::NotFound(id),
    };
    Err(refused(SPONSORS, &unfit))
}

/// An owner is a user or a service principal of any type.
pub(super) async fn check_owner(store: &TenantStore, id: ObjectId) -> Result<(), Failure> {
    match living(store, id).await? {
        Some(row) if may_own(&row) => Ok(()),
        Some(row) => Err(refused(OWNERS, &Unfit::NotAnOwner { id, kind: row.kind })),
        None => Err(refused(OWNERS, &Unfit::NotFound(id))),
    }
}

fn may_own(row: &Row) -> bool {
    row.kind == User::NAME || SERVICE_PRINCIPALS.contains(&row.kind.as_str())
}

async fn living(store: &TenantStore, id: ObjectId) -> Result<Option<Row>, Failure> {
    Ok(store.read_row(id).await?.filter(|row| row.deleted.is_none()))
}

fn refused(relation: &str, unfit: &Unfit) -> Failure {
    bad_request(&format!("{relation}@odata.bind"), unfit.to_string())
}
