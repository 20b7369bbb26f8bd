//! A certificate credential: the public half of a key the client signs assertions with. Where nobody has a certificate
//! to give, the bare public key does as well: see [`KeyCredential::from_public_key`].

mod claim;
mod entry;
mod public_key;

pub(crate) use claim::allows_sharing;
pub use claim::claim_certificates;
pub(crate) use entry::check_list;
pub use entry::{KeyEntry, replace_certificates};

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use signet_kernel::Timestamp;
use uuid::Uuid;
use x509_parser::prelude::{FromDer, X509Certificate};

/// Why a certificate cannot be a credential.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Not base64.
    #[error("the key is not base64")]
    Base64,
    /// Not one X.509 certificate in DER.
    #[error("the key is not one X.509 certificate in DER")]
    Der,
}

/// `type` of a certificate.
pub(crate) const X509_CERTIFICATE: &str = "AsymmetricX509Cert";
/// `type` of a bare public key. It is this server's own word: the directory API's `type` is a text, and its clients
/// pass on what they do not know.
pub(crate) const PUBLIC_KEY: &str = "AsymmetricPublicKey";

/// `keyCredential` (CSDL) of type `AsymmetricX509Cert` or `AsymmetricPublicKey` and usage `Verify`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyCredential {
    /// Its id; named by tokens issued under it.
    pub key_id: Uuid,
    /// What the administrator calls it.
    #[serde(default)]
    pub display_name: Option<String>,
    /// `notBefore`, or later; of a bare key when it was added, or later.
    pub start_date_time: Timestamp,
    /// `notAfter`, or earlier; a bare key has no end of its own.
    pub end_date_time: Timestamp,
    /// `AsymmetricX509Cert` or `AsymmetricPublicKey`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Always `Verify`.
    pub usage: String,
    /// Base64: the SHA-1 thumbprint, which Microsoft's clients find a certificate by; of a bare key its thumbprint of
    /// RFC 7638.
    pub custom_key_identifier: String,
    /// The certificate, or the SubjectPublicKeyInfo of a bare key; base64 of DER.
    pub key: String,
    /// Whether the tenant allowed another holder to have the same certificate when this one was added.
    #[serde(default)]
    pub shared: bool,
}

impl KeyCredential {
    /// Reads a certificate. `key` is base64 of DER, with or without line breaks.
    pub fn from_certificate(key_id: Uuid, display_name: Option<String>, key: &str) -> Result<Self, CertificateError> {
        let compact: String = key.split_whitespace().collect();
        let der = STANDARD.decode(&compact).map_err(|_| CertificateError::Base64)?;
        let (rest, certificate) = X509Certificate::from_der(&der).map_err(|_| CertificateError::Der)?;
        if !rest.is_empty() {
            return Err(CertificateError::Der);
        }
        let validity = certificate.validity();
        Ok(Self {
            key_id,
            display_name,
            start_date_time: Timestamp::from_seconds(validity.not_before.timestamp()),
            end_date_time: Timestamp::from_seconds(validity.not_after.timestamp()),
            kind: X509_CERTIFICATE.to_owned(),
            usage: "Verify".to_owned(),
            custom_key_identifier: STANDARD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &der)),
            key: compact,
            shared: false,
        })
    }

    /// Whether it is within its time.
    pub fn is_current(&self, now: Timestamp) -> bool {
        self.start_date_time <= now && now < self.end_date_time
    }

    /// The certificate, or the SubjectPublicKeyInfo of a bare key, in DER.
    pub fn der(&self) -> Vec<u8> {
        // INVARIANT: `key` was decoded once, in `from_certificate`; a body that was tampered with verifies nothing.
        STANDARD.decode(&self.key).unwrap_or_default()
    }

    /// The SubjectPublicKeyInfo in DER.
    pub fn public_key_info(&self) -> Option<Vec<u8>> {
        let der = self.der();
        if self.kind == PUBLIC_KEY {
            return Some(der);
        }
        let (_, certificate) = X509Certificate::from_der(&der).ok()?;
        Some(certificate.public_key().raw.to_vec())
    }

    /// `x5t`: SHA-1 of the DER. No certificate has that of a bare key.
    pub fn x5t(&self) -> Vec<u8> {
        digest(&SHA1_FOR_LEGACY_USE_ONLY, &self.der()).as_ref().to_vec()
    }

    /// `x5t#S256`: SHA-256 of the DER.
    pub fn x5t_s256(&self) -> Vec<u8> {
        digest(&SHA256, &self.der()).as_ref().to_vec()
    }
}
