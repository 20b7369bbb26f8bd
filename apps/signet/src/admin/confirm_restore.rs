//! Lets what was restored issue tokens again.

use super::AdminCommand;
use crate::node::Node;
use crate::storage::Storage;
use serde::{Deserialize, Serialize};
use signet_kernel::Failure;
use signet_store::PostgresBackend;
use std::time::Duration;

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
        let was_waiting = match &node.storage {
            Storage::Postgres(options) => {
                let was_waiting = PostgresBackend::confirm(options).await?;
                followed(node).await;
                was_waiting
            }
            Storage::Embedded => remove_mark(node).map_err(Failure::bug)?,
        };
        node.server.set_issuing(true);
        Ok(Confirmed { was_waiting })
    }
}

/// This node learns it as the others do, with what else it follows; if that takes long, so does the command no more.
async fn followed(node: &Node) {
    let mut ticks = tokio::time::interval(Duration::from_millis(50));
    for _ in 0..100 {
        if !node.store.awaits_confirmation() {
            return;
        }
        ticks.tick().await;
    }
}

fn remove_mark(node: &Node) -> std::io::Result<bool> {
    match std::fs::remove_file(node.data.restored()) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        removed => removed.map(|()| true),
    }
}
