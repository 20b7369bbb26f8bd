//! What a storage engine must offer: a few verbs, none of which knows a kind.

use crate::kind::{Deletion, IndexKey, KeyScope};
use crate::unit::{CommitError, UnitOfWork};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use signet_kernel::{Failure, Fault, ObjectId, Revocation, TenantId, Timestamp};
use std::path::Path;
use std::time::Duration;

/// A place in a tenant's change feed. Gapless; the high 24 bits are the deployment's epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Position(pub u64);

/// Where a tenant's feed and revocation counter stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Whose.
    pub tenant: TenantId,
    /// The last position given.
    pub position: Position,
    /// The revocation counter.
    pub revocation: Revocation,
}

/// An object as it lies in storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its id.
    pub id: ObjectId,
    /// Its kind's name.
    pub kind: String,
    /// The shape of its body.
    pub schema: u32,
    /// Rises with every write.
    pub version: u64,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last written.
    pub modified: Timestamp,
    /// Set while it lies in the deleted items.
    pub deleted: Option<Deletion>,
    /// What was issued to it before this is void.
    pub revoked: Revocation,
    /// What it hangs off.
    pub parent: Option<ObjectId>,
    /// JSON.
    pub body: Vec<u8>,
}

/// Which part of a kind's objects a list sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Liveness {
    /// Those in use.
    Live,
    /// Those in the deleted items.
    Deleted,
}

/// Narrows a list by one indexed field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexMatch {
    /// The field.
    pub field: &'static str,
    /// The key it must have.
    pub key: IndexKey,
}

/// A stretch of one indexed field, in the order of its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexRange {
    /// The field.
    pub field: &'static str,
    /// The first key in it; the very first if none.
    pub from: Option<IndexKey>,
    /// The last key in it; the very last if none.
    pub to: Option<IndexKey>,
}

/// A walk along one indexed field, through live objects alone: by key; those that have the same key by id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexWalk {
    /// The kinds wanted.
    pub kinds: Vec<&'static str>,
    /// The field.
    pub field: &'static str,
    /// Whether the last key comes first. Ids rise all the same.
    pub descending: bool,
    /// Only what comes after this.
    pub after: Option<(IndexKey, ObjectId)>,
    /// At most so many.
    pub limit: usize,
}

/// Every live object of a kind has a link of this relation to a live one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NeededLink {
    /// The kind.
    pub kind: &'static str,
    /// The relation.
    pub relation: &'static str,
}

/// A list of objects in the order of their ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListQuery {
    /// The kinds wanted.
    pub kinds: Vec<&'static str>,
    /// Live or deleted.
    pub liveness: Liveness,
    /// Only ids after this one.
    pub after: Option<ObjectId>,
    /// At most so many.
    pub limit: usize,
    /// Only those an index row says so of.
    pub index: Option<IndexMatch>,
}

/// Which end of a link is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkEnd {
    /// The links that leave this object.
    Source(ObjectId),
    /// The links that arrive at this object.
    Target(ObjectId),
}

/// The links of one relation at one end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkQuery {
    /// The given end.
    pub end: LinkEnd,
    /// The relation.
    pub relation: &'static str,
    /// Whether the given end is in use or in the deleted items; the far ends are always in use.
    pub liveness: Liveness,
}

/// A link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Where it leaves.
    pub source: ObjectId,
    /// Where it arrives.
    pub target: ObjectId,
}

/// Links with the version of their set (only sources keep one).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LinkSet {
    /// Rises with every change of the set.
    pub version: u64,
    /// In the order of the far end's id.
    pub links: Vec<Link>,
}

/// Who holds a unique key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UniqueKeyOwner {
    /// In which tenant.
    pub tenant: TenantId,
    /// Which object; it may be a deleted one.
    pub id: ObjectId,
}

/// What happened to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ChangeOperation {
    /// Created or written.
    Written,
    /// Its links changed.
    Linked,
    /// What was issued to it was voided.
    Revoked,
    /// Soft-deleted with its subtree; the entry names the root.
    Deleted,
    /// Brought back with its subtree; the entry names the root.
    Restored,
    /// Removed for good; the entry names the root.
    Purged,
}

/// One object in a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// Its kind's name.
    pub kind: String,
    /// Its id.
    pub id: uuid::Uuid,
    /// What happened.
    pub operation: ChangeOperation,
}

/// One committed unit of work in the feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its place.
    pub position: Position,
    /// When it was committed.
    pub at: Timestamp,
    /// What it touched.
    pub changed: Vec<Changed>,
}

/// An audit entry that waits to be copied to the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxEntry {
    /// Whose.
    pub tenant: TenantId,
    /// The commit it came with.
    pub position: Position,
    /// Its place within that commit.
    pub ordinal: u32,
    /// When it was committed.
    pub at: Timestamp,
    /// JSON.
    pub body: Vec<u8>,
}

/// What a commit made stale.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    /// More than is worth listing.
    pub everything: bool,
    /// Objects.
    pub objects: Vec<ObjectId>,
    /// Unique keys gained or lost.
    pub keys: Vec<(KeyScope, String, IndexKey)>,
    /// Index rows of written objects, before and after.
    pub index: Vec<(String, String, IndexKey)>,
    /// Link sets, by either end.
    pub links: Vec<(LinkEnd, String)>,
}

/// What a commit did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitReceipt {
    /// The tenant's head after it.
    pub head: Head,
    /// How many objects the unit deleted, restored or purged.
    pub affected: u64,
}

/// Told of every commit: of this process's before anyone is answered, of other nodes' as soon as they are known;
/// within a tenant in the order of their positions.
pub trait CommitObserver: Send + Sync + 'static {
    /// `tenant`'s head is now `head`, and `touched` is stale.
    fn committed(&self, tenant: TenantId, head: Head, touched: &Touched);
}

/// Why a backend could not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BackendError {
    /// Too much is queued.
    #[error("storage queue is full")]
    Busy,
    /// It is shutting down.
    #[error("storage is closed")]
    Closed,
    /// No space is left.
    #[error("storage is full")]
    Full,
    /// The schema is newer or older than this program.
    #[error("schema version {found} is not {supported}, the one this program knows")]
    Schema {
        /// In the database.
        found: u32,
        /// Known here.
        supported: u32,
    },
    /// Something stored cannot be read.
    #[error("stored data cannot be read: {0}")]
    Corrupt(String),
    /// The database's address or certificates cannot be used as they stand.
    #[error("the database's address cannot be used: {0}")]
    Address(String),
    /// The database does not answer.
    #[error("the database cannot be reached: {0}")]
    Unreachable(String),
    /// The database knows us and refuses.
    #[error("the database refuses: {0}; grant the role what docs/operations/postgresql.md lists")]
    Rights(String),
    /// Another transaction came in between; the same again may succeed.
    #[error("the database interrupted the transaction: {0}")]
    Interrupted(String),
    /// The answer to a commit was lost, and it could not be learnt in time whether it took effect.
    #[error("whether the change was made is not known: {0}; read again before repeating it")]
    UnknownOutcome(String),
    /// The database holds less than this node has seen.
    #[error(
        "the database holds less of tenant {0} than this node has seen: it was restored, or it failed over to a server \
         that lacked commits; run `signet database new-epoch`, so that nothing of the lost time is taken for present"
    )]
    WentBack(TenantId),
    /// This engine has other means for it.
    #[error("{0}")]
    Unsupported(String),
    /// Anything else, as the engine says it.
    #[error("storage failed: {0}")]
    Engine(String),
}

impl From<BackendError> for Failure {
    fn from(error: BackendError) -> Self {
        match error {
            BackendError::Busy
            | BackendError::Closed
            | BackendError::Full
            | BackendError::Unreachable(_)
            | BackendError::Interrupted(_)
            | BackendError::WentBack(_) => Failure::busy(error),
            BackendError::UnknownOutcome(_) => Failure::new(
                Fault::Temporary,
                "ServiceUnavailable",
                "Whether the change was made is not known; read the object again before you repeat the request.",
            )
            .with_detail(error),
            BackendError::Schema { .. }
            | BackendError::Corrupt(_)
            | BackendError::Address(_)
            | BackendError::Rights(_)
            | BackendError::Unsupported(_)
            | BackendError::Engine(_) => Failure::bug(error),
        }
    }
}

/// A storage engine.
#[async_trait]
pub trait Backend: Send + Sync + 'static {
    /// The objects with these ids, deleted ones included, in no order; those that do not exist are left out.
    async fn read(&self, tenant: TenantId, ids: &[ObjectId]) -> Result<Vec<Row>, BackendError>;
    /// A list of objects.
    async fn list(&self, tenant: TenantId, query: ListQuery) -> Result<Vec<Row>, BackendError>;
    /// How many objects of these kinds there are.
    async fn count(&self, tenant: TenantId, kinds: &[&'static str], liveness: Liveness) -> Result<u64, BackendError>;
    /// The next objects of a walk, each with the key by which it stands there.
    async fn walk(&self, tenant: TenantId, walk: IndexWalk) -> Result<Vec<(IndexKey, Row)>, BackendError>;
    /// The objects of these kinds that an index row in the range names, deleted ones included, at most so many, in
    /// no order; one may come twice.
    async fn ids_in_range(
        &self,
        tenant: TenantId,
        kinds: &[&'static str],
        range: IndexRange,
        limit: usize,
    ) -> Result<Vec<ObjectId>, BackendError>;
    /// The links of one relation at one end. Those whose far end is deleted are left out; so are all of them if
    /// the given end is not as the query says.
    async fn links(&self, tenant: TenantId, query: LinkQuery) -> Result<LinkSet, BackendError>;
    /// Who holds a unique key.
    async fn find_key(
        &self,
        scope: KeyScope,
        space: &str,
        key: &IndexKey,
    ) -> Result<Option<UniqueKeyOwner>, BackendError>;
    /// Applies a unit of work, durably, whole or not at all.
    async fn commit(&self, unit: UnitOfWork, at: Timestamp) -> Result<CommitReceipt, CommitError>;
    /// Changes after a position, in order.
    async fn changes(&self, tenant: TenantId, after: Position, limit: usize) -> Result<Vec<Change>, BackendError>;
    /// Forgets at most `limit` changes of each tenant that are older than a moment, and says how many.
    async fn forget_changes(&self, before: Timestamp, limit: usize) -> Result<u64, BackendError>;
    /// What of a tenant contradicts itself, or has none of the links that it needs: at most `limit` sentences for each
    /// rule; none if all is well.
    async fn contradictions(
        &self,
        tenant: TenantId,
        needed: &[NeededLink],
        limit: usize,
    ) -> Result<Vec<String>, BackendError>;
    /// Where every tenant stands.
    async fn heads(&self) -> Result<Vec<Head>, BackendError>;
    /// Audit entries not yet copied, in commit order within each tenant.
    async fn outbox(&self, limit: usize) -> Result<Vec<OutboxEntry>, BackendError>;
    /// Forgets the audit entries of `tenant` up to and including a position.
    async fn clear_outbox(&self, tenant: TenantId, up_to: Position) -> Result<(), BackendError>;
    /// Deleted objects whose time is up, oldest first: roots to purge.
    async fn expired(&self, before: Timestamp, limit: usize) -> Result<Vec<(TenantId, ObjectId)>, BackendError>;
    /// Copies the whole database to a new file while it is in use.
    async fn backup(&self, to: &Path) -> Result<(), BackendError>;
    /// The moment, on the context's monotonic clock, up to which the observer was told of every commit of every
    /// node; `None` if there is no other node, so that it always was.
    fn current_as_of(&self) -> Option<Duration> {
        None
    }
    /// Whether the database was restored and nobody has said yet that it may be used.
    fn awaits_confirmation(&self) -> bool {
        false
    }
}
