//! Brings a deleted agent identity back, with its assignments.

use crate::AgentIdentity;
use signet_blueprints::lifecycle::restore;
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};

/// Restores it. No token is revived.
pub async fn restore_agent(call: &Call, id: ObjectId) -> Result<(), Failure> {
    restore::<AgentIdentity>(call, id).await
}
