//! A store and a record in a directory of their own, with a clock that stands still.

use async_trait::async_trait;
use axum::http::HeaderMap;
use signet_graph::{Authenticate, Unauthenticated};
use signet_kernel::{
    AppId, Caller, Context, Failure, Fault, MockClock, ObjectId, Origin, RevocationCounters, SeededRandomness,
    TenantId, Timestamp,
};
use signet_log_queries::{LogQueries, QueryLimits};
use signet_logs::AuditCopier;
use signet_logs::audit::{Activity, OperationType, success};
use signet_record::{CheckpointSigner, Record, RecordOptions};
use signet_store::{SqliteBackend, SqliteOptions, Store, StoreOptions, TenantStore};
use std::sync::Arc;
use tempfile::TempDir;
use uuid::Uuid;

pub(crate) fn tenant(number: u128) -> TenantId {
    TenantId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn caller(number: u128) -> Caller {
    Caller {
        tenant: tenant(number),
        object: ObjectId::from_uuid(Uuid::from_u128(0xc0)),
        kind: "servicePrincipal",
        app: AppId::from_uuid(Uuid::from_u128(0xc1)),
        display_name: "Reader".to_owned(),
        roles: ["AuditLog.Read.All".to_owned()].into(),
        parent: None,
        origin: Origin::internal(Uuid::from_u128(0x70)),
    }
}

struct Seal;

impl CheckpointSigner for Seal {
    fn key_id(&self) -> String {
        "seal".to_owned()
    }

    fn sign(&self, statement: &[u8]) -> Vec<u8> {
        statement.to_vec()
    }
}

struct Nobody;

#[async_trait]
impl Authenticate for Nobody {
    async fn authenticate(&self, _: &HeaderMap, _: Origin) -> Result<(Caller, TenantStore), Unauthenticated> {
        let failure = Failure::new(Fault::Unauthenticated, "InvalidAuthenticationToken", "nobody");
        Err(Unauthenticated { failure, www_authenticate: String::new() })
    }
}

pub(crate) struct House {
    _directory: TempDir,
    context: Context,
    store: Store,
    record: Record,
    copier: AuditCopier,
}

impl House {
    pub(crate) async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(MockClock::at(moment(60)));
        let context = Context::new(clock, Arc::new(SeededRandomness::new(7)));
        let options = RecordOptions::new("node-1", Arc::new(Seal));
        let record = Record::open(directory.path(), options, context.clone(), Arc::default()).unwrap();
        let options = SqliteOptions::at(directory.path().join("directory.db"));
        let open = |observer| SqliteBackend::open(&options, observer);
        let counters = Arc::new(RevocationCounters::new());
        let store = Store::open(StoreOptions::default(), context.clone(), counters, Arc::new(()), open).await.unwrap();
        let copier = AuditCopier::start(store.clone(), record.clone());
        Self { _directory: directory, context, store, record, copier }
    }

    pub(crate) fn queries(&self, limits: QueryLimits) -> LogQueries {
        let logs = (self.record.clone(), self.copier.clone());
        LogQueries::new(Arc::new(Nobody), self.context.clone(), logs, limits)
    }

    pub(crate) fn store(&self, number: u128) -> TenantStore {
        self.store.tenant(tenant(number))
    }

    /// One audit record for each name, a second apart.
    pub(crate) async fn audit(&self, number: u128, names: &[&'static str]) {
        for (second, name) in (0..).zip(names) {
            let activity =
                Activity { name, category: "Test", operation: OperationType::Other, service: "Core Directory" };
            let id = self.context.new_uuid();
            let mut unit = self.store(number).unit();
            unit.audit(success(&caller(number), moment(second), id, &activity, Vec::new(), &[]));
            self.store(number).commit(unit).await.unwrap();
        }
    }

    /// Nothing can be written to the record any more.
    pub(crate) async fn end_record(&self) {
        self.record.shutdown().await;
    }
}

fn moment(second: i64) -> Timestamp {
    Timestamp::from_seconds(1_795_255_200 + second)
}
