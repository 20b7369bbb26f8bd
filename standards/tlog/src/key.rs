//! Keys that verify, under the name and id that signature lines call them by.

use aws_lc_rs::digest::{Context, SHA256};
use aws_lc_rs::signature::{ED25519, ParsedPublicKey};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// Why something is not a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The name cannot stand in a signature line.
    #[error("a key's name has 1 to 255 bytes without spaces, control characters and plus signs")]
    Name,
    /// Not `<name>+<id>+<key>`.
    #[error("a verifier key is written <name>+<id in 8 hexadecimal digits>+<kind and key in base64>")]
    Malformed,
    /// Neither kind that is known here.
    #[error("the key is neither Ed25519 (1) nor a witness's Ed25519 (4)")]
    Kind,
    /// The id is another key's.
    #[error("the key's id is not the hash of its name and bytes; was it copied whole?")]
    Id,
    /// The bytes are not a point of the curve.
    #[error("the bytes are not an Ed25519 key")]
    Point,
    /// The cryptographic module failed.
    #[error("the cryptographic module could not make or write the key")]
    Module,
}

/// The name of a key: best a URL without its scheme.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyName(String);

impl KeyName {
    /// Checks a name.
    ///
    /// # Errors
    /// [`KeyError::Name`].
    pub fn new(name: impl Into<String>) -> Result<Self, KeyError> {
        let name = name.into();
        // SPEC: signed-note, format: non-empty, no Unicode spaces, no plus; no ASCII control characters in a note
        let strange = |c: char| c.is_whitespace() || c.is_control() || c == '+';
        let fits = (1..=255).contains(&name.len()) && !name.contains(strange);
        if fits { Ok(Self(name)) } else { Err(KeyError::Name) }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Tells keys of one name apart. Not a strong hash: it finds a key, and proves nothing.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(u32);

impl KeyId {
    pub(crate) const fn from_bytes(bytes: [u8; 4]) -> Self {
        Self(u32::from_be_bytes(bytes))
    }

    pub(crate) const fn to_bytes(self) -> [u8; 4] {
        self.0.to_be_bytes()
    }

    fn of(name: &KeyName, kind: KeyKind, public: &[u8; 32]) -> Self {
        // SPEC: signed-note, signatures: SHA-256(key name || 0x0A || signature type || public key)[:4]
        let mut hash = Context::new(&SHA256);
        hash.update(name.as_str().as_bytes());
        hash.update(&[b'\n', kind as u8]);
        hash.update(public);
        let digest = hash.finish();
        Self::from_bytes(digest.as_ref().first_chunk().copied().unwrap_or_default())
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What a key's signatures say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum KeyKind {
    /// Ed25519 over the text: a log signs so.
    Log = 1,
    /// Ed25519 over a time and the text: a witness signs so.
    Witness = 4,
}

impl KeyKind {
    fn from_byte(byte: u8) -> Result<Self, KeyError> {
        match byte {
            1 => Ok(Self::Log),
            4 => Ok(Self::Witness),
            _ => Err(KeyError::Kind),
        }
    }
}

/// A key that verifies signature lines. Cheap to clone. In text: `<name>+<id>+<key>`.
#[derive(Clone)]
pub struct VerifierKey {
    name: KeyName,
    id: KeyId,
    kind: KeyKind,
    public: [u8; 32],
    parsed: Arc<ParsedPublicKey>,
}

impl VerifierKey {
    /// A key of its 32 bytes.
    ///
    /// # Errors
    /// [`KeyError::Point`].
    pub fn new(name: KeyName, kind: KeyKind, public: [u8; 32]) -> Result<Self, KeyError> {
        let parsed = ParsedPublicKey::new(&ED25519, public).map_err(|_| KeyError::Point)?;
        let id = KeyId::of(&name, kind, &public);
        Ok(Self { name, id, kind, public, parsed: Arc::new(parsed) })
    }

    /// The name that signature lines call it by.
    pub const fn name(&self) -> &KeyName {
        &self.name
    }

    /// The id that signature lines call it by.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// What its signatures say.
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The 32 bytes.
    pub const fn public_bytes(&self) -> &[u8; 32] {
        &self.public
    }

    /// Whether `signature` is the key's over `message`.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.parsed.verify_sig(message, signature).is_ok()
    }
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        // SPEC: signed-note, verifier keys: <name>+<hex key id>+base64(<type> || <key>); base64 may hold a plus
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(KeyError::Malformed);
        };
        let key = STANDARD.decode(key).map_err(|_| KeyError::Malformed)?;
        let (kind, public) = key.split_first().ok_or(KeyError::Malformed)?;
        let kind = KeyKind::from_byte(*kind)?;
        let key = Self::new(KeyName::new(name)?, kind, public.try_into().map_err(|_| KeyError::Point)?)?;
        if key.id.to_string() == id { Ok(key) } else { Err(KeyError::Id) }
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = vec![self.kind as u8];
        key.extend_from_slice(&self.public);
        write!(f, "{}+{}+{}", self.name, self.id, STANDARD.encode(key))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifierKey({self})")
    }
}

impl PartialEq for VerifierKey {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, self.kind, &self.public) == (&other.name, other.kind, &other.public)
    }
}

impl Eq for VerifierKey {}
