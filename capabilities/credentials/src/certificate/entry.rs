//! `keyCredential` as clients send it, alone (`addKey`) or as the whole list (PATCH).

use super::public_key::is_usable;
use super::{KeyCredential, PUBLIC_KEY, X509_CERTIFICATE};
use crate::holder::MOST_KEYS;
use crate::password::check_display_name;
use crate::refusal::CredentialRefused;
use serde::{Deserialize, Serialize};
use signet_jose::PublicKey;
use signet_kernel::{Context, Timestamp};
use std::collections::BTreeSet;
use uuid::Uuid;

/// One entry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct KeyEntry {
    /// Of a certificate or bare key that is held; a new one gets an id of its own.
    pub key_id: Option<Uuid>,
    /// What the administrator calls it.
    pub display_name: Option<String>,
    /// Later than the certificate's own start, if at all.
    pub start_date_time: Option<Timestamp>,
    /// Earlier than the certificate's own end, if at all.
    pub end_date_time: Option<Timestamp>,
    /// `AsymmetricX509Cert`, or `AsymmetricPublicKey` for a bare public key.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// `Verify`.
    pub usage: Option<String>,
    /// The certificate or the bare key, base64 of DER.
    pub key: Option<String>,
}

impl KeyEntry {
    /// The entry as a new credential.
    pub fn admit(&self, context: &Context) -> Result<KeyCredential, CredentialRefused> {
        if self.usage.as_deref() != Some("Verify") {
            return Err(CredentialRefused::NotSettable("usage", "it must be \"Verify\"."));
        }
        check_display_name(self.display_name.as_deref())?;
        // INVARIANT: a new credential gets a new id, whatever was asked for: tokens name the credential they came
        // from, and an id that came back would revive them.
        let (key_id, name) = (context.new_uuid(), self.display_name.clone());
        let key = || self.key.as_deref().ok_or(CredentialRefused::KeyMissing);
        let mut certificate = match self.kind.as_deref() {
            Some(X509_CERTIFICATE) => KeyCredential::from_certificate(key_id, name, key()?)?,
            Some(PUBLIC_KEY) => KeyCredential::from_public_key(key_id, name, key()?, context.now())?,
            _ => {
                let why = "it must be \"AsymmetricX509Cert\", or \"AsymmetricPublicKey\" for a bare public key.";
                return Err(CredentialRefused::NotSettable("type", why));
            }
        };
        check_strength(&certificate)?;
        let (start, end) = (certificate.start_date_time, certificate.end_date_time);
        certificate.start_date_time = self.start_date_time.map_or(start, |asked| asked.max(start));
        certificate.end_date_time = self.end_date_time.map_or(end, |asked| asked.min(end));
        if certificate.end_date_time <= certificate.start_date_time || certificate.end_date_time <= context.now() {
            return Err(CredentialRefused::NoTime);
        }
        Ok(certificate)
    }

    /// The certificate that is held under this entry's id, with the entry's name.
    fn keep(&self, held: &KeyCredential) -> Result<KeyCredential, CredentialRefused> {
        let same = self.key.as_deref().is_none_or(|key| key.split_whitespace().collect::<String>() == held.key);
        if !same {
            return Err(CredentialRefused::CertificateChanged(held.key_id));
        }
        check_display_name(self.display_name.as_deref())?;
        let display_name = self.display_name.clone().or_else(|| held.display_name.clone());
        Ok(KeyCredential { display_name, ..held.clone() })
    }
}

/// RSA of at least 2048 bits, or P-256: what client assertions are verified with.
fn check_strength(certificate: &KeyCredential) -> Result<(), CredentialRefused> {
    let info = certificate.public_key_info().ok_or(CredentialRefused::KeyKind)?;
    let key = PublicKey::from_spki(&info)?;
    if is_usable(&key) { Ok(()) } else { Err(CredentialRefused::KeyKind) }
}

/// The certificates that a holder of `held` has after its whole list was replaced by `wanted`. An entry that repeats
/// a held id keeps that certificate, with or without its key; what is not repeated is gone.
pub fn replace_certificates(
    held: &[KeyCredential],
    wanted: &[KeyEntry],
    context: &Context,
) -> Result<Vec<KeyCredential>, CredentialRefused> {
    let kept = |entry: &KeyEntry| held.iter().find(|certificate| Some(certificate.key_id) == entry.key_id);
    let certificate = |entry: &KeyEntry| match kept(entry) {
        Some(held) => entry.keep(held),
        None => entry.admit(context),
    };
    let certificates: Vec<_> = wanted.iter().map(certificate).collect::<Result<_, _>>()?;
    check_list(&certificates)?;
    Ok(certificates)
}

/// Not too many, each once.
pub(crate) fn check_list(certificates: &[KeyCredential]) -> Result<(), CredentialRefused> {
    if certificates.len() > MOST_KEYS {
        return Err(CredentialRefused::Full(MOST_KEYS, "certificates"));
    }
    let (mut ids, mut keys) = (BTreeSet::new(), BTreeSet::new());
    for certificate in certificates {
        if !ids.insert(certificate.key_id) {
            return Err(CredentialRefused::KeyIdTwice(certificate.key_id));
        }
        if !keys.insert(certificate.x5t_s256()) {
            return Err(CredentialRefused::CertificateTwice(certificate.key_id));
        }
    }
    Ok(())
}
