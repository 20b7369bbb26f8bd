//! The front that capabilities use: typed, scoped to a tenant, cached, read-your-writes.

use crate::backend::{
    Backend, BackendError, Change, CommitObserver, CommitReceipt, Head, IndexMatch, IndexRange, IndexWalk, LinkEnd,
    LinkQuery, LinkSet, ListQuery, Liveness, NeededLink, OutboxEntry, Position, Row, Touched, UniqueKeyOwner,
};
use crate::cache::{CacheKey, Lookup, ReadCache};
use crate::kind::{Id, IndexKey, KeyScope, Kind, Object};
use crate::unit::{CommitError, UnitOfWork};
use signet_kernel::{Context, Issuance, ObjectId, Revocation, RevocationCounters, TenantId, Timestamp};
use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Sizes.
#[derive(Debug, Clone, Copy)]
pub struct StoreOptions {
    /// How many decoded reads are kept in memory.
    pub cached_reads: usize,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self { cached_reads: 200_000 }
    }
}

/// One page of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// In the order of their ids.
    pub items: Vec<T>,
    /// Where the next page starts, if there is one.
    pub next: Option<ObjectId>,
}

/// What keeps the cache and the counters true; the backend calls it on every commit.
struct Freshness {
    cache: ReadCache,
    counters: Arc<RevocationCounters>,
}

impl CommitObserver for Freshness {
    fn committed(&self, tenant: TenantId, head: Head, touched: &Touched) {
        // INVARIANT: new decisions see the change before the counter moves; see kernel::issuance.
        self.cache.invalidate(tenant, touched);
        self.counters.raise(tenant, head.revocation);
    }
}

struct Inner {
    backend: Box<dyn Backend>,
    freshness: Arc<Freshness>,
    issuance: Arc<dyn Issuance>,
    context: Context,
}

/// The directory's storage.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("cache", &self.0.freshness.cache).finish_non_exhaustive()
    }
}

impl Store {
    /// A store over the backend that `open` makes. `open` is handed the observer that the backend must call on
    /// every commit before it answers.
    pub async fn open<B: Backend>(
        options: StoreOptions,
        context: Context,
        counters: Arc<RevocationCounters>,
        issuance: Arc<dyn Issuance>,
        open: impl FnOnce(Arc<dyn CommitObserver>) -> Result<B, BackendError>,
    ) -> Result<Self, BackendError> {
        Self::connect(options, context, counters, issuance, |observer| std::future::ready(open(observer))).await
    }

    /// As [`open`](Self::open), over a backend that is opened by waiting for it.
    pub async fn connect<B: Backend, F: Future<Output = Result<B, BackendError>>>(
        options: StoreOptions,
        context: Context,
        counters: Arc<RevocationCounters>,
        issuance: Arc<dyn Issuance>,
        open: impl FnOnce(Arc<dyn CommitObserver>) -> F,
    ) -> Result<Self, BackendError> {
        let freshness = Arc::new(Freshness { cache: ReadCache::new(options.cached_reads), counters });
        let backend = Box::new(open(freshness.clone()).await?);
        for head in backend.heads().await? {
            freshness.counters.raise(head.tenant, head.revocation);
        }
        Ok(Self(Arc::new(Inner { backend, freshness, issuance, context })))
    }

    /// The view of one tenant.
    pub fn tenant(&self, tenant: TenantId) -> TenantStore {
        TenantStore { store: self.clone(), tenant }
    }

    /// The clock and randomness that the store was opened with.
    pub fn context(&self) -> &Context {
        &self.0.context
    }

    /// How long ago it was last known that every commit of every node is seen here; zero when this process is the
    /// only one. Whoever decides on cached reads compares it with the bound it promises.
    pub fn age_of_view(&self) -> Duration {
        let current = self.0.backend.current_as_of();
        current.map_or(Duration::ZERO, |moment| self.0.context.monotonic().saturating_sub(moment))
    }

    /// Whether the database that nodes share was restored and the operator has not yet said that it may be used. No token
    /// may be issued meanwhile.
    pub fn awaits_confirmation(&self) -> bool {
        self.0.backend.awaits_confirmation()
    }

    /// Where every tenant stands.
    pub async fn heads(&self) -> Result<Vec<Head>, BackendError> {
        self.0.backend.heads().await
    }

    /// Who holds a key that is unique in the whole deployment.
    pub async fn find_global_key(
        &self,
        space: &'static str,
        key: &IndexKey,
    ) -> Result<Option<UniqueKeyOwner>, BackendError> {
        self.find_key(KeyScope::Global, space, key).await
    }

    /// Whether [`find_global_key`](Self::find_global_key) would answer from memory.
    pub fn remembers_global_key(&self, space: &'static str, key: &IndexKey) -> bool {
        let known = self.0.freshness.cache.get::<UniqueKeyOwner>(&CacheKey::unique(KeyScope::Global, space, key));
        matches!(known, Lookup::Hit(_))
    }

    /// Audit entries that wait to be copied to the record.
    pub async fn outbox(&self, limit: usize) -> Result<Vec<OutboxEntry>, BackendError> {
        self.0.backend.outbox(limit).await
    }

    /// Forgets audit entries that were copied.
    pub async fn clear_outbox(&self, tenant: TenantId, up_to: Position) -> Result<(), BackendError> {
        self.0.backend.clear_outbox(tenant, up_to).await
    }

    /// Deleted objects whose time is up.
    pub async fn expired(&self, before: Timestamp, limit: usize) -> Result<Vec<(TenantId, ObjectId)>, BackendError> {
        self.0.backend.expired(before, limit).await
    }

    /// Forgets changes that are older than a moment, all that there are, some at a time.
    pub async fn forget_changes(&self, before: Timestamp) -> Result<u64, BackendError> {
        const AT_ONCE: usize = 1_000;
        let mut forgotten = 0;
        loop {
            match self.0.backend.forget_changes(before, AT_ONCE).await? {
                0 => return Ok(forgotten),
                some => forgotten += some,
            }
        }
    }

    /// Copies the whole database to a new file while it is in use.
    pub async fn backup(&self, to: &Path) -> Result<(), BackendError> {
        self.0.backend.backup(to).await
    }

    async fn find_key(
        &self,
        scope: KeyScope,
        space: &'static str,
        key: &IndexKey,
    ) -> Result<Option<UniqueKeyOwner>, BackendError> {
        let read = || async { self.0.backend.find_key(scope, space, key).await };
        let found = self.cached(CacheKey::unique(scope, space, key), read).await?;
        Ok(found.as_deref().cloned())
    }

    /// Reads through the cache. What is absent is not kept.
    async fn cached<T, F>(&self, key: CacheKey, read: impl FnOnce() -> F) -> Result<Option<Arc<T>>, BackendError>
    where
        T: Send + Sync + 'static,
        F: Future<Output = Result<Option<T>, BackendError>>,
    {
        let cache = &self.0.freshness.cache;
        match cache.get::<T>(&key) {
            Lookup::Hit(value) => return Ok(Some(value)),
            Lookup::OtherKind => return Ok(None),
            Lookup::Miss => {}
        }
        let generation = cache.generation(&key);
        let Some(value) = read().await?.map(Arc::new) else { return Ok(None) };
        cache.keep(key, generation, value.clone());
        Ok(Some(value))
    }
}

/// One tenant's part of the store. All ids below are within it.
#[derive(Debug, Clone)]
pub struct TenantStore {
    store: Store,
    tenant: TenantId,
}

impl TenantStore {
    /// Whose part this is.
    pub fn id(&self) -> TenantId {
        self.tenant
    }

    /// The clock and randomness that the store was opened with.
    pub fn context(&self) -> &Context {
        self.store.context()
    }

    /// The tenant's revocation counter, to be noted before any fact is read.
    pub fn revocation(&self) -> Revocation {
        self.store.0.freshness.counters.current(self.tenant)
    }

    /// The object with this id if it is of kind `K`; deleted ones included.
    pub async fn find_any<K: Kind>(&self, id: Id<K>) -> Result<Option<Arc<Object<K>>>, BackendError> {
        let read = || async {
            let row = self.store.0.backend.read(self.tenant, &[id.object()]).await?.pop();
            row.filter(|row| row.kind == K::NAME).map(|row| decode(self.tenant, row)).transpose()
        };
        self.store.cached(CacheKey::object(self.tenant, id.object()), read).await
    }

    /// The object with this id if it is of kind `K` and not deleted.
    pub async fn find<K: Kind>(&self, id: Id<K>) -> Result<Option<Arc<Object<K>>>, BackendError> {
        Ok(self.find_any(id).await?.filter(|object| object.deleted.is_none()))
    }

    /// Objects as they lie in storage, whatever their kinds; deleted ones included.
    pub async fn read_rows(&self, ids: &[ObjectId]) -> Result<Vec<Row>, BackendError> {
        self.store.0.backend.read(self.tenant, ids).await
    }

    /// The object with this id as it lies in storage.
    pub async fn read_row(&self, id: ObjectId) -> Result<Option<Row>, BackendError> {
        Ok(self.read_rows(&[id]).await?.pop())
    }

    /// Which object of this tenant holds `key` in `space`.
    pub async fn find_key(&self, space: &'static str, key: &IndexKey) -> Result<Option<ObjectId>, BackendError> {
        let owner = self.store.find_key(KeyScope::Tenant(self.tenant), space, key).await?;
        Ok(owner.map(|owner| owner.id))
    }

    /// Which object of this tenant holds `key` in `space`, whether it is unique in the tenant or everywhere.
    pub async fn find_key_anywhere(
        &self,
        space: &'static str,
        key: &IndexKey,
    ) -> Result<Option<ObjectId>, BackendError> {
        if let Some(id) = self.find_key(space, key).await? {
            return Ok(Some(id));
        }
        let owner = self.store.find_global_key(space, key).await?;
        Ok(owner.filter(|owner| owner.tenant == self.tenant).map(|owner| owner.id))
    }

    /// All live objects of kind `K` that an index row names, in the order of their ids. For sets that are small
    /// by nature, such as one principal's assignments; [`list`](Self::list) pages through the rest.
    pub async fn all_by_index<K: Kind>(
        &self,
        field: &'static str,
        key: &IndexKey,
    ) -> Result<Arc<Vec<Object<K>>>, BackendError> {
        let read = || async {
            let query = ListQuery {
                kinds: vec![K::NAME],
                liveness: Liveness::Live,
                after: None,
                limit: usize::MAX,
                index: Some(IndexMatch { field, key: key.clone() }),
            };
            let rows = self.store.0.backend.list(self.tenant, query).await?;
            rows.into_iter().map(|row| decode(self.tenant, row)).collect::<Result<Vec<Object<K>>, _>>().map(Some)
        };
        let key = CacheKey::index(self.tenant, K::NAME, field, key);
        Ok(self.store.cached(key, read).await?.unwrap_or_default())
    }

    /// One page of rows.
    pub async fn list(&self, mut query: ListQuery) -> Result<Page<Row>, BackendError> {
        let wanted = query.limit;
        query.limit = wanted.saturating_add(1);
        let mut items = self.store.0.backend.list(self.tenant, query).await?;
        let more = items.len() > wanted;
        items.truncate(wanted);
        let next = if more { items.last().map(|row| row.id) } else { None };
        Ok(Page { items, next })
    }

    /// How many objects of these kinds there are.
    pub async fn count(&self, kinds: &[&'static str], liveness: Liveness) -> Result<u64, BackendError> {
        self.store.0.backend.count(self.tenant, kinds, liveness).await
    }

    /// The next objects along an index, each with its key; fewer than asked for at the end.
    pub async fn walk(&self, walk: IndexWalk) -> Result<Vec<(IndexKey, Row)>, BackendError> {
        self.store.0.backend.walk(self.tenant, walk).await
    }

    /// The objects of these kinds that have an index row in the range, deleted ones included, in no order; nothing if
    /// there are more than `most`.
    pub async fn ids_in_range(
        &self,
        kinds: &[&'static str],
        range: IndexRange,
        most: usize,
    ) -> Result<Option<Vec<ObjectId>>, BackendError> {
        let ids = self.store.0.backend.ids_in_range(self.tenant, kinds, range, most.saturating_add(1)).await?;
        Ok((ids.len() <= most).then_some(ids))
    }

    /// What of this tenant contradicts itself: references to what does not exist, unique keys and index rows that no
    /// object holds, what reaches into another tenant, and live objects without a link that they need. Some of each,
    /// as sentences; none if all is well. It reads everything there is.
    pub async fn contradictions(&self, needed: &[NeededLink]) -> Result<Vec<String>, BackendError> {
        const OF_EACH: usize = 20;
        self.store.0.backend.contradictions(self.tenant, needed, OF_EACH).await
    }

    /// The links that leave `source`.
    pub async fn links_from(&self, source: ObjectId, relation: &'static str) -> Result<Arc<LinkSet>, BackendError> {
        self.links(LinkEnd::Source(source), relation).await
    }

    /// The links that arrive at `target`.
    pub async fn links_to(&self, target: ObjectId, relation: &'static str) -> Result<Arc<LinkSet>, BackendError> {
        self.links(LinkEnd::Target(target), relation).await
    }

    /// The links that a soft-deleted `source` left with, to targets that are still in use: what comes back with it
    /// when it is restored. Empty if it is not deleted.
    pub async fn links_from_deleted(&self, source: ObjectId, relation: &'static str) -> Result<LinkSet, BackendError> {
        let query = LinkQuery { end: LinkEnd::Source(source), relation, liveness: Liveness::Deleted };
        self.store.0.backend.links(self.tenant, query).await
    }

    async fn links(&self, end: LinkEnd, relation: &'static str) -> Result<Arc<LinkSet>, BackendError> {
        let query = LinkQuery { end, relation, liveness: Liveness::Live };
        let read = || async { self.store.0.backend.links(self.tenant, query).await.map(Some) };
        let key = CacheKey::links(self.tenant, end, relation);
        Ok(self.store.cached(key, read).await?.unwrap_or_default())
    }

    /// The last position of the change feed; none was given yet at the default.
    pub async fn position(&self) -> Result<Position, BackendError> {
        let heads = self.store.heads().await?;
        Ok(heads.into_iter().find(|head| head.tenant == self.tenant).map(|head| head.position).unwrap_or_default())
    }

    /// Changes after a position, in order.
    pub async fn changes(&self, after: Position, limit: usize) -> Result<Vec<Change>, BackendError> {
        self.store.0.backend.changes(self.tenant, after, limit).await
    }

    /// An empty unit of work.
    pub fn unit(&self) -> UnitOfWork {
        UnitOfWork::new(self.tenant)
    }

    /// Applies a unit of work of this tenant. When it returns, the change is durable, visible to every read, and,
    /// if it took a right away, no token decided on the old state can still leave.
    pub async fn commit(&self, unit: UnitOfWork) -> Result<CommitReceipt, CommitError> {
        if unit.tenant != self.tenant {
            return Err(BackendError::Corrupt("a unit of work of another tenant".to_owned()).into());
        }
        let revokes = unit.revokes;
        let receipt = self.store.0.backend.commit(unit, self.context().now()).await?;
        if revokes {
            self.store.0.issuance.settled().await;
        }
        Ok(receipt)
    }

    /// Runs an operation that reads, decides and commits; runs it again, twice at most, if somebody else wrote
    /// in between. `operation` returns its unit and what it will answer.
    pub async fn run<T, E, F>(&self, mut operation: impl FnMut() -> F) -> Result<(T, CommitReceipt), E>
    where
        F: Future<Output = Result<(UnitOfWork, T), E>>,
        E: From<CommitError>,
    {
        const ATTEMPTS: u32 = 3;
        let mut attempt = 1;
        loop {
            let (unit, answer) = operation().await?;
            match self.commit(unit).await {
                Ok(receipt) => return Ok((answer, receipt)),
                Err(CommitError::Conflict(conflict)) if conflict.is_race() && attempt < ATTEMPTS => attempt += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Reads a row as the object it is.
pub(crate) fn decode<K: Kind>(tenant: TenantId, row: Row) -> Result<Object<K>, BackendError> {
    let corrupt = |error: serde_json::Error| BackendError::Corrupt(format!("{} {}: {error}", row.kind, row.id));
    let body = if row.schema == K::SCHEMA {
        serde_json::from_slice(&row.body).map_err(corrupt)?
    } else {
        let value = serde_json::from_slice(&row.body).map_err(corrupt)?;
        serde_json::from_value(K::upcast(row.schema, value)).map_err(corrupt)?
    };
    Ok(Object {
        tenant,
        id: Id::of(row.id),
        version: row.version,
        created: row.created,
        modified: row.modified,
        deleted: row.deleted,
        revoked: row.revoked,
        body,
    })
}

impl<K: Kind> Object<K> {
    /// Reads a row as the object it is; `None` if it is of another kind.
    pub fn from_row(tenant: TenantId, row: Row) -> Result<Option<Self>, BackendError> {
        if row.kind == K::NAME { decode(tenant, row).map(Some) } else { Ok(None) }
    }
}
