//! Sealing: authenticated encryption of what must come back in clear, such as private keys.

use crate::Context;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::Zeroizing;

/// The sealed text could not be opened: another key, another purpose, or altered bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("sealed value does not open with this key for this purpose")]
pub struct SealError;

/// Nonce and AES-256-GCM ciphertext, base64 on the wire. Safe to store; useless without the key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(#[serde(with = "base64_text")] Vec<u8>);

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

/// A 256-bit key that seals.
pub struct SealingKey {
    key: LessSafeKey,
    bytes: Zeroizing<[u8; 32]>,
}

impl SealingKey {
    /// The key with these bytes.
    #[expect(clippy::expect_used, reason = "AES-256-GCM takes any 32 bytes")]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        let key = UnboundKey::new(&AES_256_GCM, &bytes).expect("an AES-256-GCM key has 32 bytes");
        Self { key: LessSafeKey::new(key), bytes: Zeroizing::new(bytes) }
    }

    /// A fresh key.
    pub fn generate(context: &Context) -> Self {
        Self::from_bytes(context.random())
    }

    /// Seals `clear` for `purpose`; only the same purpose opens it. A purpose names what is sealed and whose it
    /// is (`"signing-key/{tenant}/{kid}"`), so that no sealed value can be moved to another place.
    #[expect(clippy::expect_used, reason = "AES-GCM refuses only lengths beyond 64 GiB")]
    pub fn seal(&self, context: &Context, purpose: &str, clear: &[u8]) -> Sealed {
        let nonce: [u8; NONCE_LEN] = context.random();
        let mut sealed = clear.to_vec();
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(purpose.as_bytes()), &mut sealed)
            .expect("the text is far shorter than AES-GCM's limit");
        Sealed([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what was sealed for `purpose`.
    pub fn open(&self, purpose: &str, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (nonce, text) = sealed.0.split_at_checked(NONCE_LEN).ok_or(SealError)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError)?;
        let mut clear = Zeroizing::new(text.to_vec());
        let length =
            self.key.open_in_place(nonce, Aad::from(purpose.as_bytes()), &mut clear).map_err(|_| SealError)?.len();
        clear.truncate(length);
        Ok(clear)
    }

    /// Seals this key under `outer`.
    pub fn wrap(&self, context: &Context, outer: &SealingKey, purpose: &str) -> Sealed {
        outer.seal(context, purpose, self.bytes.as_slice())
    }

    /// Opens a key that was wrapped under `self`.
    pub fn unwrap_key(&self, purpose: &str, wrapped: &Sealed) -> Result<SealingKey, SealError> {
        let bytes: [u8; 32] = self.open(purpose, wrapped)?.as_slice().try_into().map_err(|_| SealError)?;
        Ok(Self::from_bytes(bytes))
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey(…)")
    }
}

mod base64_text {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        STANDARD.decode(text.as_bytes()).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_only_with_the_same_key_purpose_and_bytes() {
        let context = Context::system();
        let (key, other) = (SealingKey::generate(&context), SealingKey::generate(&context));
        let sealed = key.seal(&context, "a", b"secret");
        assert_eq!(key.open("a", &sealed).unwrap().as_slice(), b"secret");
        assert_eq!(key.open("b", &sealed), Err(SealError));
        assert_eq!(other.open("a", &sealed), Err(SealError));
        let mut altered = sealed.clone();
        altered.0[NONCE_LEN] ^= 1;
        assert_eq!(key.open("a", &altered), Err(SealError));
        assert_eq!(key.open("a", &Sealed(vec![0; 3])), Err(SealError));
    }

    #[test]
    fn a_wrapped_key_comes_back_the_same() {
        let context = Context::system();
        let (outer, inner) = (SealingKey::generate(&context), SealingKey::generate(&context));
        let wrapped = inner.wrap(&context, &outer, "k");
        let again = outer.unwrap_key("k", &wrapped).unwrap();
        assert_eq!(again.open("x", &inner.seal(&context, "x", b"1")).unwrap().as_slice(), b"1");
    }
}
