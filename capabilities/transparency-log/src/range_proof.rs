//! That many records are in the log, in one proof: for who takes them away.

use crate::entry::entry_of;
use crate::gather::verified;
use crate::logs::TransparencyLogs;
use crate::problem::LogProblem;
use crate::prove::ProveError;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use signet_kernel::TenantId;
use signet_record::LogTile;
use signet_tlog::{Hash, InclusionProof, Log, TileAddress, TreeHead, UnverifiedCheckpoint, VerifiedTiles};
use std::collections::BTreeSet;

/// Leaves of a tile.
const WIDTH: u64 = 256;

/// A signed checkpoint, and the tiles that lead from some leaves to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RangeProof {
    checkpoint: String,
    /// Level, index, and the hashes in base64.
    tiles: Vec<(u8, u64, String)>,
}

/// Why a proof proves nothing.
#[derive(Debug, thiserror::Error)]
pub enum RangeProofError {
    /// The checkpoint is not the log's.
    #[error("the checkpoint is not to be believed: {0}")]
    Checkpoint(String),
    /// The tiles do not lead to it.
    #[error("its tiles do not lead to its checkpoint: {0}")]
    Tiles(String),
    /// A record is not the one that is in the log.
    #[error("the record of leaf {0} is not the one that is in the log")]
    Record(u64),
}

/// Tiles of a proof that are the log's.
#[derive(Debug)]
pub struct ProvedRange(VerifiedTiles);

/// Where a record stood, and what it was: of this its entry is made again.
#[derive(Debug, Clone, Copy)]
pub struct Stood<'a> {
    /// The table.
    pub table: &'a str,
    /// The writer, as text.
    pub writer: &'a str,
    /// The number of its frame in its chain.
    pub seq: u64,
    /// Its line in the frame.
    pub line: u64,
    /// Its key line.
    pub keys: &'a [u8],
    /// Its body line.
    pub body: &'a [u8],
}

impl TransparencyLogs {
    /// Proves that ranges of leaves, given by their first and their number, are in the log.
    pub async fn prove_ranges(&self, tenant: TenantId, ranges: &[(u64, u64)]) -> Result<RangeProof, ProveError> {
        let (checkpoint, head) = self.signed_head(tenant).await?;
        let mut wanted = BTreeSet::new();
        for (first, count) in ranges {
            let end = first.saturating_add(*count);
            if end > head.size {
                return Err(ProveError::NotYet);
            }
            let mut leaf = *first;
            while leaf < end {
                wanted.extend(InclusionProof::tiles(leaf, head.size).map_err(LogProblem::from)?);
                leaf = (leaf / WIDTH + 1) * WIDTH;
            }
        }
        let places: Vec<(u8, u64)> = wanted.iter().map(|address| (address.level(), address.index())).collect();
        let found = self.inner.store.tiles(tenant, places).await.map_err(ProveError::from)?;
        // Whoever keeps it can make nothing good of it later: it is verified now.
        let addresses: Vec<TileAddress> = wanted.into_iter().collect();
        verified(head, &addresses, &found).map_err(LogProblem::from)?;
        let tile = |address: &TileAddress| {
            let is_it = |tile: &&LogTile| (tile.level, tile.index) == (address.level(), address.index());
            let hashes = found.iter().find(is_it)?.hashes.get(..usize::from(address.width()) * Hash::LENGTH)?;
            Some((address.level(), address.index(), STANDARD.encode(hashes)))
        };
        let tiles = addresses.iter().filter_map(tile).collect();
        Ok(RangeProof { checkpoint: checkpoint.to_string(), tiles })
    }
}

impl RangeProof {
    /// The name of the log that it is of, as it says.
    pub fn origin(&self) -> Option<String> {
        UnverifiedCheckpoint::parse(self.checkpoint.as_bytes()).ok().map(|said| said.origin().to_owned())
    }

    /// Verifies it, with nothing believed but the log's key.
    pub fn verify(&self, log: &Log) -> Result<ProvedRange, RangeProofError> {
        let wrong = |error: &dyn std::fmt::Display| RangeProofError::Checkpoint(error.to_string());
        let said = UnverifiedCheckpoint::parse(self.checkpoint.as_bytes()).map_err(|error| wrong(&error))?;
        let head: TreeHead = said.verify(log).map_err(|error| wrong(&error))?.head();
        let wrong = |what: String| RangeProofError::Tiles(what);
        let mut found = Vec::new();
        let mut wanted = Vec::new();
        for (level, index, hashes) in &self.tiles {
            let hashes = STANDARD.decode(hashes).map_err(|error| wrong(error.to_string()))?;
            wanted.push(
                TileAddress::in_tree(*level, *index, head.size)
                    .ok_or_else(|| wrong(format!("there is no tile {index} of level {level}")))?,
            );
            found.push(LogTile { level: *level, index: *index, hashes });
        }
        verified(head, &wanted, &found).map(ProvedRange).map_err(|error| wrong(error.to_string()))
    }
}

impl ProvedRange {
    /// Whether a record is the one of this leaf.
    pub fn check(&self, leaf: u64, stood: &Stood<'_>) -> Result<(), RangeProofError> {
        let Stood { table, writer, seq, line, keys, body } = *stood;
        let entry = entry_of(table, (writer, seq, line), (keys, body));
        match self.0.leaf(leaf) {
            Ok(hash) if hash == Hash::leaf(entry.as_bytes()) => Ok(()),
            _ => Err(RangeProofError::Record(leaf)),
        }
    }
}
