//! Who may be a sponsor, and who an owner: said here alone.

use super::succession::mark_sponsorship;
use super::{MOST, OWNERS, SPONSORS};
use crate::body::bad_request;
use crate::{ServicePrincipal, User};
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_store::{Id, Kind, Object, Row, TenantStore, UnitOfWork};
use std::collections::BTreeSet;
use std::sync::Arc;

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
    #[error("'{id}' is a {kind}, which cannot be a sponsor: a sponsor is a person of this tenant.")]
    NotAPerson { id: ObjectId, kind: String },
    #[error("'{id}' is a {kind}, which cannot be an owner: an owner is a user or a service principal.")]
    NotAnOwner { id: ObjectId, kind: String },
}

/// The people named as sponsors of something new: at least one, at most [`MOST`], each a living user of this tenant,
/// enabled or not.
pub async fn check_sponsors(store: &TenantStore, ids: &[ObjectId]) -> Result<Vec<Arc<Object<User>>>, Failure> {
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
    Ok(people)
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
pub fn link_people(unit: &mut UnitOfWork, thing: ObjectId, sponsors: &[Arc<Object<User>>], owners: &[ObjectId]) {
    for sponsor in sponsors {
        unit.link(thing, SPONSORS, sponsor.id.object());
        mark_sponsorship(unit, sponsor.id.object());
    }
    for owner in owners {
        unit.link(thing, OWNERS, *owner);
    }
}

/// A sponsor is a user. Groups join them with the issue that brings groups.
pub(super) async fn check_sponsor(store: &TenantStore, id: ObjectId) -> Result<Arc<Object<User>>, Failure> {
    if let Some(person) = store.find(Id::<User>::of(id)).await? {
        return Ok(person);
    }
    let unfit = match living(store, id).await? {
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
