//! Before frames are removed: what proves that they were there.

use crate::logs::TransparencyLogs;
use crate::problem::LogProblem;
use crate::verify::kept::Kept;
use aws_lc_rs::digest::{Context as Sha256, SHA256};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Serialize;
use signet_kernel::{Failure, TenantId};
use signet_record::{KeptEntries, LogError};

/// What a removal says of itself in the audit record: which leaves, and a hash that binds their entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tombstone {
    /// The first leaf of the range.
    pub first_leaf: u64,
    /// Leaves.
    pub count: u64,
    /// SHA-256 over the entries, one after the other, in base64.
    pub entries_hash: String,
}

/// Why frames may not be removed.
#[derive(Debug, thiserror::Error)]
pub enum Unburied {
    /// One of them is not in the log yet.
    #[error("frame {0} is not in the log yet; remove it later")]
    NotYet(i64),
    /// One of them is not what was written.
    #[error(transparent)]
    Damaged(#[from] LogProblem),
    /// Something failed.
    #[error("{0}")]
    Failed(Failure),
}

impl From<LogError> for Unburied {
    fn from(error: LogError) -> Self {
        Self::Failed(error.into())
    }
}

impl TransparencyLogs {
    /// Keeps the entries of frames that are about to be removed, so that every proof can still be made; what the removal
    /// then says of itself. To be called before they are removed, and again if it is not known whether they were.
    pub async fn bury(&self, tenant: TenantId, frames: Vec<i64>) -> Result<Vec<Tombstone>, Unburied> {
        let mut kept = Vec::new();
        for frame in self.inner.store.frames(tenant, frames).await? {
            let span = self.inner.store.span_of(tenant, frame.number).await?.ok_or(Unburied::NotYet(frame.number))?;
            let wrong = |problem| LogProblem::Frame { place: frame.place(), problem };
            kept.push((span.first_leaf, Kept::of(&frame).map_err(wrong)?));
        }
        kept.sort_by_key(|(first_leaf, _)| *first_leaf);
        let written: Result<Vec<KeptEntries>, _> = kept.iter().map(|(leaf, kept)| kept.write(*leaf)).collect();
        let written = written.map_err(|error| Unburied::Failed(Failure::bug(error)))?;
        self.inner.store.keep_entries(tenant, written).await?;
        Ok(tombstones(&kept))
    }
}

/// One for each unbroken range of leaves.
fn tombstones(kept: &[(u64, Kept)]) -> Vec<Tombstone> {
    let mut ranges: Vec<(u64, u64, Sha256)> = Vec::new();
    for (first_leaf, kept) in kept {
        let count = kept.entries.len() as u64;
        let range = match ranges.last_mut().filter(|(first, many, _)| first + many == *first_leaf) {
            Some(range) => range,
            None => {
                ranges.push((*first_leaf, 0, Sha256::new(&SHA256)));
                let Some(range) = ranges.last_mut() else { continue };
                range
            }
        };
        range.1 += count;
        kept.entries.iter().for_each(|entry| range.2.update(entry.as_bytes()));
    }
    let tombstone = |(first_leaf, count, hash): (u64, u64, Sha256)| Tombstone {
        first_leaf,
        count,
        entries_hash: STANDARD.encode(hash.finish()),
    };
    ranges.into_iter().map(tombstone).collect()
}
