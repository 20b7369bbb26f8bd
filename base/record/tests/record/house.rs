//! A record in a place of its own, with a clock that stands still.

mod database;
mod files;

pub(crate) use database::{Beside, CLUSTER, Database, open_at, options_at};
pub(crate) use files::Files;

use signet_kernel::{
    Context, Issuance as _, MockClock, Revocation, RevocationCounters, SystemRandomness, TenantId, Timestamp,
};
use signet_record::{
    CheckpointSigner, CheckpointVerifier, Entry, Guard, KeptEntries, LogHead, LogRound, LogSpan, LogStore, Record,
    RecordBuilder, RecordOptions, RowKeys, Scope, VerifyError, VerifyReport,
};
use signet_store::Store;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use uuid::Uuid;

pub(crate) const SIGN_INS: &str = "SignIns";
pub(crate) const AUDITS: &str = "Audits";

pub(crate) fn tenant(number: u128) -> TenantId {
    TenantId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn moment(second: i64) -> Timestamp {
    Timestamp::from_seconds(1_795_255_200 + second)
}

/// Signs with a keyed hash: enough to tell a changed statement.
#[derive(Clone, Copy)]
pub(crate) struct Seal;

impl CheckpointSigner for Seal {
    fn key_id(&self) -> String {
        "seal-1".to_owned()
    }

    fn sign(&self, statement: &[u8]) -> Vec<u8> {
        let mut hash = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
        hash.update(b"a key only the signer has");
        hash.update(statement);
        hash.finish().as_ref().to_vec()
    }
}

impl CheckpointVerifier for Seal {
    fn verify(&self, key_id: &str, statement: &[u8], signature: &[u8]) -> bool {
        key_id == "seal-1" && signature == self.sign(statement)
    }
}

/// Where records lie. Whoever looks from outside calls the tables `frames`, `checkpoints`, `writers` and `used` in both.
pub(crate) enum Place {
    Files(Files),
    Postgres(Database),
}

pub(crate) struct House {
    pub(crate) place: Place,
    pub(crate) clock: Arc<MockClock>,
    pub(crate) context: Context,
}

/// A record as one process has it, and the counters that its decisions see.
#[derive(Clone)]
pub(crate) struct Node {
    pub(crate) record: Record,
    pub(crate) counters: Arc<RevocationCounters>,
    /// Raises them, where the database keeps them.
    pub(crate) store: Option<Store>,
}

impl Node {
    /// Raises the tenant's counter; what it is once the raise is acknowledged.
    pub(crate) async fn raise(&self, of: TenantId) -> Revocation {
        let Some(store) = self.store.as_ref().map(|store| store.tenant(of)) else {
            let to = self.counters.current(of).next();
            self.counters.raise(of, to);
            self.record.settled().await;
            return to;
        };
        let mut unit = store.unit();
        unit.raise_revocation();
        store.commit(unit).await.unwrap().head.revocation
    }

    pub(crate) fn guard(&self, of: TenantId) -> Guard {
        Guard { tenant: of, seen: self.counters.current(of) }
    }
}

/// A frame as somebody else sees it.
pub(crate) struct Stored {
    pub(crate) writer: String,
    pub(crate) id: i64,
    pub(crate) body: Vec<u8>,
}

impl Stored {
    pub(crate) fn records(&self) -> Vec<serde_json::Value> {
        self.body.split(|byte| *byte == b'\n').map(|line| serde_json::from_slice(line).unwrap()).collect()
    }
}

impl House {
    /// In files.
    pub(crate) async fn files() -> Self {
        Self::of(Place::Files(Files::new()))
    }

    /// In a database whose nodes have the rights that are documented, with two tenants in the directory.
    pub(crate) async fn postgres() -> Self {
        let house = Self::of(Place::Postgres(Database::new().await));
        let node = house.open().await;
        for number in [1, 2] {
            node.raise(tenant(number)).await;
        }
        node.record.shutdown().await;
        house
    }

    /// A new one of the same sort.
    pub(crate) async fn another(&self) -> Self {
        match &self.place {
            Place::Files(_) => Self::files().await,
            Place::Postgres(_) => Self::postgres().await,
        }
    }

    fn of(place: Place) -> Self {
        let clock = Arc::new(MockClock::at(moment(0)));
        let context = Context::new(clock.clone(), Arc::new(SystemRandomness));
        Self { place, clock, context }
    }

    pub(crate) async fn open(&self) -> Node {
        self.open_with(|_| ()).await
    }

    pub(crate) async fn open_with(&self, change: impl FnOnce(&mut RecordOptions)) -> Node {
        let mut options = RecordOptions::new("node-1", Arc::new(Seal));
        change(&mut options);
        match &self.place {
            Place::Files(files) => files.open(options, self.context.clone()),
            Place::Postgres(database) => database.open(options, self.context.clone()).await,
        }
    }

    /// Two that write: as two processes where that is possible.
    pub(crate) async fn two(&self) -> [Node; 2] {
        let change = |options: &mut RecordOptions| options.max_batch = 8;
        let one = self.open_with(change).await;
        let other = match &self.place {
            Place::Files(_) => one.clone(),
            Place::Postgres(_) => self.open_with(change).await,
        };
        [one, other]
    }

    pub(crate) fn entry(&self, tenant: TenantId, table: &'static str, number: i64) -> Entry {
        let id = format!("record-{number}");
        let agent = format!("agent-{}", number % 3);
        let outcome = if number % 2 == 0 { "0" } else { "7000215" };
        let mut record = RecordBuilder::new(&self.context, tenant, table);
        record.text("Id", &id).time("At", moment(number)).text("Agent", &agent).number("Number", number);
        record.personal("IPAddress", &format!("192.0.2.{number}")).personal("UserAgent", "msal \"python\"\n1.34");
        record.finish(RowKeys { at: moment(number), id: &id, about: Some(&agent), outcome: Some(outcome) })
    }

    pub(crate) async fn verify(&self) -> Result<VerifyReport, VerifyError> {
        match &self.place {
            Place::Files(files) => files.verify(),
            Place::Postgres(database) => database.verify().await,
        }
    }

    /// Takes every frame of a tenant into a log, as it were, and keeps entries of all of them.
    pub(crate) async fn keep_entries(&self, of: TenantId) {
        let (store, scope) = match &self.place {
            Place::Files(files) => (LogStore::open(files.path()).unwrap(), Scope::All),
            Place::Postgres(database) => (LogStore::postgres(Arc::new(Beside(database.options()))), Scope::Tenant(of)),
        };
        let found = store.find(scope).await.unwrap();
        let before = store.head(of).await.unwrap().map_or(0, |head| head.size);
        let mut size = before;
        let mut spans = Vec::new();
        for frame in found.frames.iter().filter(|frame| frame.tenant == of) {
            spans.push(LogSpan { first_leaf: size, frame: frame.number, count: frame.count });
            size += u64::from(frame.count);
        }
        let kept = spans.iter().map(|span| KeptEntries { first_leaf: span.first_leaf, entries: b"x".to_vec() });
        store.keep_entries(of, kept.collect()).await.unwrap();
        let after = LogHead { size, root: [0; 32] };
        let round = LogRound { tenant: of, before, after, tiles: Vec::new(), spans, tips: Vec::new() };
        assert!(store.commit(found.reached, vec![round]).await.unwrap());
    }

    /// Changes what is stored, as somebody might who can; how many rows.
    pub(crate) async fn change(&self, sql: &str) -> u64 {
        match &self.place {
            Place::Files(files) => files.change(sql),
            Place::Postgres(database) => database.change(sql).await,
        }
    }

    /// What is stored, each value as text.
    pub(crate) async fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        match &self.place {
            Place::Files(files) => files.rows(sql),
            Place::Postgres(database) => database.rows(sql).await,
        }
    }

    pub(crate) async fn count(&self, sql: &str) -> i64 {
        self.rows(sql).await[0][0].parse().unwrap()
    }

    /// Rings of waiting nodes that the database had to break.
    pub(crate) async fn deadlocks(&self) -> i64 {
        match &self.place {
            Place::Files(_) => 0,
            Place::Postgres(_) => {
                self.count("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").await
            }
        }
    }

    /// One stored value, asked for as `hex(…)`.
    pub(crate) async fn bytes(&self, sql: &str) -> Vec<u8> {
        unhex(&self.rows(sql).await[0][0])
    }

    pub(crate) async fn frames(&self) -> Vec<Stored> {
        let rows = self.rows("SELECT hex(writer), id, hex(body) FROM frames ORDER BY id").await;
        let stored =
            |row: Vec<String>| Stored { writer: row[0].clone(), id: row[1].parse().unwrap(), body: unhex(&row[2]) };
        rows.into_iter().map(stored).collect()
    }

    /// Keeps every frame from being written until it is let go.
    pub(crate) async fn hold(&self) -> Hold {
        match &self.place {
            Place::Files(files) => Hold::File(files.hold()),
            Place::Postgres(database) => Hold::Table(database.hold().await),
        }
    }

    /// Has the storage refuse every write, or accept it again.
    pub(crate) async fn refuse(&self, refused: bool) {
        match &self.place {
            Place::Files(files) => files.refuse(refused),
            Place::Postgres(database) => database.refuse(refused).await,
        }
    }
}

/// Frames that are kept from being written.
pub(crate) enum Hold {
    File(rusqlite::Connection),
    Table(tokio_postgres::Client),
}

impl Hold {
    pub(crate) async fn release(self) {
        match self {
            Self::File(connection) => connection.execute_batch("ROLLBACK").unwrap(),
            Self::Table(client) => client.batch_execute("ROLLBACK").await.unwrap(),
        }
    }
}

fn unhex(text: &str) -> Vec<u8> {
    text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Lets a future get as far as it can, once.
pub(crate) async fn start<F: Future + ?Sized>(mut future: Pin<&mut F>) -> Poll<F::Output> {
    std::future::poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await
}

/// Waits until the writer has taken what was appended.
pub(crate) async fn taken(record: &Record) {
    while record.metrics().queue_depth > 0 {
        tokio::task::yield_now().await;
    }
}
