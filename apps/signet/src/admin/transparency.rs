//! The logs of the record, for who runs them.

use super::AdminCommand;
use crate::anchors::sinks;
use crate::node::Node;
use crate::transparency::know;
use serde::{Deserialize, Serialize};
use signet_kernel::{Failure, Fault, TenantId};
use signet_transparency_log::Anchored;

/// What is asked of a tenant's log. Without a tenant: of the only one there is.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AskLog {
    /// Whose.
    pub(crate) tenant: Option<TenantId>,
    /// What.
    pub(crate) what: LogQuestion,
}

/// A question about a log.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum LogQuestion {
    /// The newest checkpoint.
    Checkpoint,
    /// The key that verifies it.
    Key,
    /// The proof that a record is in it.
    Proof {
        /// The record's table.
        table: String,
        /// The record's id.
        id: String,
    },
    /// To be put into every sink now.
    Anchor,
    /// To go on after it was stopped.
    Resume,
}

/// The answer, as text.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct LogAnswer {
    /// A note, a key, a proof, or a sentence.
    pub(crate) text: String,
}

impl AdminCommand for AskLog {
    const PATH: &'static str = "/log";
    type Answer = LogAnswer;

    async fn run(self, node: &Node) -> Result<LogAnswer, Failure> {
        let logs = &node.transparency;
        let tenant = whose(node, self.tenant).await?;
        let text = match self.what {
            LogQuestion::Checkpoint => {
                let newest = logs.checkpoint(tenant).await?.ok_or_else(nothing)?;
                String::from_utf8_lossy(&newest.note).into_owned()
            }
            LogQuestion::Key => {
                let name = logs.name(tenant).ok_or_else(nothing)?.key_name().map_err(Failure::bug)?;
                let key = node.record_key.log_key(tenant, name).map_err(Failure::bug)?;
                signet_tlog::Signer::key(&key).to_string()
            }
            LogQuestion::Proof { table, id } => logs.prove(&node.record, tenant, (&table, &id)).await?.to_string(),
            LogQuestion::Anchor => anchor(node, tenant).await?,
            LogQuestion::Resume => match logs.resume(tenant).await? {
                true => "The log goes on.".to_owned(),
                false => "The log was not stopped.".to_owned(),
            },
        };
        Ok(LogAnswer { text })
    }
}

/// The tenant that is named, or the only one there is.
pub(super) async fn whose(node: &Node, named: Option<TenantId>) -> Result<TenantId, Failure> {
    know(&node.transparency, &node.store).await?;
    match (named, node.transparency.tenants().as_slice()) {
        (Some(tenant), _) => Ok(tenant),
        (None, [tenant]) => Ok(*tenant),
        (None, tenants) => {
            let message = format!("There are {} tenants: name one with --tenant.", tenants.len());
            Err(Failure::new(Fault::Input, "BadRequest", message))
        }
    }
}

fn nothing() -> Failure {
    Failure::new(Fault::NotFound, "NotFound", "There is no such tenant, or nothing of its log has been signed yet.")
}

async fn anchor(node: &Node, tenant: TenantId) -> Result<String, Failure> {
    let mut put = Vec::new();
    for sink in sinks(&node.config, &node.context).map_err(Failure::bug)? {
        if let Anchored::Put { name } = node.transparency.anchor(tenant, sink.as_ref(), true).await? {
            put.push(format!("{}/{tenant}/{name}", sink.name()));
        }
    }
    if put.is_empty() { Err(nothing()) } else { Ok(put.join("\n")) }
}
