//! Recomputing the record.

use super::AdminCommand;
use crate::node::Node;
use crate::storage::Storage;
use serde::{Deserialize, Serialize};
use signet_kernel::{Failure, Fault};
use signet_record::VerifyError;
use signet_signing_keys::RecordVerifier;

/// Recomputes every chain, every digest of a personal value and every signed checkpoint.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct VerifyRecord {}

/// What was looked at, all of it sound.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Verified {
    /// Records.
    pub(crate) records: u64,
    /// Frames they lie in.
    pub(crate) frames: u64,
    /// Chains that the frames form.
    pub(crate) chains: u64,
    /// Signed checkpoints.
    pub(crate) checkpoints: u64,
    /// Frames after the last checkpoint: whole, but their end is not provable yet.
    pub(crate) uncovered: u64,
    /// Personal values that were erased.
    pub(crate) erased: u64,
    /// Frames that were removed when their time was over.
    #[serde(default)]
    pub(crate) removed: u64,
}

impl AdminCommand for VerifyRecord {
    const PATH: &'static str = "/record/verify";
    type Answer = Verified;

    async fn run(self, node: &Node) -> Result<Verified, Failure> {
        let key = node.data.record_key();
        let verifier = RecordVerifier::load(&key).map_err(|error| damaged(format!("{}: {error}", key.display())))?;
        let report = match &node.storage {
            Storage::Embedded => {
                let directory = node.data.path().to_owned();
                let verified = tokio::task::spawn_blocking(move || signet_record::verify(&directory, &verifier));
                verified.await.map_err(Failure::bug)?
            }
            Storage::Postgres(options) => {
                let mut client = options.connect().await.map_err(Failure::busy)?;
                signet_record::verify_postgres(&mut client, &verifier).await
            }
        };
        let report = report.map_err(|error| match error {
            VerifyError::Postgres(_) => unread(&error),
            error => damaged(error.to_string()),
        })?;
        Ok(Verified {
            records: report.records,
            frames: report.frames,
            chains: report.chains,
            checkpoints: report.checkpoints,
            uncovered: report.uncovered,
            erased: report.erased,
            removed: report.removed,
        })
    }
}

/// A connection that was lost says nothing of what lies at its end.
pub(super) fn unread(error: &impl std::fmt::Display) -> Failure {
    let message = format!("The record was not read to its end, so nothing is known of it: {error}. Verify it again.");
    Failure::new(Fault::Temporary, "ServiceUnavailable", message)
}

fn damaged(what: String) -> Failure {
    let message =
        "The record does not verify: what was written is not what lies there now. Keep the files as they are.";
    Failure::new(Fault::Conflict, "RecordDamaged", message).with_detail(what)
}
