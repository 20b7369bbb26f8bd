//! Proofs to hand on: a leaf's place, its way to the root, and the checkpoint (c2sp.org/tlog-proof).

use crate::proof::ProofError;
use crate::{CheckpointError, Hash, InclusionProof, Log, SignedCheckpoint, UnverifiedCheckpoint, decimal};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::fmt;

const MAGIC: &str = "c2sp.org/tlog-proof@v1";
/// The most hashes on a way: one for each bit of the size.
const MAX_PATH: usize = 63;
/// The most extra bytes.
const MAX_EXTRA: usize = 64 * 1024;

/// Why a proof proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofFileError {
    /// Not the form of a proof.
    #[error("a proof is the line '{MAGIC}', an index, hashes in base64, an empty line and a checkpoint")]
    Malformed,
    /// The checkpoint in it.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The way to the root.
    #[error(transparent)]
    Proof(#[from] ProofError),
}

/// A proof that can be verified without the log. Nothing in it is to be believed before that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofFile {
    /// What an application needs beside the entry. Never authenticated.
    pub extra: Option<Vec<u8>>,
    /// The leaf's place.
    pub inclusion: InclusionProof,
    /// The tree.
    pub checkpoint: UnverifiedCheckpoint,
}

impl ProofFile {
    /// Reads a proof.
    ///
    /// # Errors
    /// [`ProofFileError::Malformed`], [`ProofFileError::Checkpoint`].
    pub fn parse(bytes: &[u8]) -> Result<Self, ProofFileError> {
        let text = std::str::from_utf8(bytes).map_err(|_| ProofFileError::Malformed)?;
        let (before, checkpoint) = text.split_once("\n\n").ok_or(ProofFileError::Malformed)?;
        let (extra, inclusion) = parse_before(before).ok_or(ProofFileError::Malformed)?;
        Ok(Self { extra, inclusion, checkpoint: UnverifiedCheckpoint::parse(checkpoint.as_bytes())? })
    }

    /// Verifies that `log` signed a tree with `leaf` in it.
    ///
    /// # Errors
    /// [`ProofFileError`].
    pub fn verify(self, leaf: &Hash, log: &Log) -> Result<SignedCheckpoint, ProofFileError> {
        let checkpoint = self.checkpoint.verify(log)?;
        self.inclusion.verify(leaf, &checkpoint.head())?;
        Ok(checkpoint)
    }
}

impl fmt::Display for ProofFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{MAGIC}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", STANDARD.encode(extra))?;
        }
        writeln!(f, "index {}", self.inclusion.index)?;
        self.inclusion.path.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

fn parse_before(text: &str) -> Option<(Option<Vec<u8>>, InclusionProof)> {
    let mut lines = text.split('\n').peekable();
    // SPEC: tlog-proof, format
    lines.next().filter(|line| *line == MAGIC)?;
    let extra = match lines.peek().and_then(|line| line.strip_prefix("extra ")) {
        Some(extra) => Some(parse_extra(extra)?),
        None => None,
    };
    if extra.is_some() {
        lines.next();
    }
    let index = decimal::parse(lines.next()?.strip_prefix("index ")?).ok()?;
    let path: Option<Vec<Hash>> = lines.take(MAX_PATH + 1).map(|line| line.parse().ok()).collect();
    Some((extra, InclusionProof { index, path: path.filter(|path| path.len() <= MAX_PATH)? }))
}

fn parse_extra(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok().filter(|extra| extra.len() <= MAX_EXTRA)
}
