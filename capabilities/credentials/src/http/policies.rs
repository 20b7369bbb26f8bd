//! `appManagementPolicies` of an application or a blueprint.

use crate::app_management::{APP_MANAGEMENT_POLICIES, AppManagementPolicy};
use crate::ops::{ASSIGN_POLICIES, assign_policy, unassign_policy};
use crate::{Described, Holder};
use async_trait::async_trait;
use signet_graph::{Call, Relation};
use signet_kernel::{Failure, ObjectId};
use signet_store::Kind;
use std::marker::PhantomData;

/// The policy that one type of holder is assigned.
#[derive(Debug)]
pub struct AssignedPolicies<H>(PhantomData<fn() -> H>);

impl<H> Default for AssignedPolicies<H> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

#[async_trait]
impl<H: Holder + Described> Relation for AssignedPolicies<H> {
    fn name(&self) -> &'static str {
        APP_MANAGEMENT_POLICIES
    }

    fn writable_with(&self) -> &'static [&'static str] {
        ASSIGN_POLICIES
    }

    fn only_writable_with(&self) -> bool {
        true
    }

    fn target(&self) -> &'static str {
        AppManagementPolicy::NAME
    }

    async fn add(&self, call: &Call, source: ObjectId, target: ObjectId) -> Result<(), Failure> {
        assign_policy::<H>(call, source, target).await
    }

    async fn remove(&self, call: &Call, source: ObjectId, target: ObjectId) -> Result<(), Failure> {
        unassign_policy::<H>(call, source, target).await
    }
}
