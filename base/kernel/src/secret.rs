//! Secrets that Signet hands out: shown once, kept as a hash, found by scanners.
//!
//! A secret reads `sgn_<kind>_<43 characters><6 characters>`: a prefix that leak scanners can look for, 256 random
//! bits in base64url, and a checksum over both so that a scanner can tell a real one from a lookalike offline.

use crate::Context;
use aws_lc_rs::{constant_time, digest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::Zeroizing;

/// What a secret is for; part of its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretKind {
    /// A client secret (`passwordCredential`).
    Client,
}

impl SecretKind {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Client => "sgn_cs_",
        }
    }
}

/// A secret in clear, on its way to the one who asked for it.
#[derive(Clone)]
pub struct ClientSecret(Zeroizing<String>);

impl ClientSecret {
    const CHECKSUM_LENGTH: usize = 6;

    /// A fresh secret of 256 random bits.
    pub fn generate(context: &Context, kind: SecretKind) -> Self {
        let random = Zeroizing::new(context.random::<32>());
        let mut text = Zeroizing::new(String::with_capacity(64));
        text.push_str(kind.prefix());
        URL_SAFE_NO_PAD.encode_string(random.as_slice(), &mut text);
        let checksum = Self::checksum(&text);
        text.push_str(&checksum);
        Self(text)
    }

    /// The text, to show once.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The first three random characters: what an administrator recognises it by (`hint`).
    pub fn hint(&self) -> String {
        self.0.chars().skip(SecretKind::Client.prefix().len()).take(3).collect()
    }

    /// Whether `text` has the form of a secret of this deployment's kind, by prefix and checksum.
    pub fn is_well_formed(text: &str) -> bool {
        text.starts_with(SecretKind::Client.prefix())
            && text
                .len()
                .checked_sub(Self::CHECKSUM_LENGTH)
                .and_then(|at| text.split_at_checked(at))
                .is_some_and(|(head, tail)| Self::checksum(head) == tail)
    }

    fn checksum(text: &str) -> String {
        let digest = digest::digest(&digest::SHA256, text.as_bytes());
        URL_SAFE_NO_PAD.encode(digest.as_ref()).chars().take(Self::CHECKSUM_LENGTH).collect()
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret(…)")
    }
}

/// SHA-256 of a secret that carries 256 random bits: a slow hash would add nothing but time.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretHash(String);

impl SecretHash {
    /// The hash to keep.
    pub fn of(secret: &str) -> Self {
        Self(Self::digest(secret))
    }

    /// Whether `presented` is the secret; takes the same time whatever it is.
    pub fn matches(&self, presented: &str) -> bool {
        constant_time::verify_slices_are_equal(self.0.as_bytes(), Self::digest(presented).as_bytes()).is_ok()
    }

    fn digest(secret: &str) -> String {
        URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, secret.as_bytes()))
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invariant_12_secrets_are_hashed_redacted_and_scannable() {
        let context = Context::system();
        let secret = ClientSecret::generate(&context, SecretKind::Client);
        let text = secret.reveal().to_owned();
        assert!(ClientSecret::is_well_formed(&text));
        assert!(!ClientSecret::is_well_formed(&text.replacen("sgn_cs_", "sgn_cs_x", 1)));
        assert!(!format!("{secret:?}").contains(&text));
        let hash = SecretHash::of(&text);
        assert!(hash.matches(&text) && !hash.matches("sgn_cs_") && !hash.matches(""));
        assert!(!serde_json::to_string(&hash).unwrap().contains(&text));
        assert!(text.starts_with(&format!("sgn_cs_{}", secret.hint())));
    }
}
