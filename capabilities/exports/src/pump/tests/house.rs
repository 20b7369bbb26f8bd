//! A store and a record in a directory of their own, and receivers that behave in every way.

use crate::config::SinkConfig;
use crate::dead_letter::DeadLetter;
use crate::event::Event;
use crate::meter::Meter;
use crate::pump::Pump;
use crate::sink::{Sink, Undelivered};
use async_trait::async_trait;
use parking_lot::Mutex;
use serde_json::json;
use signet_jobs::Worker;
use signet_kernel::{Context, MockClock, RevocationCounters, SeededRandomness, TenantId, Timestamp};
use signet_record::{CheckpointSigner, Record, RecordBuilder, RecordOptions, RowKeys};
use signet_store::{Id, Kind, ListQuery, Liveness, Object, SqliteBackend, SqliteOptions, Store, StoreOptions};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::Notify;
use uuid::Uuid;

const TABLE: &str = signet_logs::SIGN_INS;

struct Seal;

impl CheckpointSigner for Seal {
    fn key_id(&self) -> String {
        "seal".to_owned()
    }

    fn sign(&self, statement: &[u8]) -> Vec<u8> {
        statement.to_vec()
    }
}

/// What a receiver got, and how it behaves.
#[derive(Default)]
pub(super) struct Receiver {
    pub(super) got: Mutex<Vec<String>>,
    /// The sizes of what it was handed.
    pub(super) handed: Mutex<Vec<usize>>,
    pub(super) bad: Mutex<Vec<String>>,
    /// It takes so many more events, then nothing.
    pub(super) patience: Mutex<Option<usize>>,
    pub(super) silent: bool,
    pub(super) asked: Notify,
}

struct To(Arc<Receiver>);

#[async_trait]
impl Sink for To {
    async fn send(&self, events: &[Event]) -> Result<(), Undelivered> {
        let receiver = &self.0;
        receiver.handed.lock().push(events.len());
        receiver.asked.notify_one();
        if receiver.silent {
            std::future::pending::<()>().await;
        }
        if let Some(left) = receiver.patience.lock().as_mut() {
            *left = left.checked_sub(events.len()).ok_or_else(|| Undelivered::not_now("enough"))?;
        }
        if events.iter().any(|event| receiver.bad.lock().contains(&event.id)) {
            return Err(Undelivered::Refused("bad".to_owned()));
        }
        receiver.got.lock().extend(events.iter().map(|event| event.id.clone()));
        Ok(())
    }
}

pub(super) struct House {
    _directory: TempDir,
    pub(super) clock: Arc<MockClock>,
    pub(super) context: Context,
    pub(super) store: Store,
    pub(super) record: Record,
}

pub(super) fn tenant(number: u128) -> TenantId {
    TenantId::from_uuid(Uuid::from_u128(number))
}

impl House {
    /// Two tenants, of which nothing is recorded.
    pub(super) async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(MockClock::at(Timestamp::from_seconds(1_795_255_200)));
        let context = Context::new(clock.clone(), Arc::new(SeededRandomness::new(7)));
        let options = RecordOptions::new("node-1", Arc::new(Seal));
        let record = Record::open(directory.path(), options, context.clone(), Arc::default()).unwrap();
        let options = SqliteOptions::at(directory.path().join("directory.db"));
        let open = |observer| SqliteBackend::open(&options, observer);
        let counters = Arc::new(RevocationCounters::new());
        let store = Store::open(StoreOptions::default(), context.clone(), counters, Arc::new(()), open).await.unwrap();
        let house = Self { _directory: directory, clock, context, store, record };
        for number in [1, 2] {
            house.letter(tenant(number), "another").await;
        }
        house
    }

    pub(super) fn pump(&self, receiver: &Arc<Receiver>) -> Pump {
        let config = json!({"to": "syslog", "server": "logs.example:6514", "batch": 10});
        let config: SinkConfig = serde_json::from_value(config).unwrap();
        Pump {
            name: "siem".to_owned(),
            choice: config.choice,
            sink: Box::new(To(receiver.clone())),
            store: self.store.clone(),
            record: self.record.clone(),
            worker: Worker::new(self.store.clone(), Duration::from_secs(15)),
            meter: Meter::new("siem"),
            most_dead: 3,
            taken: Mutex::default(),
        }
    }

    /// Records of a tenant, each in a commit of its own; their ids.
    pub(super) async fn happen(&self, of: u128, count: usize) -> Vec<String> {
        let mut ids = Vec::new();
        for _ in 0..count {
            let (id, now) = (self.context.new_uuid().to_string(), self.context.now());
            let mut record = RecordBuilder::new(&self.context, tenant(of), TABLE);
            record.text("Id", &id).time("TimeGenerated", now);
            let entry = record.finish(RowKeys { at: now, id: &id, about: None, outcome: None });
            self.record.append(entry, None).await.unwrap();
            ids.push(id);
        }
        self.record.caught_up().await;
        ids
    }

    /// A dead letter of a sink.
    pub(super) async fn letter(&self, of: TenantId, sink: &str) {
        let store = self.store.tenant(of);
        let letter = DeadLetter {
            sink: sink.to_owned(),
            table: TABLE.to_owned(),
            record: "none".to_owned(),
            reason: "bad".to_owned(),
            is_resend_requested: false,
            other: serde_json::Map::new(),
        };
        let mut unit = store.unit();
        unit.create(Id::of(self.context.new_object_id()), &letter);
        store.commit(unit).await.unwrap();
    }

    /// The dead letters of the sink that is tested.
    pub(super) async fn letters(&self, of: u128) -> Vec<Arc<Object<DeadLetter>>> {
        let store = self.store.tenant(tenant(of));
        let query =
            ListQuery { kinds: vec![DeadLetter::NAME], liveness: Liveness::Live, after: None, limit: 100, index: None };
        let mut found = Vec::new();
        for row in store.list(query).await.unwrap().items {
            found.extend(store.find(Id::<DeadLetter>::of(row.id)).await.unwrap());
        }
        found.retain(|letter| letter.body.sink == "siem");
        found
    }

    pub(super) async fn ask_again(&self, of: u128) {
        let store = self.store.tenant(tenant(of));
        for letter in self.letters(of).await {
            let mut unit = store.unit();
            unit.update(&letter, &DeadLetter { is_resend_requested: true, ..letter.body.clone() });
            store.commit(unit).await.unwrap();
        }
    }
}
