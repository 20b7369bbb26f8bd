//! Nodes over one database.

use signet_kernel::{Context, MockClock, RevocationCounters, SystemRandomness, TenantId, Timestamp};
use signet_record::{
    AppendError, CheckpointSigner, Connect, Entry, Guard, Receipt, Record, RecordBuilder, RecordOptions, RowKeys,
};
use signet_store::{PostgresBackend, PostgresOptions, Store, StoreOptions};
use signet_testkit_postgres::{Cluster, database_of};
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use uuid::Uuid;

pub(crate) static CLUSTER: LazyLock<Cluster> = LazyLock::new(Cluster::start);

pub(crate) const SIGN_INS: &str = "SignIns";

pub(crate) fn tenant(number: u128) -> TenantId {
    TenantId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn moment(second: i64) -> Timestamp {
    Timestamp::from_seconds(1_795_255_200 + second)
}

pub(crate) struct Seal;

impl CheckpointSigner for Seal {
    fn key_id(&self) -> String {
        "seal-1".to_owned()
    }

    fn sign(&self, statement: &[u8]) -> Vec<u8> {
        aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, statement).as_ref().to_vec()
    }
}

impl signet_record::CheckpointVerifier for Seal {
    fn verify(&self, key_id: &str, statement: &[u8], signature: &[u8]) -> bool {
        key_id == "seal-1" && signature == self.sign(statement)
    }
}

pub(crate) async fn verify(url: &str) -> Result<signet_record::VerifyReport, signet_record::VerifyError> {
    signet_record::verify_postgres(&mut options(url).connect().await.unwrap(), &Seal).await
}

struct Database(PostgresOptions);

impl Connect for Database {
    fn connect(&self) -> Pin<Box<dyn Future<Output = Result<tokio_postgres::Client, String>> + Send + '_>> {
        Box::pin(async { self.0.connect().await.map_err(|error| error.to_string()) })
    }
}

/// A directory and a record, as one process has them.
pub(crate) struct Node {
    pub(crate) store: Store,
    pub(crate) record: Record,
    pub(crate) counters: Arc<RevocationCounters>,
    context: Context,
}

pub(crate) fn options(url: &str) -> PostgresOptions {
    PostgresOptions::at(url).unwrap()
}

impl Node {
    pub(crate) async fn start(options: &PostgresOptions) -> Self {
        let clock = Arc::new(MockClock::at(moment(0)));
        let context = Context::new(clock, Arc::new(SystemRandomness));
        let counters = Arc::new(RevocationCounters::new());
        let (caches, backend) = (StoreOptions { cached_reads: 100 }, context.clone());
        let open = |observer| PostgresBackend::open(options, backend, observer);
        let store = Store::connect(caches, context.clone(), counters.clone(), Arc::new(()), open).await.unwrap();
        let database = Arc::new(Database(options.clone()));
        let names = RecordOptions::new("node", Arc::new(Seal));
        let record = Record::open_postgres(database, names, context.clone()).await.unwrap();
        Self { store, record, counters, context }
    }

    /// Raises the tenant's counter; what it is once the raise is acknowledged.
    pub(crate) async fn raise(&self, of: TenantId) -> signet_kernel::Revocation {
        let store = self.store.tenant(of);
        let mut unit = store.unit();
        unit.raise_revocation();
        store.commit(unit).await.unwrap().head.revocation
    }

    pub(crate) fn guard(&self, of: TenantId) -> Guard {
        Guard { tenant: of, seen: self.counters.current(of) }
    }

    pub(crate) fn entry(&self, of: TenantId, number: i64) -> Entry {
        let (id, agent) = (format!("record-{number}"), format!("agent-{}", number % 3));
        let mut record = RecordBuilder::new(&self.context, of, SIGN_INS);
        record.text("Id", &id).number("Number", number).personal("IPAddress", "192.0.2.1");
        let outcome = Some(if number % 2 == 0 { "0" } else { "7000215" });
        record.finish(RowKeys { at: moment(number), id: &id, about: Some(&agent), outcome })
    }

    pub(crate) async fn append(&self, of: TenantId, number: i64) -> Result<Receipt, AppendError> {
        self.record.append(self.entry(of, number), Some(self.guard(of))).await
    }
}

pub(crate) fn sql(url: &str, sql: &str) -> String {
    CLUSTER.execute(database_of(url), sql).trim().to_owned()
}
