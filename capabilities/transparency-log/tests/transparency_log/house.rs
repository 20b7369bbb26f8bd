//! A record with its log, in a place of its own, with a clock that stands still.

use async_trait::async_trait;
use parking_lot::Mutex;
use signet_kernel::{Context, MockClock, RevocationCounters, SystemRandomness, TenantId, Timestamp};
use signet_record::{
    CheckpointSigner, Client, Connect, Entry, LogStore, Record, RecordBuilder, RecordOptions, RowKeys,
};
use signet_store::{PostgresBackend, PostgresOptions};
use signet_testkit_postgres::Cluster;
use signet_tlog::{KeyKind, KeyName, Log, SigningKey};
use signet_transparency_log::{
    Alarm, AlarmKind, FIRST_EPOCH, LogKeys, LogProblem, LogReport, TransparencyLogs, Trust, verify,
};
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use uuid::Uuid;

pub const TABLES: [&str; 2] = ["SigninLogs", "AuditLogs"];
pub const HOST: &str = "id.example";
pub static CLUSTER: LazyLock<Cluster> = LazyLock::new(Cluster::start);

pub fn tenant(number: u128) -> TenantId {
    TenantId::from_uuid(Uuid::from_u128(number))
}

pub fn moment(second: i64) -> Timestamp {
    Timestamp::from_seconds(1_795_255_200 + second)
}

/// Statements are not what is tested here.
struct Unsigned;

impl CheckpointSigner for Unsigned {
    fn key_id(&self) -> String {
        "none".to_owned()
    }

    fn sign(&self, _: &[u8]) -> Vec<u8> {
        Vec::new()
    }
}

/// Remembers what was raised.
#[derive(Default)]
pub struct Alarms(Mutex<Vec<(TenantId, AlarmKind, String)>>);

#[async_trait]
impl Alarm for Alarms {
    async fn raise(&self, tenant: TenantId, kind: AlarmKind, description: String) {
        self.0.lock().push((tenant, kind, description));
    }
}

impl Alarms {
    pub fn kinds(&self) -> Vec<AlarmKind> {
        self.0.lock().iter().map(|(_, kind, _)| *kind).collect()
    }

    pub fn last(&self) -> String {
        self.0.lock().last().map(|(_, _, said)| said.clone()).unwrap_or_default()
    }
}

pub fn keys() -> LogKeys {
    Arc::new(|tenant: TenantId, name: KeyName| {
        let mut seed = [7; 32];
        seed[..16].copy_from_slice(tenant.as_bytes());
        Ok(SigningKey::from_seed(name, KeyKind::Log, &seed).unwrap())
    })
}

pub fn log_named(origin: &str) -> Option<Log> {
    use signet_tlog::Signer as _;
    let tenant: TenantId = origin.split('/').nth(1)?.parse().ok()?;
    let key = keys()(tenant, KeyName::new(origin).unwrap()).unwrap();
    Some(Log::new(origin, [key.key().clone()]))
}

enum Place {
    Files(tempfile::TempDir),
    Postgres(String),
}

pub struct House {
    place: Place,
    pub clock: Arc<MockClock>,
    pub context: Context,
    pub alarms: Arc<Alarms>,
}

pub struct Beside(pub PostgresOptions);

impl Connect for Beside {
    fn connect(&self) -> Pin<Box<dyn Future<Output = Result<Client, String>> + Send + '_>> {
        Box::pin(async { self.0.connect().await.map_err(|error| error.to_string()) })
    }
}

impl House {
    pub async fn files() -> Self {
        Self::of(Place::Files(tempfile::tempdir().unwrap()))
    }

    pub async fn postgres() -> Self {
        Self::of(Place::Postgres(CLUSTER.grant_to_node(&Self::database().await)))
    }

    /// What lies in these files, moved into a database.
    pub async fn moved(&self) -> Self {
        let owner = Self::database().await;
        let mut target = PostgresOptions::at(&owner).unwrap().connect().await.unwrap();
        signet_record::transfer(self.path(), &mut target, |_| ()).await.unwrap();
        // A second time nothing is added, and everything is the same.
        signet_record::transfer(self.path(), &mut target, |_| ()).await.unwrap();
        Self::of(Place::Postgres(CLUSTER.grant_to_node(&owner)))
    }

    /// An empty one, as its owner.
    async fn database() -> String {
        let owner = CLUSTER.create_owned_database();
        let options = PostgresOptions::at(&owner).unwrap();
        PostgresBackend::migrate(&options).await.unwrap();
        signet_record::migrate_postgres(&options.connect().await.unwrap()).await.unwrap();
        owner
    }

    fn of(place: Place) -> Self {
        let clock = Arc::new(MockClock::at(moment(0)));
        let context = Context::new(clock.clone(), Arc::new(SystemRandomness));
        Self { place, clock, context, alarms: Arc::default() }
    }

    pub fn path(&self) -> &Path {
        match &self.place {
            Place::Files(directory) => directory.path(),
            Place::Postgres(_) => panic!("it lies in a database"),
        }
    }

    pub fn beside(&self) -> Arc<Beside> {
        let Place::Postgres(url) = &self.place else { panic!("it lies in files") };
        let mut options = PostgresOptions::at(url).unwrap();
        options.migrate = false;
        Arc::new(Beside(options))
    }

    pub fn url(&self) -> &str {
        let Place::Postgres(url) = &self.place else { panic!("it lies in files") };
        url
    }

    /// What a superuser does, and reads.
    pub fn sql(&self, sql: &str) -> String {
        let Place::Postgres(url) = &self.place else { panic!("it lies in files") };
        CLUSTER.execute(signet_testkit_postgres::database_of(url), sql).trim().to_owned()
    }

    pub async fn record(&self) -> Record {
        let options = RecordOptions::new("node", Arc::new(Unsigned));
        match &self.place {
            Place::Files(directory) => {
                let counters = Arc::new(RevocationCounters::new());
                Record::open(directory.path(), options, self.context.clone(), counters).unwrap()
            }
            Place::Postgres(_) => {
                Record::open_postgres(self.beside(), options.in_postgres(), self.context.clone()).await.unwrap()
            }
        }
    }

    pub fn store(&self) -> LogStore {
        match &self.place {
            Place::Files(directory) => LogStore::open(directory.path()).unwrap(),
            Place::Postgres(_) => LogStore::postgres(self.beside()),
        }
    }

    /// The logs as one process has them.
    pub fn logs(&self) -> TransparencyLogs {
        let logs = TransparencyLogs::new(self.store(), HOST, keys(), self.alarms.clone(), self.context.clone());
        logs.know([1, 2].map(|number| (tenant(number), FIRST_EPOCH)));
        logs
    }

    pub fn entry(&self, of: TenantId, table: &'static str, number: i64) -> Entry {
        let id = format!("record-{number}");
        let mut record = RecordBuilder::new(&self.context, of, table);
        record.text("Id", &id).number("Number", number).personal("IPAddress", &format!("192.0.2.{number}"));
        record.finish(RowKeys { at: moment(number), id: &id, about: None, outcome: None })
    }

    /// Appends records one by one: a frame each.
    pub async fn append(&self, record: &Record, of: TenantId, numbers: std::ops::Range<i64>) {
        for number in numbers {
            let table = TABLES[usize::try_from(number % 2).unwrap()];
            record.append(self.entry(of, table, number), None).await.unwrap();
        }
    }

    /// Appends records that share commits.
    pub async fn append_together(&self, record: &Record, of: TenantId, numbers: std::ops::Range<i64>) {
        let appends = numbers.map(|number| {
            let (record, entry) = (record.clone(), self.entry(of, TABLES[0], number));
            tokio::spawn(async move { record.append(entry, None).await })
        });
        for append in appends.collect::<Vec<_>>() {
            append.await.unwrap().unwrap();
        }
    }

    pub async fn verify_with(&self, of: TenantId, outside: Vec<Vec<u8>>) -> Result<LogReport, LogProblem> {
        let snapshot = self.store().snapshot().await?;
        let head = snapshot.heads().await?.into_iter().find(|(tenant, _)| *tenant == of);
        let head = head.expect("the tenant has a log");
        verify(&snapshot, head, &Trust { log: &log_named, witnesses: Vec::new(), outside }).await
    }

    pub async fn verify(&self, of: TenantId) -> Result<LogReport, LogProblem> {
        self.verify_with(of, Vec::new()).await
    }
}

/// Gathers until there is nothing more.
pub async fn gather(logs: &TransparencyLogs) -> u64 {
    let mut records = 0;
    for scope in logs.store().scopes(logs.tenants()) {
        loop {
            let gathered = logs.gather(scope).await.unwrap();
            records += gathered.records;
            if !gathered.more {
                break;
            }
        }
    }
    records
}

/// The newest checkpoint of a tenant's log.
pub async fn checkpoint(logs: &TransparencyLogs, of: TenantId) -> Vec<u8> {
    logs.checkpoint(of).await.unwrap().expect("something was signed").note
}
