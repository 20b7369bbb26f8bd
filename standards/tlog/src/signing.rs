//! Keys that sign.

use crate::{KeyError, KeyKind, KeyName, VerifierKey};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use std::fmt;
use zeroize::Zeroizing;

/// Something that signs: a key in memory, or one that never leaves its module.
pub trait Signer: Send + Sync {
    /// The key that verifies what it signs.
    fn key(&self) -> &VerifierKey;

    /// The Ed25519 signature over `message`.
    ///
    /// # Errors
    /// [`SigningFailed`] if the module that holds the key fails.
    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SigningFailed>;
}

/// The module that holds the key could not sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signing module failed")]
pub struct SigningFailed;

/// Why something was not signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// A log's key was asked for a cosignature, or a witness's for a plain signature.
    #[error("a log signs with a key of kind 1 and a witness with one of kind 4")]
    WrongKind,
    /// The text is not one that a note can carry.
    #[error("a note's text ends in a newline and has no other control characters")]
    Text,
    /// The clock stands before 1970.
    #[error("the clock stands before 1970")]
    Clock,
    /// The module failed.
    #[error(transparent)]
    Failed(#[from] SigningFailed),
}

/// An Ed25519 key in memory.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    key: VerifierKey,
}

impl SigningKey {
    /// A fresh key, drawn by the cryptographic module from its own generator, which takes no other.
    ///
    /// # Errors
    /// [`KeyError::Module`].
    pub fn generate(name: KeyName, kind: KeyKind) -> Result<Self, KeyError> {
        Self::of(name, kind, Ed25519KeyPair::generate().map_err(|_| KeyError::Module)?)
    }

    /// The key of an unencrypted PKCS#8 document.
    ///
    /// # Errors
    /// [`KeyError::Malformed`] if it is none of Ed25519.
    pub fn from_pkcs8(name: KeyName, kind: KeyKind, der: &[u8]) -> Result<Self, KeyError> {
        Self::of(name, kind, Ed25519KeyPair::from_pkcs8(der).map_err(|_| KeyError::Malformed)?)
    }

    /// The key of its 32 secret bytes.
    ///
    /// # Errors
    /// [`KeyError::Module`].
    pub fn from_seed(name: KeyName, kind: KeyKind, seed: &[u8; 32]) -> Result<Self, KeyError> {
        Self::of(name, kind, Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| KeyError::Module)?)
    }

    /// The private key as PKCS#8, to be sealed.
    ///
    /// # Errors
    /// [`KeyError::Module`].
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let der = self.pair.to_pkcs8v1().map_err(|_| KeyError::Module)?;
        Ok(Zeroizing::new(der.as_ref().to_vec()))
    }

    fn of(name: KeyName, kind: KeyKind, pair: Ed25519KeyPair) -> Result<Self, KeyError> {
        let public = pair.public_key().as_ref().try_into().map_err(|_| KeyError::Module)?;
        Ok(Self { key: VerifierKey::new(name, kind, public)?, pair })
    }
}

impl Signer for SigningKey {
    fn key(&self) -> &VerifierKey {
        &self.key
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SigningFailed> {
        let signature = self.pair.try_sign(message).map_err(|_| SigningFailed)?;
        signature.as_ref().try_into().map_err(|_| SigningFailed)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.key)
    }
}
