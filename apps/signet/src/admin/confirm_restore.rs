//! Lets a restored data directory issue tokens again.

use super::AdminCommand;
use crate::node::Node;
use serde::{Deserialize, Serialize};
use signet_kernel::Failure;

/// The operator has looked at what was restored.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ConfirmRestore {}

/// Whether there was anything to confirm.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Confirmed {
    /// False if issuing was on already.
    pub(crate) was_waiting: bool,
}

impl AdminCommand for ConfirmRestore {
    const PATH: &'static str = "/restore/confirm";
    type Answer = Confirmed;

    async fn run(self, node: &Node) -> Result<Confirmed, Failure> {
        let was_waiting = node.is_restored_unconfirmed();
        if was_waiting {
            std::fs::remove_file(node.data.restored()).map_err(Failure::bug)?;
        }
        node.server.start_issuing();
        Ok(Confirmed { was_waiting })
    }
}
