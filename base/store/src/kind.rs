//! What a capability declares about the things it keeps.

mod other_members;

use aws_lc_rs::digest::{SHA256, digest};
pub use other_members::OtherMembers;
use serde::{Serialize, de::DeserializeOwned};
use signet_kernel::{ObjectId, Revocation, TenantId, Timestamp};
use std::fmt;
use std::marker::PhantomData;
use uuid::Uuid;

/// A kind of object: its body, what of it is indexed, and under which keys it is unique.
///
/// Bodies carry a `#[serde(flatten)]` map for members that a newer version wrote, so that an older one that
/// updates the object does not erase them.
pub trait Kind: Serialize + DeserializeOwned + Clone + fmt::Debug + Send + Sync + 'static {
    /// The name the object goes by in storage and in the feed.
    const NAME: &'static str;
    /// The version of the body's shape. Raised when a reader must [`upcast`](Kind::upcast).
    const SCHEMA: u32 = 1;

    /// Brings a body written at an older `schema` to the present shape.
    fn upcast(_schema: u32, body: serde_json::Value) -> serde_json::Value {
        body
    }

    /// The object this one hangs off: removed with it, restored with it, never created without it.
    fn parent(&self) -> Option<ObjectId> {
        None
    }

    /// Declares the fields that lists narrow by.
    fn index(&self, _index: &mut IndexEntries) {}

    /// Declares the keys that no other object may hold, until this one is purged.
    fn unique(&self, _keys: &mut UniqueKeys) {}
}

/// The id of an object of kind `K`.
pub struct Id<K> {
    id: ObjectId,
    kind: PhantomData<fn() -> K>,
}

impl<K> Id<K> {
    /// States that `id` names an object of this kind; a load still checks.
    pub const fn of(id: ObjectId) -> Self {
        Self { id, kind: PhantomData }
    }

    /// The id without its kind.
    pub const fn object(self) -> ObjectId {
        self.id
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}
impl<K> Eq for Id<K> {}
impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.id, f)
    }
}
impl<K> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.id, f)
    }
}

/// When and with what an object was soft-deleted. All that went together share the id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deletion {
    /// Shared by the whole subtree that one delete took.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
}

/// An object as stored.
#[derive(Debug, Clone)]
pub struct Object<K> {
    /// Whose it is.
    pub tenant: TenantId,
    /// Its id.
    pub id: Id<K>,
    /// Rises with every write: the strong ETag.
    pub version: u64,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last written.
    pub modified: Timestamp,
    /// Set while it lies in the deleted items.
    pub deleted: Option<Deletion>,
    /// The tenant's counter when a right of this object was last taken away; what was issued before is void.
    pub revoked: Revocation,
    /// What the capability keeps.
    pub body: K,
}

/// An encoded index key: byte order is sort order.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IndexKey(Vec<u8>);

impl IndexKey {
    const LONGEST_TEXT: usize = 256;
    /// PostgreSQL's indexes take no key above 2,700 bytes.
    const LONGEST: usize = 1_024;

    /// A key above the limit keeps its beginning, for the order, and ends in its digest, for what is equal.
    fn bounded(mut bytes: Vec<u8>) -> Self {
        if bytes.len() > Self::LONGEST {
            let digest = digest(&SHA256, &bytes);
            bytes.truncate(Self::LONGEST - digest.as_ref().len());
            bytes.extend_from_slice(digest.as_ref());
        }
        Self(bytes)
    }

    /// Text, compared without regard to case; only the first 256 bytes take part, so a reader compares again.
    pub fn text(text: &str) -> Self {
        let mut bytes = text.to_lowercase().into_bytes();
        bytes.truncate(Self::LONGEST_TEXT);
        Self(bytes)
    }

    /// Text, compared to the letter: issuers, subjects.
    pub fn exact(text: &str) -> Self {
        Self::bounded(text.as_bytes().to_vec())
    }

    /// Bytes as they are: thumbprints.
    pub fn bytes(bytes: Vec<u8>) -> Self {
        Self::bounded(bytes)
    }

    /// A UUID.
    pub fn uuid(uuid: Uuid) -> Self {
        Self(uuid.as_bytes().to_vec())
    }

    /// A truth value, false first.
    pub fn bool(value: bool) -> Self {
        Self(vec![u8::from(value)])
    }

    /// A signed integer.
    #[expect(clippy::cast_sign_loss, reason = "the sign bit is flipped so that byte order is numeric order")]
    pub fn integer(value: i64) -> Self {
        Self(((value as u64) ^ (1 << 63)).to_be_bytes().to_vec())
    }

    /// A moment.
    pub fn time(moment: Timestamp) -> Self {
        Self::integer(moment.micros())
    }

    /// The last of the texts that start like this one.
    #[must_use]
    pub fn last_with_this_start(mut self) -> Self {
        // No text in UTF-8 has this byte.
        self.0.push(0xff);
        self
    }

    /// Below every other key.
    pub(crate) fn first() -> Self {
        Self(Vec::new())
    }

    /// Above every other key: none is as long.
    pub(crate) fn last() -> Self {
        Self(vec![0xff; Self::LONGEST + 1])
    }

    /// The text that was made the key, in lower case, if it is the whole of it.
    pub fn whole_text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok().filter(|text| text.len() < Self::LONGEST_TEXT)
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// The index rows of one object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IndexEntries(Vec<(&'static str, IndexKey)>);

impl IndexEntries {
    /// Adds a key under `field`; a field may have several.
    pub fn add(&mut self, field: &'static str, key: IndexKey) {
        self.0.push((field, key));
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &(&'static str, IndexKey)> {
        self.0.iter()
    }
}

/// Within what a key is unique.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyScope {
    /// Within the tenant.
    Tenant(TenantId),
    /// In the whole deployment: client ids, verified domains.
    Global,
}

impl KeyScope {
    pub(crate) fn tenant_bytes(&self) -> [u8; 16] {
        match self {
            Self::Tenant(tenant) => *tenant.as_bytes(),
            Self::Global => [0; 16],
        }
    }
}

/// The unique keys of one object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UniqueKeys(Vec<(bool, &'static str, IndexKey)>);

impl UniqueKeys {
    /// No other object of the tenant may hold `key` in `space`.
    pub fn in_tenant(&mut self, space: &'static str, key: IndexKey) {
        self.0.push((false, space, key));
    }

    /// No other object of the deployment may hold `key` in `space`.
    pub fn everywhere(&mut self, space: &'static str, key: IndexKey) {
        self.0.push((true, space, key));
    }

    pub(crate) fn iter(&self, tenant: TenantId) -> impl Iterator<Item = (KeyScope, &'static str, &IndexKey)> {
        self.0.iter().map(move |(global, space, key)| {
            (if *global { KeyScope::Global } else { KeyScope::Tenant(tenant) }, *space, key)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_long_key_is_cut_to_one_of_its_own_and_stays_it() {
        let (one, two) = (IndexKey::exact(&"x".repeat(5_000)), IndexKey::exact(&"x".repeat(5_001)));
        assert_eq!((one.as_bytes().len(), one == two), (1_024, false));
        assert_eq!(IndexKey::bytes(one.as_bytes().to_vec()), one);
        assert_eq!(IndexKey::exact(&"x".repeat(5_000)), one);
    }

    proptest! {
        #[test]
        fn byte_order_of_integers_is_numeric_order(a: i64, b: i64) {
            prop_assert_eq!(IndexKey::integer(a).cmp(&IndexKey::integer(b)), a.cmp(&b));
        }
    }
}
