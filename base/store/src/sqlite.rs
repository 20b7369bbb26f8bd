//! The embedded backend: one SQLite file, one writer thread that commits many units per fsync, a few readers.

mod apply;
mod read;
pub(crate) mod schema;
mod subtree;
mod tally;
mod walk;
mod writer;

use crate::backend::{
    Backend, BackendError, Change, CommitObserver, CommitReceipt, Head, IndexRange, IndexWalk, LinkQuery, LinkSet,
    ListQuery, Liveness, NeededLink, OutboxEntry, Position, Row, UniqueKeyOwner,
};
use crate::kind::{IndexKey, KeyScope};
use crate::unit::{CommitError, UnitOfWork};
use async_trait::async_trait;
use crossbeam_channel::{Sender, TrySendError, bounded};
use rusqlite::{Connection, OpenFlags};
use signet_kernel::{ObjectId, Revocation, TenantId, Timestamp};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// Sizes of the embedded backend.
#[derive(Debug, Clone)]
pub struct SqliteOptions {
    /// The database file; made if absent.
    pub path: PathBuf,
    /// Threads that read what is named by an id, a key or an index row.
    pub readers: usize,
    /// Threads that read on and on: lists without an index, counts, sweeps, backups. None of them keeps the others waiting.
    pub scanners: usize,
    /// Memory for pages of the database, for each thread.
    pub cache_kib: u32,
    /// Units that may wait to be committed; one more is refused as busy.
    pub write_queue: usize,
    /// Reads that may wait for each kind of threads; one more is refused as busy.
    pub read_queue: usize,
}

impl SqliteOptions {
    /// The usual sizes for the database at `path`.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), readers: 2, scanners: 2, cache_kib: 8 << 10, write_queue: 1024, read_queue: 4096 }
    }
}

type ReadJob = Box<dyn FnOnce(&Connection) + Send>;

/// The embedded backend.
#[derive(Debug)]
pub struct SqliteBackend {
    writer: writer::Writer,
    readers: Sender<ReadJob>,
    scanners: Sender<ReadJob>,
}

impl SqliteBackend {
    /// Opens or makes the database, brings its schema up to date, and starts its threads.
    pub fn open(options: &SqliteOptions, observer: Arc<dyn CommitObserver>) -> Result<Self, BackendError> {
        let mut connection = Connection::open(&options.path).map_err(engine)?;
        configure(&connection)?;
        connection.pragma_update(None, "cache_size", -i64::from(options.cache_kib)).map_err(engine)?;
        schema::migrate(&mut connection)?;
        let writer = writer::Writer::start(connection, options.write_queue, observer)?;
        let readers = start_readers(options, "store-reader", options.readers)?;
        let scanners = start_readers(options, "store-scanner", options.scanners)?;
        Ok(Self { writer, readers, scanners })
    }

    /// Starts a new epoch in the database at `path`, as a restore must: every position and counter given from
    /// now on is above all that were ever given, also since the backup. Nothing else may have the database open.
    pub fn start_new_epoch(path: &Path, now: Timestamp) -> Result<u32, BackendError> {
        let mut connection = Connection::open(path).map_err(engine)?;
        configure(&connection)?;
        schema::migrate(&mut connection)?;
        let transaction = connection.transaction().map_err(engine)?;
        let last: u32 = transaction.query_row("SELECT epoch FROM deployment", [], |row| row.get(0)).map_err(engine)?;
        let epoch = Revocation::epoch_after(last, now);
        transaction.execute("UPDATE deployment SET epoch = ?1", [epoch]).map_err(engine)?;
        let start = stored(Revocation::start_of(epoch).as_u64());
        transaction.execute("UPDATE heads SET position = ?1, revocation = ?1", [start]).map_err(engine)?;
        transaction.commit().map_err(engine)?;
        Ok(epoch)
    }

    async fn read_with<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection) -> Result<T, BackendError> + Send + 'static,
    ) -> Result<T, BackendError> {
        run_on(&self.readers, job).await
    }

    async fn scan_with<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection) -> Result<T, BackendError> + Send + 'static,
    ) -> Result<T, BackendError> {
        run_on(&self.scanners, job).await
    }
}

fn start_readers(options: &SqliteOptions, name: &str, threads: usize) -> Result<Sender<ReadJob>, BackendError> {
    let (readers, jobs) = bounded::<ReadJob>(options.read_queue);
    for number in 0..threads.max(1) {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&options.path, flags).map_err(engine)?;
        configure(&connection)?;
        connection.pragma_update(None, "cache_size", -i64::from(options.cache_kib)).map_err(engine)?;
        connection.pragma_update(None, "query_only", true).map_err(engine)?;
        let jobs = jobs.clone();
        let run = move || jobs.iter().for_each(|job| job(&connection));
        std::thread::Builder::new()
            .name(format!("{name}-{number}"))
            .spawn(run)
            .map_err(|error| BackendError::Engine(error.to_string()))?;
    }
    Ok(readers)
}

async fn run_on<T: Send + 'static>(
    readers: &Sender<ReadJob>,
    job: impl FnOnce(&Connection) -> Result<T, BackendError> + Send + 'static,
) -> Result<T, BackendError> {
    let (answer, answered) = oneshot::channel();
    let job: ReadJob = Box::new(move |connection| drop(answer.send(job(connection))));
    readers.try_send(job).map_err(|error| match error {
        TrySendError::Full(_) => BackendError::Busy,
        TrySendError::Disconnected(_) => BackendError::Closed,
    })?;
    answered.await.unwrap_or(Err(BackendError::Closed))
}

fn configure(connection: &Connection) -> Result<(), BackendError> {
    connection.busy_timeout(Duration::from_secs(5)).map_err(engine)?;
    connection.pragma_update(None, "journal_mode", "WAL").map_err(engine)?;
    connection.pragma_update(None, "synchronous", "FULL").map_err(engine)?;
    connection.pragma_update(None, "foreign_keys", false).map_err(engine)?;
    // What a savepoint would need to roll back stays in memory: otherwise each unit writes it to a file first.
    connection.pragma_update(None, "temp_store", "MEMORY").map_err(engine)?;
    // Pages that are written again and again are written to the file once for many commits.
    connection.pragma_update(None, "wal_autocheckpoint", 4_000).map_err(engine)?;
    // What one large removal made of the log is given back.
    connection.pragma_update(None, "journal_size_limit", 64 << 20).map_err(engine)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn engine(error: rusqlite::Error) -> BackendError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DiskFull) => BackendError::Full,
        _ => BackendError::Engine(error.to_string()),
    }
}

/// SQLite's integers are signed; counters stay far below the sign bit.
fn stored(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn unstored(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

fn number(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[async_trait]
impl Backend for SqliteBackend {
    async fn read(&self, tenant: TenantId, ids: &[ObjectId]) -> Result<Vec<Row>, BackendError> {
        let ids = ids.to_vec();
        self.read_with(move |connection| read::objects(connection, tenant, &ids)).await
    }

    async fn list(&self, tenant: TenantId, query: ListQuery) -> Result<Vec<Row>, BackendError> {
        let indexed = query.index.is_some();
        let job = move |connection: &Connection| read::list(connection, tenant, &query);
        if indexed { self.read_with(job).await } else { self.scan_with(job).await }
    }

    async fn count(&self, tenant: TenantId, kinds: &[&'static str], liveness: Liveness) -> Result<u64, BackendError> {
        let kinds = kinds.to_vec();
        self.read_with(move |connection| tally::count(connection, tenant, &kinds, liveness)).await
    }

    async fn walk(&self, tenant: TenantId, walk: IndexWalk) -> Result<Vec<(IndexKey, Row)>, BackendError> {
        self.scan_with(move |connection| walk::rows(connection, tenant, &walk)).await
    }

    async fn ids_in_range(
        &self,
        tenant: TenantId,
        kinds: &[&'static str],
        range: IndexRange,
        limit: usize,
    ) -> Result<Vec<ObjectId>, BackendError> {
        let kinds = kinds.to_vec();
        self.read_with(move |connection| read::ids_in_range(connection, tenant, &kinds, &range, limit)).await
    }

    async fn links(&self, tenant: TenantId, query: LinkQuery) -> Result<LinkSet, BackendError> {
        self.read_with(move |connection| read::links(connection, tenant, &query)).await
    }

    async fn find_key(
        &self,
        scope: KeyScope,
        space: &str,
        key: &IndexKey,
    ) -> Result<Option<UniqueKeyOwner>, BackendError> {
        let (space, key) = (space.to_owned(), key.clone());
        self.read_with(move |connection| read::key_owner(connection, scope, &space, &key)).await
    }

    async fn commit(&self, unit: UnitOfWork, at: Timestamp) -> Result<CommitReceipt, CommitError> {
        self.writer.commit(unit, at).await
    }

    async fn changes(&self, tenant: TenantId, after: Position, limit: usize) -> Result<Vec<Change>, BackendError> {
        self.read_with(move |connection| read::changes(connection, tenant, after, limit)).await
    }

    async fn forget_changes(&self, before: Timestamp, limit: usize) -> Result<u64, BackendError> {
        self.writer.forget_changes(before, limit).await
    }

    async fn contradictions(
        &self,
        tenant: TenantId,
        needed: &[NeededLink],
        limit: usize,
    ) -> Result<Vec<String>, BackendError> {
        let needed = needed.to_vec();
        self.scan_with(move |connection| read::contradictions(connection, tenant, &needed, limit)).await
    }

    async fn heads(&self) -> Result<Vec<Head>, BackendError> {
        self.read_with(read::heads).await
    }

    async fn outbox(&self, limit: usize) -> Result<Vec<OutboxEntry>, BackendError> {
        self.read_with(move |connection| read::outbox(connection, limit)).await
    }

    async fn clear_outbox(&self, tenant: TenantId, up_to: Position) -> Result<(), BackendError> {
        self.writer.clear_outbox(tenant, up_to).await
    }

    async fn expired(&self, before: Timestamp, limit: usize) -> Result<Vec<(TenantId, ObjectId)>, BackendError> {
        self.read_with(move |connection| read::expired(connection, before, limit)).await
    }

    async fn backup(&self, to: &Path) -> Result<(), BackendError> {
        let to = to.to_owned();
        self.scan_with(move |connection| connection.backup(rusqlite::MAIN_DB, to, None).map_err(engine)).await
    }
}
