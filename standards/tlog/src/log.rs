//! What a reader trusts of a log, and the checkpoints that pass for its own.

use crate::cosignature;
use crate::note::{self, UnverifiedNote};
use crate::{
    Checkpoint, CheckpointError, Cosignature, KeyKind, NoteError, SignError, SignatureLine, Signer, TreeHead,
    VerifierKey,
};
use std::fmt;

/// A log as a reader trusts it: its name, and the keys that sign for it. More than one while keys rotate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    origin: String,
    keys: Vec<VerifierKey>,
}

impl Log {
    /// The log `origin`, for which `keys` sign. Keys of witnesses are left out: they never sign for a log.
    pub fn new(origin: impl Into<String>, keys: impl IntoIterator<Item = VerifierKey>) -> Self {
        let keys = keys.into_iter().filter(|key| key.kind() == KeyKind::Log).collect();
        Self { origin: origin.into(), keys }
    }

    /// The log's name.
    pub fn origin(&self) -> &str {
        &self.origin
    }
}

/// A checkpoint as it was read. Nothing in it is to be believed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnverifiedCheckpoint {
    note: UnverifiedNote,
    said: Checkpoint,
}

impl UnverifiedCheckpoint {
    /// Reads a checkpoint.
    ///
    /// # Errors
    /// [`CheckpointError::Note`], [`CheckpointError::Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let note = UnverifiedNote::parse(bytes)?;
        Ok(Self { said: note.text().parse()?, note })
    }

    /// The log it is said to be of. Only a hint, for finding what is trusted of that log.
    pub fn origin(&self) -> &str {
        self.said.origin()
    }

    /// The size it states. Only a hint.
    pub const fn size(&self) -> u64 {
        self.said.head().size
    }

    /// Verifies that `log` signed it.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn verify(self, log: &Log) -> Result<SignedCheckpoint, CheckpointError> {
        if self.said.origin() != log.origin {
            return Err(CheckpointError::Origin(self.said.origin().to_owned()));
        }
        let note = self.note.verify(&log.keys)?.into_note();
        Ok(SignedCheckpoint { checkpoint: self.said, note })
    }
}

impl fmt::Display for UnverifiedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note.fmt(f)
    }
}

/// A checkpoint that its log signed. In text: the whole note, with every signature line that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    note: UnverifiedNote,
}

impl SignedCheckpoint {
    /// Signs `checkpoint` for its log with every one of `signers`.
    ///
    /// A log never signs two checkpoints that are not consistent: what is signed must be durable before.
    ///
    /// # Errors
    /// [`SignError`].
    pub fn sign(checkpoint: Checkpoint, signers: &[&dyn Signer]) -> Result<Self, SignError> {
        let text = checkpoint.to_string();
        let lines: Result<Vec<_>, _> = signers.iter().map(|signer| note::sign(&text, *signer)).collect();
        Ok(Self { checkpoint, note: note::assemble(text, lines?) })
    }

    /// What it says.
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The tree.
    pub const fn head(&self) -> TreeHead {
        self.checkpoint.head()
    }

    /// The statements of those of `witnesses` that cosigned it, the latest of each. One key under two names is one
    /// witness: what it signs does not say its name. How many are enough is the caller's policy.
    ///
    /// # Errors
    /// [`NoteError`] if a signature under the name and id of one of them is false.
    pub fn cosignatures(&self, witnesses: &[VerifierKey]) -> Result<Vec<Cosignature>, NoteError> {
        let mut found: Vec<Cosignature> = Vec::new();
        for line in self.note.signatures() {
            let Some(key) = line.find_key(witnesses)?.filter(|key| key.kind() == KeyKind::Witness) else { continue };
            let said = cosignature::verify(key, self.note.text(), line);
            let said = said.ok_or_else(|| NoteError::Invalid(line.called()))?;
            match found.iter_mut().find(|other| other.key.public_bytes() == said.key.public_bytes()) {
                Some(other) => other.at = other.at.max(said.at),
                None => found.push(said),
            }
        }
        Ok(found)
    }

    /// Adds the lines that a witness answered, in place of its earlier ones, if one of `witnesses` made them; those of
    /// other keys are left out.
    ///
    /// # Errors
    /// [`NoteError`] if a line is false, or none is of a known witness.
    pub fn add_cosignatures(&mut self, lines: Vec<SignatureLine>, witnesses: &[VerifierKey]) -> Result<(), NoteError> {
        let mut known = Vec::new();
        for line in lines {
            if line.find_key(witnesses)?.is_some() {
                known.push(line);
            }
        }
        let alone =
            Self { checkpoint: self.checkpoint.clone(), note: note::assemble(self.note.text().to_owned(), known) };
        if alone.cosignatures(witnesses)?.is_empty() {
            return Err(NoteError::Unsigned);
        }
        self.note.add(alone.note.signatures().iter().cloned());
        Ok(())
    }

    pub(crate) fn cosign(&self, signer: &dyn Signer, at: signet_kernel::Timestamp) -> Result<SignatureLine, SignError> {
        cosignature::sign(self.note.text(), signer, at)
    }
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note.fmt(f)
    }
}
