//! Soft-deletes an agent identity, with its assignments.

use crate::AgentIdentity;
use signet_blueprints::lifecycle::delete;
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};

/// Deletes it, and voids what was issued to it.
pub async fn delete_agent(call: &Call, id: ObjectId) -> Result<(), Failure> {
    delete::<AgentIdentity>(call, id).await
}
