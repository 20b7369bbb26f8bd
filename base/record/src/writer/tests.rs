//! What the writer does when the disk does not do its part.

use super::*;
use crate::checkpoint::CheckpointSigner;
use crate::entry::{RecordBuilder, RowKeys};
use parking_lot::Mutex;
use rusqlite::ffi;
use signet_kernel::{TenantId, Timestamp};
use uuid::Uuid;

struct Unsigned;

impl CheckpointSigner for Unsigned {
    fn key_id(&self) -> String {
        "none".to_owned()
    }

    fn sign(&self, _: &[u8]) -> Vec<u8> {
        Vec::new()
    }
}

struct Bench {
    writer: Writer<crate::ledger::Sqlite>,
    ended: Arc<Mutex<Vec<String>>>,
    directory: tempfile::TempDir,
}

fn bench() -> Bench {
    let directory = tempfile::tempdir().unwrap();
    let context = Context::system();
    let ledger = Ledger::open(directory.path(), "node", Arc::new(Unsigned), context.clone(), Arc::default()).unwrap();
    let ended = Arc::new(Mutex::new(Vec::new()));
    let said = ended.clone();
    let writer = Writer {
        ledger,
        shared: Arc::new(Shared {
            queue: Queue::new(16),
            healthy: AtomicBool::new(true),
            counters: Counters::default(),
            rows: Signal::new(0, 0),
        }),
        context,
        pace: Pace { limit: 16, gather: Duration::ZERO },
        checkpoint_interval: Duration::from_secs(60),
        fatal: Box::new(move |why| said.lock().push(why.to_owned())),
    };
    Bench { writer, ended, directory }
}

impl Bench {
    /// Commits one record of `size` bytes: whether the writer goes on, and what the caller learns.
    fn append(&mut self, size: usize) -> (bool, Result<Receipt, AppendError>) {
        let mut record = RecordBuilder::new(&self.writer.context, TenantId::from_uuid(Uuid::from_u128(1)), "T");
        record.text("Filler", &"x".repeat(size));
        let keys = RowKeys { at: Timestamp::default(), id: "1", about: None, outcome: None };
        let (answer, mut answered) = oneshot::channel();
        let mut batch = Batch::default();
        batch.jobs.push(Job { entry: record.finish(keys), guard: None, answer });
        let going = self.writer.commit(&mut batch);
        (going, answered.try_recv().unwrap())
    }

    fn allow_pages(&self, count: i64) {
        self.writer.ledger.storage.connection.pragma_update(None, "max_page_count", count).unwrap();
    }

    fn healthy(&self) -> bool {
        self.writer.healthy()
    }
}

#[test]
fn a_full_disk_refuses_until_a_probe_succeeds() {
    let mut bench = bench();
    assert_eq!(bench.append(100).1.unwrap().seq, 0);
    bench.allow_pages(1);
    assert_eq!(bench.append(1 << 20), (true, Err(AppendError::DiskFull)));
    assert!(!bench.healthy());
    assert!(bench.writer.upkeep(|ledger| ledger.storage.probe()), "a full disk does not end the writer");
    assert!(!bench.healthy());
    assert_eq!(bench.writer.patience(Duration::ZERO), Some(PROBE_INTERVAL));
    bench.allow_pages(1 << 20);
    assert!(bench.writer.upkeep(|ledger| ledger.storage.probe()));
    assert!(bench.healthy());
    assert_eq!(bench.append(1 << 20).1.unwrap().seq, 1, "what was refused left no gap");
    assert_eq!(*bench.ended.lock(), [""; 0]);
}

#[test]
fn a_full_disk_that_has_room_again_takes_the_next_record() {
    let mut bench = bench();
    bench.allow_pages(1);
    assert_eq!(bench.append(1 << 20).1, Err(AppendError::DiskFull));
    bench.allow_pages(1 << 20);
    assert_eq!(bench.append(1 << 20).1.unwrap().seq, 0);
    assert!(bench.healthy());
}

#[test]
fn the_log_is_moved_while_appends_go_on_and_empty_at_the_end() {
    let mut bench = bench();
    for seq in 0..40 {
        assert_eq!(bench.append(1 << 20).1.unwrap().seq, seq);
        assert!(bench.writer.upkeep(|ledger| ledger.storage.tend()));
    }
    assert!(bench.writer.upkeep(|ledger| ledger.storage.finish()));
    let length = |name: &str| std::fs::metadata(bench.directory.path().join(name)).unwrap().len();
    assert!(length("records.db-wal") == 0 && length("records.db") > 40 << 20);
}

#[test]
fn a_failed_sync_ends_the_process() {
    let bench = bench();
    let error = rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_IOERR_FSYNC), None);
    assert_eq!(bench.writer.failed(&error.into()), (AppendError::Unwritable, false));
    assert_eq!(bench.ended.lock().len(), 1);
    assert!(!bench.healthy());
}

#[tokio::test]
async fn a_writer_that_is_gone_lets_nobody_wait() {
    let Bench { writer, .. } = bench();
    let queue = &writer.shared.queue;
    let (answer, answered) = oneshot::channel();
    let mut record = RecordBuilder::new(&writer.context, TenantId::from_uuid(Uuid::from_u128(1)), "T");
    record.null("Nothing");
    let keys = RowKeys { at: Timestamp::default(), id: "1", about: None, outcome: None };
    queue.submit(Job { entry: record.finish(keys), guard: None, answer }).unwrap();
    let mut jobs = Vec::new();
    assert!(matches!(queue.next(&mut jobs, writer.pace, None), Next::Batch));
    let settled = queue.settled().unwrap();
    drop((jobs, Closing(writer.shared.clone())));
    assert!(answered.await.is_err() && settled.await.is_err());
    assert!(queue.settled().is_none());
    assert!(!writer.healthy());
}
