//! Cosignatures: a witness saw this tree, the largest of its log, at a time.

use crate::{KeyKind, SignError, SignatureLine, Signer, VerifierKey};
use signet_kernel::Timestamp;

/// A witness's statement that, at a time, a checkpoint was the largest consistent one it had seen of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosignature {
    /// The witness's key.
    pub key: VerifierKey,
    /// When it signed, by its own clock.
    pub at: Timestamp,
}

/// Signs the text of a checkpoint with the key of a witness.
pub(crate) fn sign(text: &str, signer: &dyn Signer, at: Timestamp) -> Result<SignatureLine, SignError> {
    if signer.key().kind() != KeyKind::Witness {
        return Err(SignError::WrongKind);
    }
    let time = u64::try_from(at.seconds()).map_err(|_| SignError::Clock)?;
    let signature = signer.sign(message(time, text).as_bytes())?;
    // SPEC: tlog-cosignature, format: timestamped_signature = u64 timestamp || signature
    let stamped = [time.to_be_bytes().as_slice(), &signature].concat();
    Ok(SignatureLine::by(signer.key(), stamped))
}

/// The statement of a line under the name and id of `key`, if the key made it over `text`.
pub(crate) fn verify(key: &VerifierKey, text: &str, line: &SignatureLine) -> Option<Cosignature> {
    let (time, signature) = line.signature().split_first_chunk()?;
    let time = u64::from_be_bytes(*time);
    // SPEC: tlog-cosignature, format: the timestamp MUST NOT exceed 2^63 - 1
    let seconds = i64::try_from(time).ok()?;
    let made = key.kind() == KeyKind::Witness && key.verifies(message(time, text).as_bytes(), signature);
    made.then(|| Cosignature { key: key.clone(), at: Timestamp::from_seconds(seconds) })
}

fn message(time: u64, text: &str) -> String {
    // SPEC: tlog-cosignature, Ed25519 signed message
    format!("cosignature/v1\ntime {time}\n{text}")
}
