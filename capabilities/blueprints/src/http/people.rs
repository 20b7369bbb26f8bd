//! `owners` and `sponsors` of blueprints and of their principals.

use async_trait::async_trait;
use signet_directory::body::not_found;
use signet_directory::responsibility::{self, Described, OWNERS, SPONSORS, Thing};
use signet_graph::{Call, Relation};
use signet_kernel::{Failure, ObjectId};
use signet_store::Id;
use std::marker::PhantomData;

/// Who may change a `K`.
pub(super) struct Owners<K>(PhantomData<fn() -> K>);

/// Who answers for a `K`, and what suffices to change that.
pub(super) struct Sponsors<K>(PhantomData<fn() -> K>, &'static [&'static str]);

/// Both relations of a `K`.
pub(super) fn people<K: Described>(sponsoring: &'static [&'static str]) -> Vec<Box<dyn Relation>> {
    vec![Box::new(Owners::<K>(PhantomData)), Box::new(Sponsors::<K>(PhantomData, sponsoring))]
}

async fn load<K: Described>(call: &Call, id: ObjectId) -> Result<Thing, Failure> {
    let found = call.store.find(Id::<K>::of(id)).await?.ok_or_else(|| not_found(id))?;
    Ok(Thing::of(&found))
}

#[async_trait]
impl<K: Described> Relation for Owners<K> {
    fn name(&self) -> &'static str {
        OWNERS
    }

    async fn add(&self, call: &Call, source: ObjectId, target: ObjectId) -> Result<(), Failure> {
        responsibility::add_owner(call, &load::<K>(call, source).await?, target).await
    }

    async fn remove(&self, call: &Call, source: ObjectId, target: ObjectId) -> Result<(), Failure> {
        responsibility::remove_owner(call, &load::<K>(call, source).await?, target).await
    }
}

#[async_trait]
impl<K: Described> Relation for Sponsors<K> {
    fn name(&self) -> &'static str {
        SPONSORS
    }

    fn writable_with(&self) -> &'static [&'static str] {
        self.1
    }

    async fn add(&self, call: &Call, source: ObjectId, target: ObjectId) -> Result<(), Failure> {
        responsibility::add_sponsor(call, &load::<K>(call, source).await?, target).await
    }

    async fn remove(&self, call: &Call, source: ObjectId, target: ObjectId) -> Result<(), Failure> {
        responsibility::remove_sponsor(call, &load::<K>(call, source).await?, target).await
    }
}
