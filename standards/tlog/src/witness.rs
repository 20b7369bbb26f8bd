//! What a witness is asked, and when it signs.

use crate::proof::ProofError;
use crate::{
    CheckpointError, ConsistencyProof, Hash, Log, SignError, SignatureLine, SignedCheckpoint, Signer, TreeHead,
    UnverifiedCheckpoint, decimal,
};
use signet_kernel::Timestamp;
use std::fmt;

/// The most proof lines a request may have.
const MAX_PROOF: usize = 63;

/// Why bytes are not a request: `400 Bad Request`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Not the form of a request.
    #[error("the body is a line 'old <size>', at most {MAX_PROOF} hashes in base64, an empty line and a checkpoint")]
    Malformed,
    /// The checkpoint in it.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

/// A log asks a witness to cosign a checkpoint: the body of `add-checkpoint`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size that the witness is thought to have signed last.
    pub old: u64,
    /// Proves that the checkpoint grew out of that.
    pub proof: ConsistencyProof,
    /// The checkpoint.
    pub checkpoint: UnverifiedCheckpoint,
}

impl AddCheckpoint {
    /// Reads a request.
    ///
    /// # Errors
    /// [`RequestError`].
    pub fn parse(body: &[u8]) -> Result<Self, RequestError> {
        // SPEC: tlog-witness, add-checkpoint: an old size line, proof lines, an empty line, a checkpoint
        let end = body.windows(2).position(|pair| pair == b"\n\n").ok_or(RequestError::Malformed)?;
        let (before, rest) = body.split_at_checked(end).ok_or(RequestError::Malformed)?;
        let (old, proof) = parse_before(before).ok_or(RequestError::Malformed)?;
        let checkpoint = rest.strip_prefix(b"\n\n").ok_or(RequestError::Malformed)?;
        Ok(Self { old, proof, checkpoint: UnverifiedCheckpoint::parse(checkpoint)? })
    }

    /// Decides as a witness that trusts `log` and signed `latest` last ([`TreeHead::EMPTY`] if it never did).
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn decide(self, log: Option<&Log>, latest: TreeHead) -> Result<Accepted, Refusal> {
        let log = log.ok_or(Refusal::UnknownLog)?;
        let checkpoint = self.checkpoint.verify(log).map_err(|_| Refusal::Unsigned)?;
        let head = checkpoint.head();
        if self.old > head.size {
            return Err(Refusal::Shrunk);
        }
        if self.old != latest.size {
            return Err(Refusal::Behind { latest: latest.size });
        }
        match self.proof.verify(&latest, &head) {
            Ok(()) => Ok(Accepted { before: latest, checkpoint }),
            Err(ProofError::Mismatch) if head.size == latest.size => Err(Refusal::Fork),
            Err(_) => Err(Refusal::Inconsistent),
        }
    }
}

impl fmt::Display for AddCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        self.proof.path.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

fn parse_before(bytes: &[u8]) -> Option<(u64, ConsistencyProof)> {
    let mut lines = std::str::from_utf8(bytes).ok()?.split('\n');
    let old = decimal::parse(lines.next()?.strip_prefix("old ")?).ok()?;
    if lines.clone().count() > MAX_PROOF {
        return None;
    }
    let path: Option<Vec<Hash>> = lines.map(|line| line.parse().ok()).collect();
    Some((old, ConsistencyProof { path: path? }))
}

/// Why a witness does not sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing is trusted under this origin.
    #[error("this witness does not know the log")]
    UnknownLog,
    /// No trusted key of the log signed it, or a signature is false.
    #[error("the checkpoint is not signed by the log")]
    Unsigned,
    /// The old size is larger than the checkpoint's.
    #[error("the old size is larger than that of the checkpoint")]
    Shrunk,
    /// The witness signed another size last.
    #[error("this witness signed size {latest} last; prove consistency from there")]
    Behind {
        /// The size it signed last.
        latest: u64,
    },
    /// The log signed two trees of one size.
    #[error("this witness signed another tree of the same size")]
    Fork,
    /// The proof does not show that the log only grew.
    #[error("the consistency proof does not verify")]
    Inconsistent,
}

impl Refusal {
    /// The media type of the body of [`Refusal::Behind`].
    pub const SIZE_TYPE: &'static str = "text/x.tlog.size";

    /// The HTTP status.
    pub const fn status(self) -> u16 {
        // SPEC: tlog-witness, add-checkpoint
        match self {
            Self::Shrunk => 400,
            Self::Unsigned => 403,
            Self::UnknownLog => 404,
            Self::Behind { .. } | Self::Fork => 409,
            Self::Inconsistent => 422,
        }
    }

    /// The body in [`Self::SIZE_TYPE`], where the specification has one.
    pub fn size_body(self) -> Option<String> {
        match self {
            Self::Behind { latest } => Some(format!("{latest}\n")),
            _ => None,
        }
    }

    /// The size in the body of a `409` of [`Self::SIZE_TYPE`].
    pub fn read_size_body(body: &str) -> Option<u64> {
        decimal::parse(body.strip_suffix('\n')?).ok()
    }
}

/// A checkpoint that may be cosigned, once it is kept in place of the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "the witness has to keep it, then cosign it"]
pub struct Accepted {
    before: TreeHead,
    checkpoint: SignedCheckpoint,
}

impl Accepted {
    /// The tree that must still be the latest when this one is kept: compare and replace in one step, else of two
    /// requests at once the later rolls the earlier back.
    pub const fn before(&self) -> TreeHead {
        self.before
    }

    /// The checkpoint to keep.
    pub const fn checkpoint(&self) -> &SignedCheckpoint {
        &self.checkpoint
    }

    /// The line to answer with. Only after the checkpoint is durable.
    ///
    /// # Errors
    /// [`SignError`].
    pub fn cosign(&self, signer: &dyn Signer, at: Timestamp) -> Result<SignatureLine, SignError> {
        // SPEC: tlog-witness, add-checkpoint: MUST persist the new checkpoint before responding
        self.checkpoint.cosign(signer, at)
    }
}
