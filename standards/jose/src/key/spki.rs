//! `SubjectPublicKeyInfo` of the three kinds of key, each in its only DER form.

use super::{KeyError, PublicKey};
use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rsa;

/// SPEC: RFC 5480 2.1.1: id-ecPublicKey on secp256r1, an uncompressed point follows.
const P256_PREFIX: [u8; 27] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
];

/// SPEC: RFC 8410 4: id-Ed25519, 32 bytes follow.
const ED25519_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

pub(super) fn parse(der: &[u8]) -> Result<PublicKey, KeyError> {
    if let Some(point) = der.strip_prefix(&P256_PREFIX) {
        let (x, y) = point.split_at_checked(32).ok_or(KeyError::Malformed)?;
        return PublicKey::from_p256_point(array(x)?, array(y)?);
    }
    if let Some(key) = der.strip_prefix(&ED25519_PREFIX) {
        return PublicKey::from_ed25519_bytes(array(key)?);
    }
    rsa_key(der)
}

fn rsa_key(der: &[u8]) -> Result<PublicKey, KeyError> {
    let key = rsa::PublicKey::from_der(der).map_err(|_| KeyError::Malformed)?;
    let canonical: PublicKeyX509Der<'_> = key.as_der().map_err(|_| KeyError::Module)?;
    // WHY: the reader also takes bare PKCS#1 and keys marked for PSS alone, which are not this form.
    if canonical.as_ref() != der {
        return Err(KeyError::Malformed);
    }
    PublicKey::from_rsa_components(
        key.modulus().big_endian_without_leading_zero(),
        key.exponent().big_endian_without_leading_zero(),
    )
}

fn array(bytes: &[u8]) -> Result<[u8; 32], KeyError> {
    bytes.try_into().map_err(|_| KeyError::Malformed)
}
