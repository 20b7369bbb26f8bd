//! Sets of keys: what an issuer publishes.

use crate::jwk::{Jwk, JwkError, KEY_DEPTH};
use crate::{Algorithm, json};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::HashSet;

/// How many keys a set may list: parsing one costs work, and no honest issuer comes near.
const MAX_KEYS: usize = 200;

/// Why a document is refused as a whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JwkSetError {
    /// Not a JSON object of different members.
    #[error("the key set is not valid JSON: {0}")]
    Json(String),
    /// No `keys` list.
    #[error("the key set has no list `keys` of objects")]
    NoKeys,
    /// More keys than anybody needs.
    #[error("the key set lists more than {MAX_KEYS} keys")]
    TooMany,
    /// Two usable keys under one id: which one verifies is left to chance.
    #[error("two keys of the set have the same `kid`")]
    DuplicateKid,
    /// Somebody published a private or symmetric key.
    #[error("a key of the set contains the private member `{0}`; publish public keys only, and replace this one")]
    PrivateMember(&'static str),
}

/// Public signature keys of one issuer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct JwkSet {
    keys: Vec<Jwk>,
}

impl JwkSet {
    /// A set to publish.
    ///
    /// # Errors
    /// [`JwkSetError::DuplicateKid`].
    pub fn new(keys: Vec<Jwk>) -> Result<Self, JwkSetError> {
        let mut kids = HashSet::new();
        if keys.iter().filter_map(Jwk::kid).all(|kid| kids.insert(kid)) {
            return Ok(Self { keys });
        }
        Err(JwkSetError::DuplicateKid)
    }

    /// Reads a set. Keys of an unknown kind, for another use, or too weak are left out; a set that is ambiguous or
    /// leaks a private key is refused.
    ///
    /// # Errors
    /// [`JwkSetError`].
    pub fn parse(text: &[u8]) -> Result<Self, JwkSetError> {
        let members =
            json::object(text, KEY_DEPTH.saturating_add(2)).map_err(|error| JwkSetError::Json(error.to_string()))?;
        let Some(Value::Array(entries)) = members.get("keys") else { return Err(JwkSetError::NoKeys) };
        if entries.len() > MAX_KEYS {
            return Err(JwkSetError::TooMany);
        }
        let mut keys = Vec::with_capacity(entries.len());
        for entry in entries {
            let Value::Object(entry) = entry else { return Err(JwkSetError::NoKeys) };
            keys.extend(usable(entry)?);
        }
        Self::new(keys)
    }

    /// The keys.
    pub fn keys(&self) -> &[Jwk] {
        &self.keys
    }

    /// The key published under `kid`.
    pub fn find(&self, kid: &str) -> Option<&Jwk> {
        self.keys.iter().find(|key| key.kid() == Some(kid))
    }

    /// The keys that may have signed a token with this header: the one named, or else all that fit.
    pub fn candidates(&self, kid: Option<&str>, algorithm: Algorithm) -> impl Iterator<Item = &Jwk> {
        self.keys
            .iter()
            .filter(move |key| kid.is_none_or(|kid| key.kid() == Some(kid)) && key.key().supports(algorithm))
    }
}

/// SPEC: RFC 7517 5: keys of unknown kinds, with missing members or unsupported values are ignored
fn usable(entry: &Map<String, Value>) -> Result<Option<Jwk>, JwkSetError> {
    match Jwk::from_members(entry) {
        Ok(key) => Ok(Some(key)),
        Err(JwkError::PrivateMember(name)) => Err(JwkSetError::PrivateMember(name)),
        Err(_) => Ok(None),
    }
}
