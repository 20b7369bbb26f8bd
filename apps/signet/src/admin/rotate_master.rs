//! Another master key.

use super::AdminCommand;
use crate::master_files;
use crate::node::Node;
use crate::operator::master_key_rotated;
use crate::storage::Storage;
use serde::{Deserialize, Serialize};
use signet_kernel::{Failure, Fault};
use std::path::PathBuf;

/// Makes the next master key and puts it to no use yet: for nodes that share a database, which all must have it first.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PrepareMaster {}

/// The next master key; the key itself is in its file alone.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PreparedMaster {
    /// Tells it from others.
    pub(crate) fingerprint: String,
    /// Where it lies.
    pub(crate) file: PathBuf,
}

impl AdminCommand for PrepareMaster {
    const PATH: &'static str = "/keys/prepare-master";
    type Answer = PreparedMaster;

    async fn run(self, node: &Node) -> Result<PreparedMaster, Failure> {
        if let Storage::Embedded = node.storage {
            let message = "There is no other node to prepare: `signet keys rotate-master` does it all.";
            return Err(Failure::new(Fault::Input, "BadRequest", message));
        }
        let _sealing = node.sealing.lock().await;
        let (data, context) = (node.data.clone(), node.context.clone());
        let made = tokio::task::spawn_blocking(move || master_files::prepare(&data, &context));
        let key = made.await.map_err(Failure::bug)?.map_err(Failure::bug)?;
        Ok(PreparedMaster { fingerprint: key.fingerprint().to_owned(), file: node.data.next_master_key() })
    }
}

/// Rewraps with another master key what the present one wraps: the tenants' keys and the record key. On embedded storage
/// it is a new one; of nodes that share a database, the one that was prepared, which each then takes into use so.
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
        if let (Storage::Postgres(_), None) = (&node.storage, master_files::next(&node.data).map_err(Failure::bug)?) {
            return Err(Failure::new(Fault::Input, "BadRequest", UNPREPARED));
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

const UNPREPARED: &str = "Other nodes of this database need the new master key too. Make it with `signet keys \
    prepare-master`, copy master.key.next into the data directory of every node, then run `signet keys rotate-master` on \
    each, one after another.";

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
