//! A public key without a certificate around it, as a JWK or as the DER that certificates carry.

use super::{KeyCredential, PUBLIC_KEY};
use crate::refusal::CredentialRefused;
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
use base64::{Engine as _, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use signet_jose::{Algorithm, Jwk, PublicKey};
use signet_kernel::Timestamp;
use uuid::Uuid;

/// The end of a key that ends when it is removed, for clients that want one: 9999-12-30T00:00:00Z, which all can read.
const NO_END: i64 = 253_402_128_000;

impl KeyCredential {
    /// A bare public key, good from `now` on until it is removed. `key` is base64 of a SubjectPublicKeyInfo in DER.
    ///
    /// # Errors
    /// [`CredentialRefused`] unless it is RSA of at least 2048 bits, or on P-256.
    pub fn from_public_key(
        key_id: Uuid,
        display_name: Option<String>,
        key: &str,
        now: Timestamp,
    ) -> Result<Self, CredentialRefused> {
        let compact: String = key.split_whitespace().collect();
        let der = STANDARD.decode(&compact).map_err(|_| CredentialRefused::PublicKeyEncoding)?;
        let public = PublicKey::from_spki(&der).map_err(CredentialRefused::PublicKey)?;
        if !is_usable(&public) {
            return Err(CredentialRefused::PublicKeyKind);
        }
        // SPEC: RFC 7638 3.1: the thumbprint is the base64url of a hash
        let thumbprint = URL_SAFE_NO_PAD.decode(public.thumbprint()).unwrap_or_default();
        Ok(Self {
            key_id,
            display_name,
            start_date_time: now,
            end_date_time: Timestamp::from_seconds(NO_END),
            kind: PUBLIC_KEY.to_owned(),
            usage: "Verify".to_owned(),
            custom_key_identifier: STANDARD.encode(thumbprint),
            key: compact,
            shared: false,
        })
    }

    /// The same of a JWK, which has no private member: a [`Jwk`] is a public key.
    ///
    /// # Errors
    /// [`CredentialRefused`] unless it is RSA of at least 2048 bits, or on P-256.
    pub fn from_jwk(
        key_id: Uuid,
        display_name: Option<String>,
        jwk: &Jwk,
        now: Timestamp,
    ) -> Result<Self, CredentialRefused> {
        let der = public_key_info(jwk).filter(|_| is_usable(jwk.key())).ok_or(CredentialRefused::PublicKeyKind)?;
        Self::from_public_key(key_id, display_name, &STANDARD.encode(der), now)
    }
}

/// What client assertions are verified with.
pub(super) fn is_usable(key: &PublicKey) -> bool {
    [Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256].iter().any(|algorithm| key.supports(*algorithm))
}

/// The SubjectPublicKeyInfo in DER.
fn public_key_info(jwk: &Jwk) -> Option<Vec<u8>> {
    let members = serde_json::to_value(jwk).ok()?;
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    let bytes = |name: &str| URL_SAFE_NO_PAD.decode(text(name)?).ok();
    let key = match text("kty")? {
        "RSA" => PublicKeyComponents { n: bytes("n")?, e: bytes("e")? }
            .to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)
            .ok()?,
        // SPEC: SEC 1 2.3.3: an uncompressed point
        "EC" => ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, [vec![4], bytes("x")?, bytes("y")?].concat()).ok()?,
        _ => return None,
    };
    let der: PublicKeyX509Der<'_> = key.as_der().ok()?;
    Some(der.as_ref().to_vec())
}
