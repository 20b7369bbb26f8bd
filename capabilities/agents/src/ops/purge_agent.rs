//! Removes a deleted agent identity for good.

use crate::AgentIdentity;
use signet_blueprints::lifecycle::purge;
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};

/// Purges it.
pub async fn purge_agent(call: &Call, id: ObjectId) -> Result<(), Failure> {
    purge::<AgentIdentity>(call, id).await
}
