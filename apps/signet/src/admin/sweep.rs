//! Reading everything, to see whether it contradicts itself.

use super::AdminCommand;
use crate::node::Node;
use serde::{Deserialize, Serialize};
use signet_kernel::Failure;

/// Reads the whole store.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Sweep {}

/// What was found.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Swept {
    /// How many tenants were read.
    pub(crate) tenants: usize,
    /// What contradicts itself, a sentence each, some of each kind; none if all is well.
    pub(crate) contradictions: Vec<String>,
}

impl AdminCommand for Sweep {
    const PATH: &'static str = "/sweep";
    type Answer = Swept;

    async fn run(self, node: &Node) -> Result<Swept, Failure> {
        let (mut contradictions, heads) = (Vec::new(), node.store.heads().await?);
        for head in &heads {
            let said = signet_agents::sweep(&node.store.tenant(head.tenant)).await?;
            contradictions.extend(said.into_iter().map(|sentence| format!("tenant {}: {sentence}", head.tenant)));
        }
        Ok(Swept { tenants: heads.len(), contradictions })
    }
}
