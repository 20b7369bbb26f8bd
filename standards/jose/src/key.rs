//! Public keys, parsed once and kept ready to verify.

mod roca;
mod spki;

use crate::{Algorithm, encoding};
use aws_lc_rs::digest;
use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
};
use std::fmt;
use std::sync::Arc;

/// Why bytes are not a key that may be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not an encoding of any key known here.
    #[error("the key is malformed or of a kind that is not supported; use RSA, P-256 or Ed25519")]
    Malformed,
    /// The RSA modulus is too short or absurdly long.
    #[error("an RSA key must have 2048 to 8192 bits")]
    RsaSize,
    /// The RSA exponent invites known attacks.
    #[error("an RSA key must have an odd public exponent from 65537 to 2^32")]
    RsaExponent,
    /// The RSA key carries the fingerprint of CVE-2017-15361 and can be factored.
    #[error("the RSA key was made by a broken generator (ROCA, CVE-2017-15361); replace it")]
    RsaRoca,
    /// The point is not on its curve.
    #[error("the point is not on the curve")]
    NotOnCurve,
    /// The key and the algorithm do not belong together.
    #[error("the key does not fit the algorithm")]
    WrongAlgorithm,
    /// The cryptographic module failed.
    #[error("the cryptographic module could not make or write the key")]
    Module,
}

/// The signature is not the key's over the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not verify")]
pub struct SignatureInvalid;

/// A public key that verifies signatures. Cheap to clone.
///
/// INVARIANT: RSA keys have at least 2048 bits and a sane exponent, points are on their curve.
#[derive(Clone)]
pub struct PublicKey {
    material: Arc<Material>,
    only: Option<Algorithm>,
}

/// What a key consists of: the numbers as published, and the parsed form.
pub(crate) enum Material {
    Rsa { modulus: Vec<u8>, exponent: Vec<u8>, pkcs1: ParsedPublicKey, pss: ParsedPublicKey },
    P256 { x: [u8; 32], y: [u8; 32], key: ParsedPublicKey },
    Ed25519 { x: [u8; 32], key: ParsedPublicKey },
}

impl PublicKey {
    /// An RSA key of big-endian modulus and exponent without leading zeros.
    ///
    /// # Errors
    /// [`KeyError`] if the numbers are not an acceptable key.
    pub fn from_rsa_components(modulus: &[u8], exponent: &[u8]) -> Result<Self, KeyError> {
        check_rsa_numbers(modulus, exponent)?;
        let components = PublicKeyComponents { n: modulus, e: exponent };
        let assembled =
            components.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256).map_err(|_| KeyError::Malformed)?;
        // WHY: assembling checks nothing; reading the assembled encoding back checks the key.
        let pkcs1 = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &assembled).map_err(|_| KeyError::Malformed)?;
        let pss = ParsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, &assembled).map_err(|_| KeyError::Malformed)?;
        Ok(Self::of(Material::Rsa { modulus: modulus.to_vec(), exponent: exponent.to_vec(), pkcs1, pss }))
    }

    /// A P-256 key of its affine coordinates.
    ///
    /// # Errors
    /// [`KeyError::NotOnCurve`].
    pub fn from_p256_point(x: [u8; 32], y: [u8; 32]) -> Result<Self, KeyError> {
        let mut point = [4_u8; 65];
        for (to, from) in point.iter_mut().skip(1).zip(x.iter().chain(&y)) {
            *to = *from;
        }
        let key = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).map_err(|_| KeyError::NotOnCurve)?;
        Ok(Self::of(Material::P256 { x, y, key }))
    }

    /// An Ed25519 key of its 32 bytes.
    ///
    /// # Errors
    /// [`KeyError::NotOnCurve`].
    pub fn from_ed25519_bytes(x: [u8; 32]) -> Result<Self, KeyError> {
        let key = ParsedPublicKey::new(&ED25519, x).map_err(|_| KeyError::NotOnCurve)?;
        Ok(Self::of(Material::Ed25519 { x, key }))
    }

    /// The key of a DER `SubjectPublicKeyInfo`, as a certificate carries it.
    ///
    /// # Errors
    /// [`KeyError`] if it is not an acceptable RSA, P-256 (uncompressed) or Ed25519 key in its only DER form.
    pub fn from_spki(der: &[u8]) -> Result<Self, KeyError> {
        spki::parse(der)
    }

    /// The same key, for one algorithm alone.
    ///
    /// # Errors
    /// [`KeyError::WrongAlgorithm`] if the key cannot do it.
    pub fn restricted_to(self, algorithm: Algorithm) -> Result<Self, KeyError> {
        if !self.supports(algorithm) {
            return Err(KeyError::WrongAlgorithm);
        }
        Ok(Self { only: Some(algorithm), ..self })
    }

    /// Whether the key may verify signatures of `algorithm`.
    pub fn supports(&self, algorithm: Algorithm) -> bool {
        self.only.is_none_or(|only| only == algorithm) && self.verifier(algorithm).is_some()
    }

    /// Verifies that `signature` is the key's over `message`.
    ///
    /// # Errors
    /// [`SignatureInvalid`], also when the key may not be used with `algorithm`.
    pub fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Result<(), SignatureInvalid> {
        if self.only.is_some_and(|only| only != algorithm) {
            return Err(SignatureInvalid);
        }
        let verifier = self.verifier(algorithm).ok_or(SignatureInvalid)?;
        verifier.verify_sig(message, signature).map_err(|_| SignatureInvalid)
    }

    /// The RFC 7638 thumbprint: SHA-256 over the required members, in base64url.
    pub fn thumbprint(&self) -> String {
        let b64 = |bytes: &[u8]| encoding::encode(bytes);
        // SPEC: RFC 7638 3.2 and RFC 8037 2: required members alone, in lexicographic order, without white space
        let members = match &*self.material {
            Material::Rsa { modulus, exponent, .. } => {
                format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, b64(exponent), b64(modulus))
            }
            Material::P256 { x, y, .. } => {
                format!(r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#, b64(x), b64(y))
            }
            Material::Ed25519 { x, .. } => format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, b64(x)),
        };
        encoding::encode(digest::digest(&digest::SHA256, members.as_bytes()))
    }

    /// The one algorithm this key is restricted to.
    pub fn restriction(&self) -> Option<Algorithm> {
        self.only
    }

    pub(crate) fn material(&self) -> &Material {
        &self.material
    }

    fn of(material: Material) -> Self {
        Self { material: Arc::new(material), only: None }
    }

    fn verifier(&self, algorithm: Algorithm) -> Option<&ParsedPublicKey> {
        match (&*self.material, algorithm) {
            (Material::Rsa { pkcs1, .. }, Algorithm::Rs256) => Some(pkcs1),
            (Material::Rsa { pss, .. }, Algorithm::Ps256) => Some(pss),
            (Material::P256 { key, .. }, Algorithm::Es256) | (Material::Ed25519 { key, .. }, Algorithm::EdDsa) => {
                Some(key)
            }
            _ => None,
        }
    }
}

impl PartialEq for PublicKey {
    /// Equal numbers; a restriction to one algorithm does not make another key.
    fn eq(&self, other: &Self) -> bool {
        match (&*self.material, &*other.material) {
            (Material::Rsa { modulus, exponent, .. }, Material::Rsa { modulus: n, exponent: e, .. }) => {
                modulus == n && exponent == e
            }
            (Material::P256 { x, y, .. }, Material::P256 { x: other_x, y: other_y, .. }) => {
                x == other_x && y == other_y
            }
            (Material::Ed25519 { x, .. }, Material::Ed25519 { x: other_x, .. }) => x == other_x,
            _ => false,
        }
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.thumbprint())
    }
}

fn check_rsa_numbers(modulus: &[u8], exponent: &[u8]) -> Result<(), KeyError> {
    let (Some(first), Some(last)) = (modulus.first(), modulus.last()) else { return Err(KeyError::Malformed) };
    // SPEC: RFC 7518 6.3.1.1 and 2: the minimum number of octets; an RSA modulus is odd
    if *first == 0 || last % 2 == 0 {
        return Err(KeyError::Malformed);
    }
    let bits = modulus.len().saturating_mul(8).saturating_sub(first.leading_zeros() as usize);
    // SPEC: RFC 7518 3.3: a key of size 2048 bits or larger MUST be used
    if !(2048..=8192).contains(&bits) {
        return Err(KeyError::RsaSize);
    }
    if exponent.first() == Some(&0) {
        return Err(KeyError::Malformed);
    }
    let exponent = exponent.iter().try_fold(0_u32, |sum, byte| sum.checked_mul(256).map(|sum| sum | u32::from(*byte)));
    match exponent {
        Some(exponent) if exponent >= 65_537 && exponent % 2 == 1 => {}
        _ => return Err(KeyError::RsaExponent),
    }
    if roca::is_suspect(modulus) { Err(KeyError::RsaRoca) } else { Ok(()) }
}
