//! Certificates of holders, parsed once per version of the holder: a key is never parsed on the token path twice.

use crate::client::Credentials;
use moka::sync::Cache;
use signet_jose::{Header, PublicKey};
use signet_kernel::{ObjectId, Timestamp};
use std::sync::Arc;
use uuid::Uuid;

/// A certificate ready to verify with.
#[derive(Debug)]
pub(crate) struct ParsedCertificate {
    /// The credential's id.
    pub id: Uuid,
    /// `x5t`.
    pub x5t: Vec<u8>,
    /// `x5t#S256`.
    pub x5t_s256: Vec<u8>,
    /// Its key.
    pub key: PublicKey,
    start: Timestamp,
    end: Timestamp,
}

impl ParsedCertificate {
    /// Why the certificate cannot be used at this moment, if it cannot.
    pub(crate) fn out_of_time(&self, now: Timestamp) -> Option<&'static str> {
        if now < self.start {
            return Some("the certificate is not valid yet");
        }
        if now < self.end { None } else { Some("the certificate has expired") }
    }

    /// Whether the header points at this certificate.
    fn is_named_by(&self, header: &Header) -> bool {
        header.x5t.is_some_and(|named| named.as_slice() == self.x5t)
            || header.x5t_s256.is_some_and(|named| named.as_slice() == self.x5t_s256)
    }
}

/// Parsed certificates, kept by holder and version.
#[derive(Debug)]
pub(crate) struct Certificates {
    parsed: Cache<(ObjectId, u64), Arc<Vec<ParsedCertificate>>>,
}

impl Certificates {
    const KEPT_HOLDERS: u64 = 50_000;

    /// Nothing parsed yet.
    pub(crate) fn new() -> Self {
        Self { parsed: Cache::new(Self::KEPT_HOLDERS) }
    }

    /// The holder's certificates. One whose key cannot be used is left out: it verifies nothing.
    pub(crate) fn of(&self, credentials: &Credentials<'_>) -> Arc<Vec<ParsedCertificate>> {
        self.parsed.get_with((credentials.holder, credentials.version), || Arc::new(parse(credentials)))
    }
}

impl Default for Certificates {
    fn default() -> Self {
        Self::new()
    }
}

/// The certificates an assertion may be signed with: the one its header names by thumbprint, or all if it names
/// none: clients leave thumbprint and key id out.
pub(crate) fn candidates<'c>(certificates: &'c [ParsedCertificate], header: &Header) -> Vec<&'c ParsedCertificate> {
    let names_one = header.x5t.is_some() || header.x5t_s256.is_some();
    certificates.iter().filter(|certificate| !names_one || certificate.is_named_by(header)).collect()
}

fn parse(credentials: &Credentials<'_>) -> Vec<ParsedCertificate> {
    let parse = |certificate: &signet_credentials::KeyCredential| {
        Some(ParsedCertificate {
            id: certificate.key_id,
            x5t: certificate.x5t(),
            x5t_s256: certificate.x5t_s256(),
            key: PublicKey::from_spki(&certificate.public_key_info()?).ok()?,
            start: certificate.start_date_time,
            end: certificate.end_date_time,
        })
    };
    credentials.certificates.iter().filter_map(parse).collect()
}
