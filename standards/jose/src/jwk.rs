//! JSON Web Keys: one public key with what its publisher says about it.

use crate::encoding::{self, Padding};
use crate::key::{KeyError, Material, PublicKey};
use crate::{Algorithm, json};
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

/// Members that only a private or symmetric key has. SPEC: RFC 7518 6.2.2, 6.3.2, 6.4.1; RFC 8037 2
const PRIVATE_MEMBERS: [&str; 9] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

/// How deep a key's JSON may nest: the key itself, and lists such as `x5c` and `key_ops`.
pub(crate) const KEY_DEPTH: u8 = 4;

/// Why JSON is not a usable public signature key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JwkError {
    /// Not a JSON object of different members.
    #[error("the key is not valid JSON: {0}")]
    Json(String),
    /// Somebody published a private or symmetric key.
    #[error("the key contains the private member `{0}`; publish public keys only, and replace this one")]
    PrivateMember(&'static str),
    /// A kind of key or an algorithm that is not supported here.
    #[error("the `{0}` of the key is not supported")]
    Unsupported(&'static str),
    /// The publisher means the key for something other than signatures.
    #[error("the key is not meant for signatures")]
    NotForSignatures,
    /// A member is missing or wrongly encoded.
    #[error("the member `{0}` of the key is missing or malformed")]
    Member(&'static str),
    /// The key itself is not acceptable.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// A public signature key as it is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jwk {
    key: PublicKey,
    kid: Option<String>,
}

impl Jwk {
    /// A key under an id.
    pub fn new(key: PublicKey, kid: impl Into<String>) -> Self {
        Self { key, kid: Some(kid.into()) }
    }

    /// Reads one key.
    ///
    /// # Errors
    /// [`JwkError`] if it is not a public key for signatures of a supported kind.
    pub fn parse(text: &[u8]) -> Result<Self, JwkError> {
        let members = json::object(text, KEY_DEPTH).map_err(|error| JwkError::Json(error.to_string()))?;
        Self::from_members(&members)
    }

    /// The key, restricted to the published `alg`.
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The id under which it is published.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    pub(crate) fn from_members(members: &Map<String, Value>) -> Result<Self, JwkError> {
        if let Some(name) = private_member(members) {
            return Err(JwkError::PrivateMember(name));
        }
        check_purpose(members)?;
        let kid = optional_text(members, "kid")?.map(str::to_owned);
        let algorithm = optional_text(members, "alg")?
            .map(|name| name.parse::<Algorithm>().map_err(|_| JwkError::Unsupported("alg")))
            .transpose()?;
        let key = read_key(members)?;
        let key = match algorithm {
            Some(algorithm) => key.restricted_to(algorithm)?,
            None => key,
        };
        Ok(Self { key, kid })
    }
}

/// The first private member, if there is one.
fn private_member(members: &Map<String, Value>) -> Option<&'static str> {
    PRIVATE_MEMBERS.into_iter().find(|name| members.contains_key(*name))
}

fn check_purpose(members: &Map<String, Value>) -> Result<(), JwkError> {
    // SPEC: RFC 7517 4.2
    if optional_text(members, "use")?.is_some_and(|purpose| purpose != "sig") {
        return Err(JwkError::NotForSignatures);
    }
    // SPEC: RFC 7517 4.3
    match members.get("key_ops") {
        None => Ok(()),
        Some(Value::Array(operations)) if operations.iter().any(|operation| operation == "verify") => Ok(()),
        Some(Value::Array(_)) => Err(JwkError::NotForSignatures),
        Some(_) => Err(JwkError::Member("key_ops")),
    }
}

fn read_key(members: &Map<String, Value>) -> Result<PublicKey, JwkError> {
    let curve = optional_text(members, "crv")?;
    let key = match (optional_text(members, "kty")?, curve) {
        (Some("RSA"), _) => PublicKey::from_rsa_components(&bytes(members, "n")?, &bytes(members, "e")?),
        (Some("EC"), Some("P-256")) => PublicKey::from_p256_point(array(members, "x")?, array(members, "y")?),
        (Some("OKP"), Some("Ed25519")) => PublicKey::from_ed25519_bytes(array(members, "x")?),
        (Some("EC" | "OKP"), _) => return Err(JwkError::Unsupported("crv")),
        _ => return Err(JwkError::Unsupported("kty")),
    };
    Ok(key?)
}

fn optional_text<'m>(members: &'m Map<String, Value>, name: &'static str) -> Result<Option<&'m str>, JwkError> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(JwkError::Member(name)),
    }
}

fn bytes(members: &Map<String, Value>, name: &'static str) -> Result<Vec<u8>, JwkError> {
    let text = optional_text(members, name)?.ok_or(JwkError::Member(name))?;
    encoding::decode(text, Padding::Forbidden).map_err(|_| JwkError::Member(name))
}

fn array(members: &Map<String, Value>, name: &'static str) -> Result<[u8; 32], JwkError> {
    // SPEC: RFC 7518 6.2.1.2: the length MUST be the full size of a coordinate
    bytes(members, name)?.try_into().map_err(|_| JwkError::Member(name))
}

impl Serialize for Jwk {
    /// Writes the key as published: type, use, id, algorithm if restricted, and the numbers.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let kty = match self.key.material() {
            Material::Rsa { .. } => "RSA",
            Material::P256 { .. } => "EC",
            Material::Ed25519 { .. } => "OKP",
        };
        map.serialize_entry("kty", kty)?;
        map.serialize_entry("use", "sig")?;
        if let Some(kid) = &self.kid {
            map.serialize_entry("kid", kid)?;
        }
        if let Some(algorithm) = self.key.restriction() {
            map.serialize_entry("alg", algorithm.name())?;
        }
        match self.key.material() {
            Material::Rsa { modulus, exponent, .. } => {
                map.serialize_entry("n", &encoding::encode(modulus))?;
                map.serialize_entry("e", &encoding::encode(exponent))?;
            }
            Material::P256 { x, y, .. } => {
                map.serialize_entry("crv", "P-256")?;
                map.serialize_entry("x", &encoding::encode(x))?;
                map.serialize_entry("y", &encoding::encode(y))?;
            }
            Material::Ed25519 { x, .. } => {
                map.serialize_entry("crv", "Ed25519")?;
                map.serialize_entry("x", &encoding::encode(x))?;
            }
        }
        map.end()
    }
}
