//! A store and a record in a directory of their own, with a clock that stands still.

use async_trait::async_trait;
use serde_json::Value;
use signet_kernel::{
    AppId, Caller, Context, MockClock, ObjectId, Origin, RevocationCounters, SeededRandomness, TenantId, Timestamp,
};
use signet_logs::{AuditCopier, put_in_place};
use signet_record::{CheckpointSigner, Query, Record, RecordOptions};
use signet_store::{
    AuditEntry, Backend, BackendError, Change, CommitError, CommitReceipt, Head, IndexKey, IndexRange, IndexWalk,
    KeyScope, LinkQuery, LinkSet, ListQuery, Liveness, NeededLink, OutboxEntry, Position, Row, SqliteBackend,
    SqliteOptions, Store, StoreOptions, UniqueKeyOwner, UnitOfWork,
};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;
use uuid::Uuid;

pub(crate) fn uuid(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub(crate) fn object(number: u128) -> ObjectId {
    ObjectId::from_uuid(uuid(number))
}

pub(crate) fn tenant() -> TenantId {
    TenantId::from_uuid(uuid(0xaa))
}

pub(crate) fn moment(second: i64) -> Timestamp {
    Timestamp::from_seconds(1_795_255_200 + second)
}

pub(crate) fn origin() -> Origin {
    Origin {
        request_id: uuid(0x70),
        correlation_id: uuid(0x71),
        address: Some("192.0.2.17".parse().unwrap()),
        user_agent: Some("msal-python/1.34".to_owned()),
    }
}

pub(crate) fn caller(kind: &'static str, name: &str) -> Caller {
    Caller {
        tenant: tenant(),
        object: object(0xc0),
        kind,
        app: AppId::from_uuid(uuid(0xc1)),
        display_name: name.to_owned(),
        roles: ["AuditLog.Read.All".to_owned()].into(),
        parent: kind.starts_with("agentIdentity").then(|| object(0xb0)),
        origin: origin(),
    }
}

pub(crate) struct Seal;

impl CheckpointSigner for Seal {
    fn key_id(&self) -> String {
        "seal".to_owned()
    }

    fn sign(&self, statement: &[u8]) -> Vec<u8> {
        statement.to_vec()
    }
}

/// A backend that may refuse to forget audit entries, as if the process ended before it could.
struct Stubborn {
    inner: SqliteBackend,
    keeps: Arc<AtomicBool>,
}

#[async_trait]
impl Backend for Stubborn {
    async fn read(&self, tenant: TenantId, ids: &[ObjectId]) -> Result<Vec<Row>, BackendError> {
        self.inner.read(tenant, ids).await
    }
    async fn list(&self, tenant: TenantId, query: ListQuery) -> Result<Vec<Row>, BackendError> {
        self.inner.list(tenant, query).await
    }
    async fn count(&self, tenant: TenantId, kinds: &[&'static str], liveness: Liveness) -> Result<u64, BackendError> {
        self.inner.count(tenant, kinds, liveness).await
    }
    async fn walk(&self, tenant: TenantId, walk: IndexWalk) -> Result<Vec<(IndexKey, Row)>, BackendError> {
        self.inner.walk(tenant, walk).await
    }
    async fn ids_in_range(
        &self,
        tenant: TenantId,
        kinds: &[&'static str],
        range: IndexRange,
        limit: usize,
    ) -> Result<Vec<ObjectId>, BackendError> {
        self.inner.ids_in_range(tenant, kinds, range, limit).await
    }
    async fn forget_changes(&self, before: Timestamp, limit: usize) -> Result<u64, BackendError> {
        self.inner.forget_changes(before, limit).await
    }
    async fn contradictions(
        &self,
        tenant: TenantId,
        needed: &[NeededLink],
        limit: usize,
    ) -> Result<Vec<String>, BackendError> {
        self.inner.contradictions(tenant, needed, limit).await
    }
    async fn links(&self, tenant: TenantId, query: LinkQuery) -> Result<LinkSet, BackendError> {
        self.inner.links(tenant, query).await
    }
    async fn find_key(
        &self,
        scope: KeyScope,
        space: &str,
        key: &IndexKey,
    ) -> Result<Option<UniqueKeyOwner>, BackendError> {
        self.inner.find_key(scope, space, key).await
    }
    async fn commit(&self, unit: UnitOfWork, at: Timestamp) -> Result<CommitReceipt, CommitError> {
        self.inner.commit(unit, at).await
    }
    async fn changes(&self, tenant: TenantId, after: Position, limit: usize) -> Result<Vec<Change>, BackendError> {
        self.inner.changes(tenant, after, limit).await
    }
    async fn heads(&self) -> Result<Vec<Head>, BackendError> {
        self.inner.heads().await
    }
    async fn outbox(&self, limit: usize) -> Result<Vec<OutboxEntry>, BackendError> {
        self.inner.outbox(limit).await
    }
    async fn clear_outbox(&self, tenant: TenantId, up_to: Position) -> Result<(), BackendError> {
        if self.keeps.load(Ordering::SeqCst) {
            Err(BackendError::Busy)
        } else {
            self.inner.clear_outbox(tenant, up_to).await
        }
    }
    async fn expired(&self, before: Timestamp, limit: usize) -> Result<Vec<(TenantId, ObjectId)>, BackendError> {
        self.inner.expired(before, limit).await
    }
    async fn backup(&self, to: &Path) -> Result<(), BackendError> {
        self.inner.backup(to).await
    }
}

pub(crate) struct House {
    pub(crate) directory: TempDir,
    pub(crate) context: Context,
    /// While set, copied entries stay in the store.
    pub(crate) keeps: Arc<AtomicBool>,
}

impl House {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(MockClock::at(moment(0)));
        Self {
            directory: tempfile::tempdir().unwrap(),
            context: Context::new(clock, Arc::new(SeededRandomness::new(7))),
            keeps: Arc::default(),
        }
    }

    pub(crate) fn record(&self) -> Record {
        let options = RecordOptions::new("node-1", Arc::new(Seal));
        Record::open(self.directory.path(), options, self.context.clone(), Arc::default()).unwrap()
    }

    pub(crate) async fn store(&self) -> Store {
        let options = SqliteOptions::at(self.directory.path().join("directory.db"));
        let counters = Arc::new(RevocationCounters::new());
        let open =
            |observer| Ok(Stubborn { inner: SqliteBackend::open(&options, observer)?, keeps: self.keeps.clone() });
        Store::open(StoreOptions::default(), self.context.clone(), counters, Arc::new(()), open).await.unwrap()
    }

    pub(crate) async fn copying(&self) -> (Store, Record, AuditCopier) {
        let (store, record) = (self.store().await, self.record());
        let copier = AuditCopier::start(store.clone(), record.clone());
        (store, record, copier)
    }
}

pub(crate) async fn commit(store: &Store, entries: impl IntoIterator<Item = AuditEntry>) {
    let mut unit = store.tenant(tenant()).unit();
    for entry in entries {
        unit.audit(entry);
    }
    store.tenant(tenant()).commit(unit).await.unwrap();
}

/// The rows of a table, oldest first, personal values in place.
pub(crate) async fn rows(record: &Record, table: &str) -> Vec<Value> {
    let page = record.query(Query { limit: 10_000, ..Query::new(tenant(), table) }).await.unwrap();
    let mut rows = page.records;
    rows.reverse();
    rows.iter_mut().for_each(|row| put_in_place(row.as_object_mut().unwrap()));
    rows
}
