//! Another master key.

use super::AdminCommand;
use crate::master_files;
use crate::node::Node;
use crate::operator::master_key_rotated;
use crate::storage::Storage;
use serde::{Deserialize, Serialize};
use signet_kernel::{Failure, Fault};
use std::path::PathBuf;

/// Makes a new master key and rewraps with it what the present one wraps: the tenants' keys and the record key.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RotateMaster {}

/// What was done. The keys themselves are in their files alone.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RotatedMaster {
    /// Tells the key from before.
    pub(crate) old_fingerprint: String,
    /// Tells the key in use.
    pub(crate) new_fingerprint: String,
    /// How many tenant keys were rewrapped.
    pub(crate) tenant_keys: u64,
    /// Where the key from before lies now.
    pub(crate) old_key_file: PathBuf,
}

impl AdminCommand for RotateMaster {
    const PATH: &'static str = "/keys/rotate-master";
    type Answer = RotatedMaster;

    async fn run(self, node: &Node) -> Result<RotatedMaster, Failure> {
        if let Storage::Postgres(_) = node.storage {
            let message = "Other nodes of this database hold the master key too and would open nothing any more. \
                Rotating it is for a deployment of one node with embedded storage.";
            return Err(Failure::new(Fault::Input, "BadRequest", message));
        }
        let _sealing = node.sealing.lock().await;
        let (data, context, old) = (node.data.clone(), node.context.clone(), node.signing_keys.master());
        let begun = tokio::task::spawn_blocking(move || master_files::begin(&data, &old, &context));
        let new = begun.await.map_err(Failure::bug)?.map_err(failed)?;
        let new_fingerprint = new.fingerprint().to_owned();
        let entry = |tenant| master_key_rotated(&node.context, tenant);
        let tenant_keys = node.signing_keys.rotate_master(new, entry).await?;
        let data = node.data.clone();
        let finished = tokio::task::spawn_blocking(move || {
            let old = signet_signing_keys::MasterKey::load(&data.master_key())?;
            master_files::finish(&data).map(|file| (old.fingerprint().to_owned(), file))
        });
        let (old_fingerprint, old_key_file) = finished.await.map_err(Failure::bug)?.map_err(failed)?;
        Ok(RotatedMaster { old_fingerprint, new_fingerprint, tenant_keys, old_key_file })
    }
}

/// The operator reads it: what could not be done, and that nothing is lost.
fn failed(error: master_files::RotationError) -> Failure {
    let mut failure = Failure::bug(error);
    failure.message =
        "The master key is not rotated yet. Nothing is lost: run the command again, or restart the server, \
                       and it goes on."
            .into();
    failure
}

#[cfg(test)]
mod tests;
