//! The token itself: a secret compared, claims serialized, ES256 over both parts.

use aws_lc_rs::{
    constant_time, digest,
    error::Unspecified,
    rand::{SecureRandom, SystemRandom},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const LIFETIME: Duration = Duration::from_mins(15);

/// One parsed key, one accepted secret.
pub(crate) struct Minter {
    key: EcdsaKeyPair,
    random: SystemRandom,
    secret_hash: digest::Digest,
    header: String,
    filler: String,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    client_id: &'a str,
    iat: u64,
    nbf: u64,
    exp: u64,
    jti: String,
    filler: &'a str,
}

impl Minter {
    /// Makes a key and sizes the claims.
    pub(crate) fn new(secret: &str, claims_bytes: usize) -> Result<Self, Unspecified> {
        let mut minter = Self {
            key: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?,
            random: SystemRandom::new(),
            secret_hash: digest::digest(&digest::SHA256, secret.as_bytes()),
            header: URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256","typ":"at+jwt","kid":"yardstick"}"#),
            filler: String::new(),
        };
        let fixed = minter.claims("00000000-0000-0000-0000-000000000000")?.len();
        minter.filler = "x".repeat(claims_bytes.saturating_sub(fixed));
        Ok(minter)
    }

    /// Whether this is the accepted secret.
    pub(crate) fn accepts(&self, secret: &str) -> bool {
        let hash = digest::digest(&digest::SHA256, secret.as_bytes());
        constant_time::verify_slices_are_equal(hash.as_ref(), self.secret_hash.as_ref()).is_ok()
    }

    /// The answer of the token endpoint.
    pub(crate) fn answer(&self, client: &str) -> Result<String, Unspecified> {
        let token = self.sign(&self.claims(client)?)?;
        Ok(format!(
            r#"{{"token_type":"Bearer","expires_in":{},"ext_expires_in":{},"access_token":"{token}"}}"#,
            LIFETIME.as_secs(),
            LIFETIME.as_secs()
        ))
    }

    fn sign(&self, claims: &str) -> Result<String, Unspecified> {
        let mut token = String::with_capacity(self.header.len() + claims.len() * 4 / 3 + 96);
        token.push_str(&self.header);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(claims, &mut token);
        let signature = self.key.sign(&self.random, token.as_bytes())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature.as_ref(), &mut token);
        Ok(token)
    }

    fn claims(&self, client: &str) -> Result<String, Unspecified> {
        let mut id = [0_u8; 16];
        self.random.fill(&mut id)?;
        let now = seconds();
        serde_json::to_string(&Claims {
            iss: "https://localhost/11111111-1111-4111-8111-111111111111/v2.0",
            sub: client,
            aud: "api://yardstick",
            client_id: client,
            iat: now,
            nbf: now,
            exp: now + LIFETIME.as_secs(),
            jti: URL_SAFE_NO_PAD.encode(id),
            filler: &self.filler,
        })
        .map_err(|_| Unspecified)
    }
}

#[expect(clippy::disallowed_methods, reason = "the yardstick has no tests that move time, and no part of Signet in it")]
fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}
