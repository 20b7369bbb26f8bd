//! A unit of work: everything one operation wants to be true, and under which conditions.

use crate::backend::BackendError;
use crate::kind::{Id, IndexEntries, Kind, Object, UniqueKeys};
use signet_kernel::{Failure, Fault, ObjectId, TenantId};
use uuid::Uuid;

/// What must hold at the moment of the commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    /// The object is at this version.
    Version(ObjectId, u64),
    /// The object exists and is not deleted.
    Alive(ObjectId),
    /// The set of links of this source and relation is at this version.
    Relation(ObjectId, &'static str, u64),
}

/// One change. Ids are within the unit's tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// Writes an object's body, index rows and unique keys.
    Put(Put),
    /// Soft-deletes an object and all that hangs off it.
    Delete {
        /// The root of the subtree.
        root: ObjectId,
        /// Shared by all that go.
        deletion: Uuid,
    },
    /// Brings back an object and what its deletion took with it.
    Restore(ObjectId),
    /// Removes a deleted object, and what its deletion took with it, for good.
    Purge(ObjectId),
    /// Adds a link; adding it again changes nothing.
    Link(ObjectId, &'static str, ObjectId),
    /// Removes a link; removing it again changes nothing.
    Unlink(ObjectId, &'static str, ObjectId),
    /// Marks everything issued to the object so far as void.
    Revoke(ObjectId),
}

impl Write {
    /// Whether it may change any number of objects.
    pub(crate) fn is_on_subtree(&self) -> bool {
        matches!(self, Self::Delete { .. } | Self::Restore(_) | Self::Purge(_))
    }
}

/// An object's new state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Put {
    pub(crate) id: ObjectId,
    pub(crate) kind: &'static str,
    pub(crate) schema: u32,
    pub(crate) new: bool,
    pub(crate) parent: Option<ObjectId>,
    pub(crate) body: Vec<u8>,
    pub(crate) index: IndexEntries,
    pub(crate) unique: UniqueKeys,
}

/// A line of the audit trail that is committed with its change and copied to the record afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// JSON, opaque to the store.
    pub body: Vec<u8>,
}

/// The relation from an object that means nothing without another, which it does not hang off, to that one.
pub(crate) const NAMES: &str = "@names";

/// Buffered writes with their preconditions, for one tenant.
#[derive(Debug, Clone)]
pub struct UnitOfWork {
    pub(crate) tenant: TenantId,
    pub(crate) preconditions: Vec<Precondition>,
    pub(crate) writes: Vec<Write>,
    pub(crate) audit: Vec<AuditEntry>,
    pub(crate) revokes: bool,
}

impl UnitOfWork {
    pub(crate) fn new(tenant: TenantId) -> Self {
        Self { tenant, preconditions: Vec::new(), writes: Vec::new(), audit: Vec::new(), revokes: false }
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty() && self.audit.is_empty()
    }

    /// Adds a condition.
    pub fn expect(&mut self, precondition: Precondition) -> &mut Self {
        self.preconditions.push(precondition);
        self
    }

    /// Creates an object; refused if the id, one of its unique keys, or its parent's absence stands in the way.
    pub fn create<K: Kind>(&mut self, id: Id<K>, body: &K) -> &mut Self {
        self.put(id, body, true)
    }

    /// Writes a new body over `seen`; refused if somebody else wrote in between.
    pub fn update<K: Kind>(&mut self, seen: &Object<K>, body: &K) -> &mut Self {
        self.preconditions.push(Precondition::Version(seen.id.object(), seen.version));
        self.put(seen.id, body, false)
    }

    #[expect(clippy::expect_used, reason = "bodies are plain structs; serialising one to memory cannot fail")]
    fn put<K: Kind>(&mut self, id: Id<K>, body: &K, new: bool) -> &mut Self {
        let (mut index, mut unique) = (IndexEntries::default(), UniqueKeys::default());
        body.index(&mut index);
        body.unique(&mut unique);
        self.writes.push(Write::Put(Put {
            id: id.object(),
            kind: K::NAME,
            schema: K::SCHEMA,
            new,
            parent: body.parent(),
            body: serde_json::to_vec(body).expect("a body serialises"),
            index,
            unique,
        }));
        self
    }

    /// Soft-deletes `seen` and what hangs off it, and voids what was issued to any of them.
    pub fn delete<K: Kind>(&mut self, seen: &Object<K>, deletion: Uuid) -> &mut Self {
        self.preconditions.push(Precondition::Version(seen.id.object(), seen.version));
        self.revokes = true;
        self.writes.push(Write::Delete { root: seen.id.object(), deletion });
        self
    }

    /// Brings a deleted object back, with what its deletion took along.
    pub fn restore(&mut self, id: ObjectId) -> &mut Self {
        self.writes.push(Write::Restore(id));
        self
    }

    /// Removes a deleted object for good, with what its deletion took along and what [`name`](Self::name)s any of them.
    pub fn purge(&mut self, id: ObjectId) -> &mut Self {
        self.writes.push(Write::Purge(id));
        self
    }

    /// Removes `seen` for good, without a stay among the deleted items. Voids nothing: for what nothing was ever issued to.
    pub fn remove<K: Kind>(&mut self, seen: &Object<K>, deletion: Uuid) -> &mut Self {
        let root = seen.id.object();
        self.preconditions.push(Precondition::Version(root, seen.version));
        self.writes.push(Write::Delete { root, deletion });
        self.purge(root)
    }

    /// Adds a link from a living source to a living target.
    pub fn link(&mut self, source: ObjectId, relation: &'static str, target: ObjectId) -> &mut Self {
        self.writes.push(Write::Link(source, relation, target));
        self
    }

    /// Removes a link.
    pub fn unlink(&mut self, source: ObjectId, relation: &'static str, target: ObjectId) -> &mut Self {
        self.writes.push(Write::Unlink(source, relation, target));
        self
    }

    /// Notes that the object `id` means nothing without `named`, which lives and which it does not hang off: an
    /// assignment without its resource. It stays while `named` lies in the deleted items, and is gone for good with it.
    pub fn name(&mut self, id: ObjectId, named: ObjectId) -> &mut Self {
        self.link(id, NAMES, named)
    }

    /// Voids what was issued to `id` so far. Every change that takes a right away does this.
    pub fn revoke(&mut self, id: ObjectId) -> &mut Self {
        self.revokes = true;
        self.writes.push(Write::Revoke(id));
        self
    }

    /// Raises the tenant's counter without voiding what one object holds: the change reaches tokens through
    /// something they name, such as a credential's id.
    pub fn raise_revocation(&mut self) -> &mut Self {
        self.revokes = true;
        self
    }

    /// Adds a line to the audit trail.
    pub fn audit(&mut self, entry: AuditEntry) -> &mut Self {
        self.audit.push(entry);
        self
    }
}

/// Why a unit of work was not applied. Nothing of it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// Somebody else wrote the object since it was read.
    #[error("object {0} was changed by somebody else")]
    Version(ObjectId),
    /// The object does not exist or is deleted.
    #[error("object {0} does not exist or is deleted")]
    NotAlive(ObjectId),
    /// The object is not in the deleted items.
    #[error("object {0} is not deleted")]
    NotDeleted(ObjectId),
    /// What the object hangs off does not exist or is deleted.
    #[error("object {0} hangs off an object that does not exist or is deleted")]
    ParentNotAlive(ObjectId),
    /// Somebody else changed the set of links since it was read.
    #[error("the {1} of object {0} were changed by somebody else")]
    Relation(ObjectId, &'static str),
    /// An object with this id exists.
    #[error("object {0} exists already")]
    Exists(ObjectId),
    /// Another object holds the key.
    #[error("another object holds the {0}")]
    KeyTaken(&'static str),
}

impl Conflict {
    /// Whether reading again and deciding again may succeed.
    pub fn is_race(&self) -> bool {
        matches!(self, Self::Version(_) | Self::Relation(..))
    }
}

/// Why a commit failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// A precondition did not hold.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// The backend could not.
    #[error(transparent)]
    Backend(#[from] BackendError),
}

impl From<CommitError> for Failure {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Backend(error) => error.into(),
            CommitError::Conflict(conflict) => conflict.into(),
        }
    }
}

impl From<Conflict> for Failure {
    fn from(conflict: Conflict) -> Self {
        let (fault, code) = match &conflict {
            Conflict::Version(_) | Conflict::Relation(..) => {
                (Fault::Conflict, "Request_MultipleObjectsWithSameKeyValue")
            }
            Conflict::NotAlive(_) | Conflict::NotDeleted(_) => (Fault::NotFound, "Request_ResourceNotFound"),
            Conflict::ParentNotAlive(_) => (Fault::Input, "Request_BadRequest"),
            Conflict::Exists(_) | Conflict::KeyTaken(_) => (Fault::Conflict, "Request_MultipleObjectsWithSameKeyValue"),
        };
        let advice = match &conflict {
            Conflict::Version(_) | Conflict::Relation(..) => "; read it again and retry",
            Conflict::ParentNotAlive(_) => "; create or restore that one first",
            _ => "",
        };
        let text = conflict.to_string();
        let mut letters = text.chars();
        let sentence: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
        Failure::new(fault, code, format!("{sentence}{advice}."))
    }
}
