//! Minting tokens: the constant header is encoded once, claims go straight into the text.

use crate::signing::{Signer, SigningFailed};
use crate::{Algorithm, encoding};
use serde::Serialize;
use std::sync::Arc;

/// Room for the usual claims and for an RSA-2048 signature in base64url.
const CLAIMS_ROOM: usize = 1024;
const SIGNATURE_ROOM: usize = 344;

/// Why no token came about.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// The claims do not serialise.
    #[error("the claims cannot be written as JSON")]
    Claims(#[from] serde_json::Error),
    /// The key does not sign.
    #[error(transparent)]
    Signing(#[from] SigningFailed),
}

/// Makes tokens of one `typ` with one key.
#[derive(Clone)]
pub struct Encoder {
    signer: Arc<dyn Signer>,
    /// `base64url(header) "."`
    prefix: Arc<str>,
}

#[derive(Serialize)]
struct Header<'a> {
    typ: &'a str,
    alg: &'a str,
    kid: &'a str,
}

impl Encoder {
    /// An encoder for tokens of `typ`, such as `JWT` or `at+jwt`.
    ///
    /// # Errors
    /// [`EncodeError::Claims`] if the header does not serialise.
    pub fn new(signer: Arc<dyn Signer>, typ: &str) -> Result<Self, EncodeError> {
        let header = serde_json::to_vec(&Header { typ, alg: signer.algorithm().name(), kid: signer.kid() })?;
        let mut prefix = encoding::encode(header);
        prefix.push('.');
        Ok(Self { signer, prefix: prefix.into() })
    }

    /// The algorithm of the tokens.
    pub fn algorithm(&self) -> Algorithm {
        self.signer.algorithm()
    }

    /// The id of the key that signs.
    pub fn kid(&self) -> &str {
        self.signer.kid()
    }

    /// A signed token of `claims`, in the compact form of RFC 7515 3.1.
    ///
    /// # Errors
    /// [`EncodeError`].
    pub fn encode(&self, claims: &impl Serialize) -> Result<String, EncodeError> {
        let mut body = Vec::with_capacity(CLAIMS_ROOM);
        serde_json::to_writer(&mut body, claims)?;
        let room = self.prefix.len().saturating_add(body.len().saturating_mul(4) / 3).saturating_add(SIGNATURE_ROOM);
        let mut token = String::with_capacity(room.saturating_add(4));
        token.push_str(&self.prefix);
        encoding::encode_onto(&body, &mut token);
        // SPEC: RFC 7515 5.1: the signature covers ASCII(header "." payload)
        let signature = self.signer.sign(token.as_bytes())?;
        token.push('.');
        encoding::encode_onto(signature, &mut token);
        Ok(token)
    }
}

impl std::fmt::Debug for Encoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Encoder({} {})", self.signer.algorithm(), self.signer.kid())
    }
}
