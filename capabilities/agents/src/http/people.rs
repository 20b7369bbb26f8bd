//! `owners` and `sponsors` of an agent identity.

use super::declaration::SPONSORING;
use crate::AgentIdentity;
use async_trait::async_trait;
use signet_directory::body::not_found;
use signet_directory::responsibility::{self, OWNERS, SPONSORS, Thing};
use signet_graph::{Call, Relation};
use signet_kernel::{Failure, ObjectId};
use signet_store::Id;

/// Who may change it.
pub(super) struct Owners;
/// Who answers for it.
pub(super) struct Sponsors;

async fn load(call: &Call, id: ObjectId) -> Result<Thing, Failure> {
    let found = call.store.find(Id::<AgentIdentity>::of(id)).await?.ok_or_else(|| not_found(id))?;
    Ok(Thing::find_of(&call.store, &found).await?)
}

#[async_trait]
impl Relation for Owners {
    fn name(&self) -> &'static str {
        OWNERS
    }

    async fn add(&self, call: &Call, source: ObjectId, target: ObjectId) -> Result<(), Failure> {
        responsibility::add_owner(call, &load(call, source).await?, target).await
    }

    async fn remove(&self, call: &Call, source: ObjectId, target: ObjectId) -> Result<(), Failure> {
        responsibility::remove_owner(call, &load(call, source).await?, target).await
    }
}

#[async_trait]
impl Relation for Sponsors {
    fn name(&self) -> &'static str {
        SPONSORS
    }

    fn writable_with(&self) -> &'static [&'static str] {
        SPONSORING
    }

    async fn add(&self, call: &Call, source: ObjectId, target: ObjectId) -> Result<(), Failure> {
        responsibility::add_sponsor(call, &load(call, source).await?, target).await
    }

    async fn remove(&self, call: &Call, source: ObjectId, target: ObjectId) -> Result<(), Failure> {
        responsibility::remove_sponsor(call, &load(call, source).await?, target).await
    }
}
