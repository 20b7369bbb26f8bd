//! `manager`.

use crate::ops;
use crate::responsibility::MANAGER;
use async_trait::async_trait;
use signet_graph::{Call, Relation};
use signet_kernel::{Failure, ObjectId};

/// Whom a person, or an agent's user account, reports to: one person at most.
#[derive(Debug, Clone, Copy)]
pub struct Managers {
    permissions: &'static [&'static str],
}

impl Managers {
    /// The relation, changed with any of `permissions`.
    pub fn new(permissions: &'static [&'static str]) -> Self {
        Self { permissions }
    }
}

#[async_trait]
impl Relation for Managers {
    fn name(&self) -> &'static str {
        MANAGER
    }

    fn single(&self) -> bool {
        true
    }

    fn target(&self) -> &'static str {
        "user"
    }

    fn writable_with(&self) -> &'static [&'static str] {
        self.permissions
    }

    /// Replaces whoever it was.
    async fn add(&self, call: &Call, source: ObjectId, target: ObjectId) -> Result<(), Failure> {
        ops::set_manager(call, source, target).await
    }

    async fn remove(&self, call: &Call, source: ObjectId, _target: ObjectId) -> Result<(), Failure> {
        ops::remove_manager(call, source).await
    }
}
