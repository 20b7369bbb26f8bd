//! Signed tokens: read without belief, believed once verified.

use crate::encoding::{self, Padding};
use crate::header::{HEADER_DEPTH, Header};
use crate::{Algorithm, Claims, ClaimsError, PublicKey, TypRule, json};
use std::fmt;

/// Why a token is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JwsError {
    /// Longer than the reader wanted.
    #[error("the token is longer than {0} bytes")]
    TooLong(usize),
    /// Not `header.payload.signature`.
    #[error("the token does not have three parts")]
    NotCompact,
    /// A part is not canonical base64url.
    #[error("the {0} of the token is not base64url, or is padded where it must not be")]
    Encoding(&'static str),
    /// The header is not a JSON object of different members.
    #[error("the header of the token is not valid JSON: {0}")]
    HeaderJson(String),
    /// A header member is missing, malformed or not allowed.
    #[error("the header member `{0}` is missing, malformed or not allowed")]
    Header(&'static str),
    /// `none`, an HMAC, or something unknown.
    #[error("the algorithm is not one of RS256, PS256, ES256, EdDSA")]
    UnsupportedAlgorithm,
    /// The token demands extensions.
    #[error("the token demands extensions (`crit`) that are not supported")]
    CriticalHeader,
    /// The verifier does not take this algorithm, or the key does not do it.
    #[error("the algorithm {0} is not allowed here or does not fit the key")]
    AlgorithmNotAllowed(Algorithm),
    /// Another kind of token.
    #[error("the `typ` of the token is not one that is taken here")]
    TypNotAccepted,
    /// Not the key's signature.
    #[error("the signature does not verify")]
    SignatureInvalid,
    /// The payload is not a set of claims.
    #[error(transparent)]
    Claims(#[from] ClaimsError),
}

/// How much a reader takes, and in which spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadOptions {
    /// The longest token, in bytes.
    pub max_bytes: usize,
    /// Whether the parts may be padded.
    pub padding: Padding,
}

/// A token as received: well-formed, and nothing more. Who reads it without verifying learns only hints.
pub struct UnverifiedJws<'t> {
    header: Header,
    signed: &'t str,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl<'t> UnverifiedJws<'t> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// [`JwsError`] if it is not a well-formed token with a supported algorithm and no demands.
    pub fn parse(token: &'t str, options: ReadOptions) -> Result<Self, JwsError> {
        if token.len() > options.max_bytes {
            return Err(JwsError::TooLong(options.max_bytes));
        }
        // SPEC: RFC 7515 5.2: exactly two periods; the signature covers the text as received
        let (signed, signature) = token.rsplit_once('.').ok_or(JwsError::NotCompact)?;
        let (header, payload) = signed.split_once('.').ok_or(JwsError::NotCompact)?;
        if payload.contains('.') {
            return Err(JwsError::NotCompact);
        }
        let part = |name, text| encoding::decode(text, options.padding).map_err(|_| JwsError::Encoding(name));
        let members = json::object(&part("header", header)?, HEADER_DEPTH)
            .map_err(|error| JwsError::HeaderJson(error.to_string()))?;
        Ok(Self {
            header: Header::from_members(&members)?,
            signed,
            payload: part("payload", payload)?,
            signature: part("signature", signature)?,
        })
    }

    /// What the header says: hints for finding the key.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Whom the token says it is from and about: hints for finding the key.
    ///
    /// # Errors
    /// [`JwsError::Claims`] if the payload is not a set of claims.
    pub fn claimed_identity(&self) -> Result<ClaimedIdentity, JwsError> {
        let claims = Claims::parse(&self.payload)?;
        Ok(ClaimedIdentity { issuer: claims.issuer, subject: claims.subject })
    }

    /// Verifies with the one key that the caller trusts for this token.
    ///
    /// # Errors
    /// [`JwsError`] if the algorithm, the kind or the signature is not as it must be.
    pub fn verify(&self, key: &PublicKey, allowed: &[Algorithm], types: &TypRule) -> Result<VerifiedJws<'_>, JwsError> {
        let algorithm = self.header.algorithm;
        // SPEC: RFC 8725 3.1: the verifier's list and the key decide, not the header
        if !allowed.contains(&algorithm) || !key.supports(algorithm) {
            return Err(JwsError::AlgorithmNotAllowed(algorithm));
        }
        if !types.accepts(self.header.typ.as_deref()) {
            return Err(JwsError::TypNotAccepted);
        }
        key.verify(algorithm, self.signed.as_bytes(), &self.signature).map_err(|_| JwsError::SignatureInvalid)?;
        Ok(VerifiedJws { header: &self.header, payload: &self.payload })
    }
}

impl fmt::Debug for UnverifiedJws<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnverifiedJws").field("header", &self.header).finish_non_exhaustive()
    }
}

/// Whom an unverified token names. Good for choosing the keys to verify with, and for nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedIdentity {
    /// `iss`
    pub issuer: Option<String>,
    /// `sub`
    pub subject: Option<String>,
}

/// A token whose signature was verified with a key, an algorithm and a kind that the verifier named.
///
/// INVARIANT: made by [`UnverifiedJws::verify`] alone.
#[derive(Clone, Copy)]
pub struct VerifiedJws<'j> {
    header: &'j Header,
    payload: &'j [u8],
}

impl VerifiedJws<'_> {
    /// The header.
    pub fn header(&self) -> &Header {
        self.header
    }

    /// The payload as signed.
    pub fn payload(&self) -> &[u8] {
        self.payload
    }

    /// The payload as claims.
    ///
    /// # Errors
    /// [`JwsError::Claims`] if it is not a set of claims.
    pub fn claims(&self) -> Result<Claims, JwsError> {
        Ok(Claims::parse(self.payload)?)
    }
}

impl fmt::Debug for VerifiedJws<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedJws").field("header", &self.header).finish_non_exhaustive()
    }
}
