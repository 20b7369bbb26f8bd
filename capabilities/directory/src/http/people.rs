//! `owners` and `sponsors` of a type.

use crate::body::not_found;
use crate::responsibility::{self, Described, Naming, OWNERS, SPONSORS, Thing};
use async_trait::async_trait;
use signet_graph::{Call, Relation};
use signet_kernel::{Failure, ObjectId};
use signet_logs::audit::TargetType;
use signet_store::Id;
use std::marker::PhantomData;

/// Who may change objects of kind `K`.
#[derive(Debug)]
pub struct Owners<K> {
    permissions: &'static [&'static str],
    kind: PhantomData<fn() -> K>,
}

/// Who answers for objects of kind `K`.
#[derive(Debug)]
pub struct Sponsors<K> {
    permissions: &'static [&'static str],
    kind: PhantomData<fn() -> K>,
}

impl<K> Owners<K> {
    /// The relation, changed with any of `permissions`.
    pub fn new(permissions: &'static [&'static str]) -> Self {
        Self { permissions, kind: PhantomData }
    }
}

impl<K> Sponsors<K> {
    /// The relation, changed with any of `permissions`.
    pub fn new(permissions: &'static [&'static str]) -> Self {
        Self { permissions, kind: PhantomData }
    }
}

#[async_trait]
impl<K: Described> Relation for Owners<K> {
    fn name(&self) -> &'static str {
        OWNERS
    }

    fn writable_with(&self) -> &'static [&'static str] {
        self.permissions
    }

    async fn add(&self, call: &Call, source: ObjectId, target: ObjectId) -> Result<(), Failure> {
        responsibility::add_owner(call, &thing::<K>(call, source).await?, target).await
    }

    async fn remove(&self, call: &Call, source: ObjectId, target: ObjectId) -> Result<(), Failure> {
        responsibility::remove_owner(call, &thing::<K>(call, source).await?, target).await
    }
}

#[async_trait]
impl<K: Described> Relation for Sponsors<K> {
    fn name(&self) -> &'static str {
        SPONSORS
    }

    fn writable_with(&self) -> &'static [&'static str] {
        self.permissions
    }

    async fn add(&self, call: &Call, source: ObjectId, target: ObjectId) -> Result<(), Failure> {
        responsibility::add_sponsor(call, &thing::<K>(call, source).await?, target).await
    }

    async fn remove(&self, call: &Call, source: ObjectId, target: ObjectId) -> Result<(), Failure> {
        responsibility::remove_sponsor(call, &thing::<K>(call, source).await?, target).await
    }
}

async fn thing<K: Described>(call: &Call, id: ObjectId) -> Result<Thing, Failure> {
    let found = call.store.find(Id::<K>::of(id)).await?.ok_or_else(|| not_found(id))?;
    let mut thing = Thing::find_of(&call.store, &found).await?;
    if thing.naming.kind.is_empty() {
        thing.naming = Naming { kind: K::NAME, target: TargetType::of_kind(K::NAME), sponsored: false };
    }
    Ok(thing)
}
