//! Signature lines: `— <name> base64(<key id> || <signature>)`.

use super::{MAX_SIGNATURES, NoteError};
use crate::{KeyId, KeyName, VerifierKey};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::fmt;

/// One signature of a note: who is said to have signed, and what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureLine {
    name: KeyName,
    id: KeyId,
    signature: Vec<u8>,
}

impl SignatureLine {
    /// Reads lines, as a witness answers them.
    ///
    /// # Errors
    /// [`NoteError::TooLarge`], [`NoteError::Malformed`] also if there is none.
    pub fn parse_all(text: &str) -> Result<Vec<Self>, NoteError> {
        let lines = text.strip_suffix('\n').ok_or(NoteError::Malformed)?;
        if lines.split('\n').count() > MAX_SIGNATURES {
            return Err(NoteError::TooLarge);
        }
        lines.split('\n').map(|line| Self::parse(line).ok_or(NoteError::Malformed)).collect()
    }

    /// The key that is said to have signed.
    pub const fn name(&self) -> &KeyName {
        &self.name
    }

    /// The id of the key that is said to have signed.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    pub(crate) fn by(key: &VerifierKey, signature: Vec<u8>) -> Self {
        Self { name: key.name().clone(), id: key.id(), signature }
    }

    pub(crate) fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// Name and id, for people.
    pub(crate) fn called(&self) -> String {
        format!("{}+{}", self.name, self.id)
    }

    /// The key among `keys` that is said to have signed.
    pub(crate) fn find_key<'k>(&self, keys: &'k [VerifierKey]) -> Result<Option<&'k VerifierKey>, NoteError> {
        let mut called = keys.iter().filter(|key| *key.name() == self.name && key.id() == self.id);
        let found = called.next();
        if called.any(|key| Some(key) != found) {
            return Err(NoteError::Ambiguous(self.called()));
        }
        Ok(found)
    }

    fn parse(line: &str) -> Option<Self> {
        let (name, signature) = line.strip_prefix("— ")?.split_once(' ')?;
        let bytes = STANDARD.decode(signature).ok()?;
        let (id, signature) = bytes.split_first_chunk()?;
        if signature.is_empty() {
            return None;
        }
        Some(Self { name: KeyName::new(name).ok()?, id: KeyId::from_bytes(*id), signature: signature.to_vec() })
    }
}

impl fmt::Display for SignatureLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.id.to_bytes().to_vec();
        bytes.extend_from_slice(&self.signature);
        writeln!(f, "— {} {}", self.name, STANDARD.encode(bytes))
    }
}
