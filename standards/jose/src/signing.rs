//! Private keys that sign.

use crate::{Algorithm, Jwk, KeyError, PublicKey};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{self, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
    RsaEncoding,
};
use std::fmt;
use zeroize::Zeroizing;

/// Something that signs: a key in memory, or one that never leaves its module.
pub trait Signer: Send + Sync {
    /// The algorithm of every signature it makes.
    fn algorithm(&self) -> Algorithm;

    /// The id under which its public key is published.
    fn kid(&self) -> &str;

    /// Signs `message`.
    ///
    /// # Errors
    /// [`SigningFailed`] if the module that holds the key fails.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningFailed>;
}

/// The module that holds the key could not sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signing module failed")]
pub struct SigningFailed;

/// A private key in memory, for one algorithm, under one id.
pub struct SigningKey {
    kid: String,
    algorithm: Algorithm,
    pair: Pair,
    public: PublicKey,
}

enum Pair {
    Rsa(rsa::KeyPair),
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl SigningKey {
    /// A fresh key; RSA gets 2048 bits, which takes a good part of a second: keep it off async workers.
    /// Its id is its thumbprint.
    ///
    /// The pair is drawn by the cryptographic module from its own generator, which takes no other.
    ///
    /// # Errors
    /// [`KeyError::Module`].
    pub fn generate(algorithm: Algorithm) -> Result<Self, KeyError> {
        let pair = match algorithm {
            Algorithm::Rs256 | Algorithm::Ps256 => rsa::KeyPair::generate(KeySize::Rsa2048).map(Pair::Rsa),
            Algorithm::Es256 => EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map(Pair::P256),
            Algorithm::EdDsa => Ed25519KeyPair::generate().map(Pair::Ed25519),
        };
        Self::of(algorithm, pair.map_err(|_| KeyError::Module)?)
    }

    /// The key of an unencrypted PKCS#8 document; its id is its thumbprint.
    ///
    /// # Errors
    /// [`KeyError`] if the document is not an acceptable key for `algorithm`.
    pub fn from_pkcs8(algorithm: Algorithm, der: &[u8]) -> Result<Self, KeyError> {
        let pair = match algorithm {
            Algorithm::Rs256 | Algorithm::Ps256 => rsa::KeyPair::from_pkcs8(der).map(Pair::Rsa),
            Algorithm::Es256 => EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der).map(Pair::P256),
            Algorithm::EdDsa => Ed25519KeyPair::from_pkcs8(der).map(Pair::Ed25519),
        };
        Self::of(algorithm, pair.map_err(|_| KeyError::Malformed)?)
    }

    /// The same key under another id.
    #[must_use]
    pub fn with_kid(self, kid: impl Into<String>) -> Self {
        Self { kid: kid.into(), ..self }
    }

    /// The public half, restricted to this key's algorithm.
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// The public half as it is published.
    pub fn public_jwk(&self) -> Jwk {
        Jwk::new(self.public.clone(), self.kid.clone())
    }

    /// The private key as PKCS#8, to be sealed.
    ///
    /// # Errors
    /// [`KeyError::Module`].
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let der = match &self.pair {
            Pair::Rsa(pair) => AsDer::<Pkcs8V1Der<'_>>::as_der(pair).map(|der| der.as_ref().to_vec()),
            Pair::P256(pair) => pair.to_pkcs8v1().map(|der| der.as_ref().to_vec()),
            Pair::Ed25519(pair) => pair.to_pkcs8v1().map(|der| der.as_ref().to_vec()),
        };
        der.map(Zeroizing::new).map_err(|_| KeyError::Module)
    }

    fn of(algorithm: Algorithm, pair: Pair) -> Result<Self, KeyError> {
        let public = public_half(&pair)?.restricted_to(algorithm)?;
        Ok(Self { kid: public.thumbprint(), algorithm, pair, public })
    }
}

impl Signer for SigningKey {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    fn kid(&self) -> &str {
        &self.kid
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningFailed> {
        let signature = match &self.pair {
            Pair::Rsa(pair) if self.algorithm == Algorithm::Ps256 => return sign_rsa(pair, &RSA_PSS_SHA256, message),
            Pair::Rsa(pair) => return sign_rsa(pair, &RSA_PKCS1_SHA256, message),
            Pair::P256(pair) => pair.sign(&SystemRandom::new(), message),
            Pair::Ed25519(pair) => pair.try_sign(message),
        };
        signature.map(|signature| signature.as_ref().to_vec()).map_err(|_| SigningFailed)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({} {})", self.algorithm, self.kid)
    }
}

fn sign_rsa(pair: &rsa::KeyPair, encoding: &'static dyn RsaEncoding, message: &[u8]) -> Result<Vec<u8>, SigningFailed> {
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(encoding, &SystemRandom::new(), message, &mut signature).map_err(|_| SigningFailed)?;
    Ok(signature)
}

fn public_half(pair: &Pair) -> Result<PublicKey, KeyError> {
    match pair {
        Pair::Rsa(pair) => {
            let key = pair.public_key();
            PublicKey::from_rsa_components(
                key.modulus().big_endian_without_leading_zero(),
                key.exponent().big_endian_without_leading_zero(),
            )
        }
        Pair::P256(pair) => {
            let point = pair.public_key().as_ref().strip_prefix(&[4]).ok_or(KeyError::Malformed)?;
            let (x, y) = point.split_at_checked(32).ok_or(KeyError::Malformed)?;
            PublicKey::from_p256_point(array(x)?, array(y)?)
        }
        Pair::Ed25519(pair) => PublicKey::from_ed25519_bytes(array(pair.public_key().as_ref())?),
    }
}

fn array(bytes: &[u8]) -> Result<[u8; 32], KeyError> {
    bytes.try_into().map_err(|_| KeyError::Malformed)
}
