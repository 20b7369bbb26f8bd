//! A store, a record and its log in a directory of their own, with a clock that stands still.

use async_trait::async_trait;
use parking_lot::Mutex;
use serde_json::json;
use signet_jobs::Worker;
use signet_kernel::{
    AppId, Caller, Context, Failure, MockClock, ObjectId, Origin, RevocationCounters, SystemRandomness, TenantId,
    Timestamp,
};
use signet_log_retention::{LegalHold, Outcome, Parts, Readers, Retention, Settings};
use signet_logs::{AUDITS, AuditCopier, SIGN_INS};
use signet_record::{CheckpointSigner, Entry, LogStore, Place, Query, Record, RecordOptions, RowKeys, Scope};
use signet_store::{Id, SqliteBackend, SqliteOptions, Store, StoreOptions};
use signet_tlog::{KeyKind, KeyName, Log, Signer as _, SigningKey};
use signet_transparency_log::{
    Alarm, AlarmKind, FIRST_EPOCH, LogKeys, LogReport, PURGE, TransparencyLogs, Trust, verify,
};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use uuid::Uuid;

pub const DAY: Duration = Duration::from_hours(24);
const SETTINGS: Settings = Settings {
    audit: Duration::from_hours(24 * 400),
    others: Duration::from_hours(24 * 365),
    total: None,
    shortest: Duration::from_hours(24 * 30),
    grace: Duration::from_hours(24 * 30),
    readers: Duration::from_hours(24 * 30),
};

pub fn tenant() -> TenantId {
    TenantId::from_uuid(Uuid::from_u128(1))
}

struct Unsigned;

impl CheckpointSigner for Unsigned {
    fn key_id(&self) -> String {
        "none".to_owned()
    }

    fn sign(&self, _: &[u8]) -> Vec<u8> {
        Vec::new()
    }
}

struct Silent;

#[async_trait]
impl Alarm for Silent {
    async fn raise(&self, _: TenantId, kind: AlarmKind, description: String) {
        panic!("{}: {description}", kind.name());
    }
}

#[derive(Default)]
struct Reader(Mutex<Option<Place>>);

#[async_trait]
impl Readers for Reader {
    async fn places(&self, _: TenantId) -> Result<Vec<(String, Place)>, Failure> {
        Ok(self.0.lock().clone().map(|place| ("reader".to_owned(), place)).into_iter().collect())
    }
}

fn key(name: KeyName) -> SigningKey {
    SigningKey::from_seed(name, KeyKind::Log, &[7; 32]).unwrap()
}

fn deployment(context: &Context, tenant: TenantId) -> Caller {
    Caller {
        tenant,
        object: ObjectId::from_uuid(Uuid::nil()),
        kind: "operator",
        app: AppId::from_uuid(Uuid::nil()),
        display_name: "deployment".to_owned(),
        roles: BTreeSet::new(),
        parent: None,
        origin: Origin::internal(context.new_uuid()),
    }
}

pub struct House {
    _directory: TempDir,
    pub clock: Arc<MockClock>,
    pub context: Context,
    pub store: Store,
    pub record: Record,
    audit: AuditCopier,
    logs: TransparencyLogs,
    reader: Arc<Reader>,
    worker: Worker,
    retention: Retention,
}

impl House {
    pub async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(MockClock::at(Timestamp::from_seconds(1_795_255_200)));
        let context = Context::new(clock.clone(), Arc::new(SystemRandomness));
        let options = RecordOptions::new("node-1", Arc::new(Unsigned));
        let record = Record::open(directory.path(), options, context.clone(), Arc::default()).unwrap();
        let options = SqliteOptions::at(directory.path().join("directory.db"));
        let open = |observer| SqliteBackend::open(&options, observer);
        let counters = Arc::new(RevocationCounters::new());
        let store = Store::open(StoreOptions::default(), context.clone(), counters, Arc::new(()), open).await.unwrap();
        let audit = AuditCopier::start(store.clone(), record.clone());
        let keys: LogKeys = Arc::new(|_, name| Ok(key(name)));
        let log_store = LogStore::open(directory.path()).unwrap();
        let logs = TransparencyLogs::new(log_store, "id.example", keys, Arc::new(Silent), context.clone());
        logs.know([(tenant(), FIRST_EPOCH)]);
        let reader = Arc::new(Reader::default());
        let parts = Parts {
            store: store.clone(),
            record: record.clone(),
            audit: audit.clone(),
            logs: logs.clone(),
            readers: reader.clone(),
            archive: None,
            settings: SETTINGS,
            caller: deployment,
        };
        let worker = Worker::new(store.clone(), Duration::from_secs(60));
        let retention = Retention::new(parts);
        Self { _directory: directory, clock, context, store, record, audit, logs, reader, worker, retention }
    }

    /// So many sign-ins, a frame each; whom each is about.
    pub async fn sign_ins(&self, number: usize) -> Vec<ObjectId> {
        let mut subjects = Vec::new();
        for _ in 0..number {
            let (id, subject) = (self.context.new_uuid().to_string(), self.context.new_object_id());
            let (at, about) = (self.context.now(), subject.to_string());
            let keys = RowKeys { at, id: &id, about: Some(&about), outcome: Some("0") };
            let body = json!({"Id": id, "TimeGenerated": at, "ServicePrincipalId": subject});
            let entry = Entry::from_serialize(tenant(), SIGN_INS, keys, &body).unwrap();
            self.record.append(entry, None).await.unwrap();
            subjects.push(subject);
        }
        subjects
    }

    /// Takes all there is into the log.
    pub async fn gather(&self) {
        self.audit.caught_up().await.unwrap();
        while self.logs.gather(Scope::All).await.unwrap().more {}
    }

    pub async fn round(&self) -> Outcome {
        let held = self.worker.take(tenant(), "log retention").await.unwrap().unwrap();
        let done = self.retention.round(tenant(), &held).await.unwrap();
        held.give_back().await.unwrap();
        done
    }

    /// Rounds until nothing is left to do.
    pub async fn purge(&self) {
        self.gather().await;
        while self.round().await.more {
            self.gather().await;
        }
        self.gather().await;
    }

    pub async fn put(&self, hold: &LegalHold) -> Id<LegalHold> {
        let id = Id::of(self.context.new_object_id());
        let store = self.store.tenant(tenant());
        let mut unit = store.unit();
        hold.set(&store, &mut unit, id).await.unwrap();
        store.commit(unit).await.unwrap();
        id
    }

    pub async fn release(&self, hold: Id<LegalHold>) {
        let store = self.store.tenant(tenant());
        let found = store.find(hold).await.unwrap().unwrap();
        let mut unit = store.unit();
        unit.delete(&found, self.context.new_uuid()).purge(hold.object());
        store.commit(unit).await.unwrap();
    }

    pub fn reader(&self, place: Option<Place>) {
        *self.reader.0.lock() = place;
    }

    async fn page(&self, table: &str) -> Vec<serde_json::Value> {
        self.record.caught_up().await;
        self.record.query(Query { limit: 1_000, ..Query::new(tenant(), table) }).await.unwrap().records
    }

    /// Sign-ins that are still there, a frame each.
    pub async fn frames(&self) -> usize {
        self.page(SIGN_INS).await.len()
    }

    pub async fn numbers(&self) -> Vec<i64> {
        let (frames, _) = self.record.aged(tenant(), self.context.now(), 0, 1_000).await.unwrap();
        frames.into_iter().filter(|frame| frame.table == SIGN_INS).map(|frame| frame.number).collect()
    }

    pub async fn subjects(&self) -> Vec<ObjectId> {
        let rows = self.page(SIGN_INS).await;
        rows.iter().map(|row| row["ServicePrincipalId"].as_str().unwrap().parse().unwrap()).collect()
    }

    /// The audit records that state purges, the oldest first.
    pub async fn tombstones(&self) -> Vec<serde_json::Value> {
        self.audits(PURGE).await
    }

    pub async fn audits(&self, operation: &str) -> Vec<serde_json::Value> {
        self.audit.caught_up().await.unwrap();
        let mut found = self.page(AUDITS).await;
        found.retain(|record| record["OperationName"] == operation);
        found.reverse();
        found
    }

    pub async fn verify(&self) -> LogReport {
        let snapshot = self.logs.store().snapshot().await.unwrap();
        let log = |origin: &str| Some(Log::new(origin, [key(KeyName::new(origin).ok()?).key().clone()]));
        let trust = Trust { log: &log, witnesses: Vec::new(), outside: Vec::new() };
        let heads = snapshot.heads().await.unwrap();
        verify(&snapshot, heads[0], &trust).await.unwrap()
    }
}
