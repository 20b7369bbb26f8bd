//! Keys and tokens that the tests share.

use signet_jose::{Algorithm, Encoder, Padding, ReadOptions, SigningKey, TypRule};
use std::sync::{Arc, LazyLock};

pub(crate) const OPTIONS: ReadOptions = ReadOptions { max_bytes: 16_384, padding: Padding::Forbidden };
pub(crate) const TOLERANT: ReadOptions = ReadOptions { padding: Padding::Tolerated, ..OPTIONS };
pub(crate) const JWT: TypRule = TypRule::only(&["JWT"]);

static RSA: LazyLock<Vec<u8>> = LazyLock::new(|| pkcs8(Algorithm::Rs256));
static P256: LazyLock<Vec<u8>> = LazyLock::new(|| pkcs8(Algorithm::Es256));
static ED25519: LazyLock<Vec<u8>> = LazyLock::new(|| pkcs8(Algorithm::EdDsa));

fn pkcs8(algorithm: Algorithm) -> Vec<u8> {
    SigningKey::generate(algorithm).unwrap().to_pkcs8().unwrap().to_vec()
}

/// The one key of this process for an algorithm.
pub(crate) fn key(algorithm: Algorithm) -> SigningKey {
    let der = match algorithm {
        Algorithm::Rs256 | Algorithm::Ps256 => &RSA,
        Algorithm::Es256 => &P256,
        Algorithm::EdDsa => &ED25519,
    };
    SigningKey::from_pkcs8(algorithm, der).unwrap()
}

/// A token of that key with `typ: JWT`.
pub(crate) fn token(algorithm: Algorithm, claims: &serde_json::Value) -> String {
    Encoder::new(Arc::new(key(algorithm)), "JWT").unwrap().encode(claims).unwrap()
}
