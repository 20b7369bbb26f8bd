//! A record in a directory of its own, with a clock that stands still.

use rusqlite::Connection;
use signet_kernel::{Context, MockClock, RevocationCounters, SystemRandomness, TenantId, Timestamp};
use signet_record::{
    CheckpointSigner, CheckpointVerifier, Entry, Record, RecordBuilder, RecordOptions, RowKeys, VerifyError,
    VerifyReport,
};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use tempfile::TempDir;
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

pub(crate) struct House {
    pub(crate) directory: TempDir,
    pub(crate) clock: Arc<MockClock>,
    pub(crate) context: Context,
    pub(crate) revocations: Arc<RevocationCounters>,
}

impl House {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(MockClock::at(moment(0)));
        Self {
            directory: tempfile::tempdir().unwrap(),
            context: Context::new(clock.clone(), Arc::new(SystemRandomness)),
            clock,
            revocations: Arc::new(RevocationCounters::new()),
        }
    }

    pub(crate) fn open(&self) -> Record {
        self.open_with(|_| ())
    }

    pub(crate) fn open_with(&self, change: impl FnOnce(&mut RecordOptions)) -> Record {
        self.open_in(self.directory.path(), change)
    }

    pub(crate) fn open_in(&self, directory: &Path, change: impl FnOnce(&mut RecordOptions)) -> Record {
        let mut options = RecordOptions::new("node-1", Arc::new(Seal));
        change(&mut options);
        Record::open(directory, options, self.context.clone(), self.revocations.clone()).unwrap()
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

    pub(crate) fn verify(&self) -> Result<VerifyReport, VerifyError> {
        signet_record::verify(self.directory.path(), &Seal)
    }

    /// The file as somebody else sees it, who may change it.
    pub(crate) fn outside(&self) -> Connection {
        let connection = Connection::open(self.directory.path().join("records.db")).unwrap();
        connection.pragma_update(None, "synchronous", "OFF").unwrap();
        connection
    }

    pub(crate) fn count(&self, of: &str) -> i64 {
        self.outside().query_row(of, (), |row| row.get(0)).unwrap()
    }
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
