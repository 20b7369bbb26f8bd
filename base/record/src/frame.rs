//! A frame: the records of one tenant and table in one commit, and its place in the chain.

use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use signet_kernel::{TenantId, Timestamp};
use std::fmt;
use uuid::Uuid;

/// Separates frame hashes from every other use of SHA-256 here.
const DOMAIN: &[u8] = b"signet-record-frame-v1\0";

/// One start of one process: chains of different writers never meet, so no start can fork another's chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WriterId(Uuid);

impl WriterId {
    pub(crate) const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid)
    }

    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        Uuid::from_slice(bytes).ok().map(Self)
    }

    /// The sixteen bytes, as stored.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl fmt::Display for WriterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// SHA-256 of a frame or of a checkpoint's statement; base64url on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Hash([u8; 32]);

impl Hash {
    /// Before the first frame of a chain.
    pub(crate) const NONE: Self = Self([0; 32]);

    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The hash of `bytes` as they are.
    pub fn of(bytes: &[u8]) -> Self {
        Self::from_digest(&digest::digest(&digest::SHA256, bytes))
    }

    /// The thirty-two bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn from_digest(digest: &digest::Digest) -> Self {
        Self::from_slice(digest.as_ref()).unwrap_or_default()
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let bytes = URL_SAFE_NO_PAD.decode(text.as_bytes()).map_err(serde::de::Error::custom)?;
        Self::from_slice(&bytes).ok_or_else(|| serde::de::Error::custom("a hash has 32 bytes"))
    }
}

/// What a frame says of itself, beside its records.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FrameHeader<'a> {
    pub(crate) tenant: TenantId,
    pub(crate) table: &'a str,
    pub(crate) writer: WriterId,
    /// Frames of this chain before this one.
    pub(crate) seq: u64,
    pub(crate) at: Timestamp,
    /// Records of this chain before this frame.
    pub(crate) first: u64,
    /// Records in this frame.
    pub(crate) count: u32,
    pub(crate) prev: Hash,
}

impl FrameHeader<'_> {
    /// The frame's hash: every variable part is preceded by its length, so no two frames read the same.
    pub(crate) fn hash(&self, keys: &[u8], body: &[u8]) -> Hash {
        let mut hash = digest::Context::new(&digest::SHA256);
        hash.update(DOMAIN);
        hash.update(self.tenant.as_bytes());
        update_sized(&mut hash, self.table.as_bytes());
        hash.update(self.writer.as_bytes());
        hash.update(&self.seq.to_be_bytes());
        hash.update(&self.at.micros().to_be_bytes());
        hash.update(&self.first.to_be_bytes());
        hash.update(&self.count.to_be_bytes());
        hash.update(self.prev.as_bytes());
        update_sized(&mut hash, keys);
        update_sized(&mut hash, body);
        Hash::from_digest(&hash.finish())
    }
}

fn update_sized(hash: &mut digest::Context, bytes: &[u8]) {
    hash.update(&(bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}

/// Where a record lies: its frame and its line there, in one number that sorts by commit order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Position(i64);

impl Position {
    const ORDINAL_BITS: u32 = 12;
    /// The most records a frame may hold.
    pub(crate) const MAX_ORDINALS: usize = 1 << Self::ORDINAL_BITS;

    pub(crate) const fn new(frame: i64, ordinal: u32) -> Self {
        Self((frame << Self::ORDINAL_BITS) | ordinal as i64)
    }

    pub(crate) const fn from_i64(value: i64) -> Self {
        Self(value)
    }

    pub(crate) const fn as_i64(self) -> i64 {
        self.0
    }

    pub(crate) const fn frame(self) -> i64 {
        self.0 >> Self::ORDINAL_BITS
    }

    pub(crate) fn ordinal(self) -> usize {
        usize::try_from(self.0 & (Self::MAX_ORDINALS as i64 - 1)).unwrap_or(0)
    }
}
