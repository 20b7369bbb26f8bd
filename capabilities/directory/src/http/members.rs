//! `members` of groups and administrative units.

use crate::container::Container;
use crate::membership::{MEMBERS, members};
use crate::ops;
use async_trait::async_trait;
use signet_graph::{Call, Relation};
use signet_kernel::{Failure, ObjectId};
use std::marker::PhantomData;

/// What is assigned to objects of kind `C`.
#[derive(Debug)]
pub struct Members<C> {
    permissions: &'static [&'static str],
    kind: PhantomData<fn() -> C>,
}

impl<C> Members<C> {
    /// The relation, changed with any of `permissions`.
    pub fn new(permissions: &'static [&'static str]) -> Self {
        Self { permissions, kind: PhantomData }
    }
}

#[async_trait]
impl<C: Container> Relation for Members<C> {
    fn name(&self) -> &'static str {
        MEMBERS
    }

    fn writable_with(&self) -> &'static [&'static str] {
        self.permissions
    }

    /// Those that were assigned, or whom the rule names.
    async fn ends(&self, call: &Call, source: ObjectId) -> Result<Vec<ObjectId>, Failure> {
        members(&call.store, source).await
    }

    async fn add(&self, call: &Call, source: ObjectId, target: ObjectId) -> Result<(), Failure> {
        ops::add_member::<C>(call, source, target).await
    }

    async fn remove(&self, call: &Call, source: ObjectId, target: ObjectId) -> Result<(), Failure> {
        ops::remove_member::<C>(call, source, target).await
    }
}
