//! Signed notes: text, and lines that say who signed it.

mod line;

use crate::cosignature;
use crate::{KeyKind, SignError, Signer, VerifierKey};
pub use line::SignatureLine;

/// The most bytes a note may have. Sixteen of the largest signatures that are specified fit in half of it.
const MAX_BYTES: usize = 256 * 1024;
/// The most signature lines a note may have.
const MAX_SIGNATURES: usize = 64;

/// Why a note is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// More than any note needs.
    #[error("the note has more than {MAX_BYTES} bytes or {MAX_SIGNATURES} signatures")]
    TooLarge,
    /// Not the form of a note.
    #[error("a note is text that ends in a newline, an empty line, and signature lines; no control characters")]
    Malformed,
    /// None of the keys signed it.
    #[error("no key that is trusted here signed the note")]
    Unsigned,
    /// A signature under the name and id of a known key is not that key's.
    #[error("the signature of {0} does not verify")]
    Invalid(String),
    /// Two keys that are trusted cannot be told apart.
    #[error("two different trusted keys are called {0}")]
    Ambiguous(String),
}

/// A note as it was read. Nothing in it is to be believed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnverifiedNote {
    text: String,
    signatures: Vec<SignatureLine>,
}

impl UnverifiedNote {
    /// Reads a note.
    ///
    /// # Errors
    /// [`NoteError::TooLarge`], [`NoteError::Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > MAX_BYTES {
            return Err(NoteError::TooLarge);
        }
        let note = std::str::from_utf8(bytes).map_err(|_| NoteError::Malformed)?;
        // SPEC: signed-note, format: split at the last empty line; the text keeps its last newline
        let end = note.rfind("\n\n").ok_or(NoteError::Malformed)?;
        let (text, lines) = note.split_at_checked(end + 1).ok_or(NoteError::Malformed)?;
        let lines = lines.strip_prefix('\n').ok_or(NoteError::Malformed)?;
        check_text(text).ok_or(NoteError::Malformed)?;
        Ok(Self { text: text.to_owned(), signatures: SignatureLine::parse_all(lines)? })
    }

    /// The text. Only a hint, for finding the keys to verify it with.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Verifies every signature under the name and id of one of `keys`, and ignores all others.
    ///
    /// # Errors
    /// [`NoteError`] if none of them signed, or one of these signatures is false.
    pub fn verify(self, keys: &[VerifierKey]) -> Result<VerifiedNote, NoteError> {
        let mut signed_by: Vec<VerifierKey> = Vec::new();
        for line in &self.signatures {
            let Some(key) = line.find_key(keys)? else { continue };
            // SPEC: signed-note, signatures: of a known key MUST be verified; SHOULD reject the note if it fails
            if !verifies(key, &self.text, line) {
                return Err(NoteError::Invalid(line.called()));
            }
            if !signed_by.contains(key) {
                signed_by.push(key.clone());
            }
        }
        if signed_by.is_empty() { Err(NoteError::Unsigned) } else { Ok(VerifiedNote { note: self, signed_by }) }
    }

    pub(crate) fn signatures(&self) -> &[SignatureLine] {
        &self.signatures
    }

    /// Adds lines, each in place of those under the same name and id.
    pub(crate) fn add(&mut self, lines: impl IntoIterator<Item = SignatureLine>) {
        for line in lines {
            self.signatures.retain(|other| (other.name(), other.id()) != (line.name(), line.id()));
            self.signatures.push(line);
        }
    }
}

impl std::fmt::Display for UnverifiedNote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|line| line.fmt(f))
    }
}

/// A note that somebody trusted signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedNote {
    note: UnverifiedNote,
    signed_by: Vec<VerifierKey>,
}

impl VerifiedNote {
    /// The text.
    pub fn text(&self) -> &str {
        &self.note.text
    }

    /// The trusted keys that signed it, each once.
    pub fn signed_by(&self) -> &[VerifierKey] {
        &self.signed_by
    }

    pub(crate) fn into_note(self) -> UnverifiedNote {
        self.note
    }
}

/// Signs `text` with the key of a log.
pub(crate) fn sign(text: &str, signer: &dyn Signer) -> Result<SignatureLine, SignError> {
    if signer.key().kind() != KeyKind::Log {
        return Err(SignError::WrongKind);
    }
    check_text(text).ok_or(SignError::Text)?;
    let signature = signer.sign(text.as_bytes())?;
    Ok(SignatureLine::by(signer.key(), signature.to_vec()))
}

/// A note of `text` and lines that were made for it.
pub(crate) fn assemble(text: String, signatures: Vec<SignatureLine>) -> UnverifiedNote {
    UnverifiedNote { text, signatures }
}

fn verifies(key: &VerifierKey, text: &str, line: &SignatureLine) -> bool {
    match key.kind() {
        KeyKind::Log => key.verifies(text.as_bytes(), line.signature()),
        KeyKind::Witness => cosignature::verify(key, text, line).is_some(),
    }
}

/// Nothing, if a note cannot carry the text.
fn check_text(text: &str) -> Option<()> {
    // SPEC: signed-note, format: no ASCII control characters (below U+0020) other than newline
    let strange = |byte: u8| byte < b' ' && byte != b'\n';
    (text.ends_with('\n') && !text.bytes().any(strange)).then_some(())
}
