//! The front of the record.

use crate::checkpoint::CheckpointSigner;
use crate::connect::Connect;
use crate::entry::Entry;
use crate::error::{AppendError, OpenError};
use crate::frame::{Position, WriterId};
use crate::ledger::{Ledger, Storage};
use crate::metrics::{Counters, Metrics};
use crate::query::{Page, PostgresReaders, Query, Readers};
use crate::queue::{Job, Order, Pace, Queue};
use crate::rows::{Indexer, Signal};
use crate::writer::{Fatal, Shared, Writer};
use signet_kernel::{Context, Failure, Issuance, Revocation, RevocationCounters, TenantId};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{oneshot, watch};

/// The exit status of a process whose disk failed: `EX_IOERR` of sysexits.h.
const EXIT_IO: i32 = 74;
/// Measured with 32 clients: a sixth less work per record than without, and no later answers, since fewer commits leave
/// the processors to whoever is asked.
const GATHER: Duration = Duration::from_micros(400);

/// The decision that a record lets out: refused if a right was taken away in `tenant` since `seen`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guard {
    /// Whose counter.
    pub tenant: TenantId,
    /// The counter before the first fact was read.
    pub seen: Revocation,
}

/// Where a durable record lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// This process's writer.
    pub writer: WriterId,
    /// The frame in its chain.
    pub seq: u64,
    /// The frame in the file.
    pub frame: i64,
    /// The record in its frame.
    pub ordinal: u32,
}

/// How to open a record.
pub struct RecordOptions {
    /// What this machine is called in the list of writers.
    pub node: String,
    /// Records that may wait for the disk; more are refused at once.
    pub queue_capacity: usize,
    /// Records in one commit at most, and never more than 4096.
    pub max_batch: usize,
    /// How long a commit waits for more records when the last one had several: fewer syncs against that much more
    /// time to an answer. Zero never waits: see [`RecordOptions::in_postgres`].
    pub gather: Duration,
    /// How often the heads of changed chains are stated and signed.
    pub checkpoint_interval: Duration,
    /// Queries at work at once.
    pub readers: usize,
    /// Who signs checkpoints.
    pub signer: Arc<dyn CheckpointSigner>,
    /// Ends the process when the disk fails. If it returns, the record is stopped.
    pub fatal: Fatal,
}

impl RecordOptions {
    /// The usual options, in files.
    pub fn new(node: impl Into<String>, signer: Arc<dyn CheckpointSigner>) -> Self {
        Self {
            node: node.into(),
            queue_capacity: 4096,
            max_batch: 256,
            gather: GATHER,
            checkpoint_interval: Duration::from_secs(60),
            readers: 2,
            signer,
            fatal: Box::new(|why| {
                tracing::error!(why, "ending the process");
                std::process::exit(EXIT_IO)
            }),
        }
    }

    /// The usual options in PostgreSQL. Company comes while the batch before makes its round trips. Measured with 32
    /// clients: a wait on top costs the node more for each record, in processor and in time.
    #[must_use]
    pub fn in_postgres(self) -> Self {
        Self { gather: Duration::ZERO, ..self }
    }
}

/// The record. Cheap to clone; the writer ends with the last clone or with [`Record::shutdown`].
#[derive(Clone)]
pub struct Record {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    shared: Arc<Shared>,
    pub(crate) reading: Reading,
    ended: watch::Receiver<()>,
}

/// Where queries look.
pub(crate) enum Reading {
    Files { readers: Arc<Readers>, directory: PathBuf },
    Postgres(PostgresReaders),
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.shared.queue.stop();
    }
}

impl AsRef<Signal> for Shared {
    fn as_ref(&self) -> &Signal {
        &self.rows
    }
}

impl Record {
    /// Opens or makes the record in `directory`, which this process alone must own. Blocks while it reads heads.
    pub fn open(
        directory: &Path,
        options: RecordOptions,
        context: Context,
        revocations: Arc<RevocationCounters>,
    ) -> Result<Self, OpenError> {
        let ledger = Ledger::open(directory, &options.node, options.signer, context.clone(), revocations)?;
        let indexer = Indexer::open(directory)?;
        let shared = Arc::new(Shared {
            queue: Queue::new(options.queue_capacity),
            healthy: AtomicBool::new(true),
            counters: Counters::default(),
            rows: Signal::new(ledger.last_frame(), indexer.reached()),
        });
        let writer = Writer {
            ledger,
            shared: shared.clone(),
            context,
            pace: Pace { limit: options.max_batch.clamp(1, Position::MAX_ORDINALS), gather: options.gather },
            checkpoint_interval: options.checkpoint_interval,
            fatal: options.fatal,
        };
        let ended = start(writer, Some(indexer), shared.clone())?;
        let readers = Arc::new(Readers::new(directory.to_owned(), options.readers));
        let reading = Reading::Files { readers, directory: directory.to_owned() };
        Ok(Self { inner: Arc::new(Inner { shared, reading, ended }) })
    }

    /// Opens the record in the directory's PostgreSQL database, beside those of other nodes. Its tables must be there
    /// ([`crate::migrate_postgres`]). Needs a Tokio runtime that outlives the record.
    pub async fn open_postgres(
        connect: Arc<dyn Connect>,
        options: RecordOptions,
        context: Context,
    ) -> Result<Self, OpenError> {
        let ledger = Ledger::connect(connect.clone(), options.node, options.signer, context.clone()).await?;
        let shared = Arc::new(Shared {
            queue: Queue::new(options.queue_capacity),
            healthy: AtomicBool::new(true),
            counters: Counters::default(),
            // Rows commit with their frames.
            rows: Signal::new(0, i64::MAX),
        });
        let writer = Writer {
            ledger,
            shared: shared.clone(),
            context,
            pace: Pace { limit: options.max_batch.clamp(1, Position::MAX_ORDINALS), gather: options.gather },
            checkpoint_interval: options.checkpoint_interval,
            fatal: options.fatal,
        };
        let ended = start(writer, None, shared.clone())?;
        let reading = Reading::Postgres(PostgresReaders::new(connect, options.readers));
        Ok(Self { inner: Arc::new(Inner { shared, reading, ended }) })
    }

    /// Appends a record; returns once it is durable. The record is written even if the caller stops waiting.
    pub async fn append(&self, entry: Entry, guard: Option<Guard>) -> Result<Receipt, AppendError> {
        let (answer, answered) = oneshot::channel();
        self.inner.shared.queue.submit(Job { entry, guard, answer })?;
        answered.await.unwrap_or(Err(AppendError::Stopped))
    }

    /// Lists records. Reads what the indexer has reached; see [`Record::caught_up`].
    pub async fn query(&self, query: Query) -> Result<Page, Failure> {
        match &self.inner.reading {
            Reading::Files { readers, .. } => readers.with(move |reader| reader.page(&query)).await,
            Reading::Postgres(readers) => readers.page(&query).await,
        }
    }

    /// Resolves once everything that was durable before this call can be found by [`Record::query`].
    pub async fn caught_up(&self) {
        self.inner.shared.rows.caught_up().await;
    }

    /// Erases the named personal values of the record `id`; how many there were. Chains stay as they are.
    pub async fn erase(&self, tenant: TenantId, table: &str, id: &str, fields: &[&str]) -> Result<usize, Failure> {
        self.caught_up().await;
        let query = Query { id: Some(id.to_owned()), ..Query::new(tenant, table) };
        let found = match &self.inner.reading {
            Reading::Files { readers, .. } => readers.with(move |reader| reader.find(&query, usize::MAX >> 1)).await?,
            Reading::Postgres(readers) => readers.find(&query, usize::MAX >> 1).await?,
        };
        let at = found.into_iter().map(crate::query::Cursor::position).collect();
        let fields = fields.iter().map(|field| (*field).to_owned()).collect();
        Ok(self.order(|answer| Order::Erase { tenant, at, fields, answer }).await?)
    }

    /// States and signs the heads of every chain that changed, now; for how many tenants.
    pub async fn checkpoint(&self) -> Result<usize, AppendError> {
        self.order(|answer| Order::Checkpoint { answer }).await
    }

    /// Forgets some of what was used up and can be used no more ([`crate::Once`]); how many. Zero says that all of it is
    /// forgotten. Whoever looks after the record calls it now and then; once for all nodes will do.
    pub async fn forget(&self) -> Result<usize, AppendError> {
        self.order(|answer| Order::Forget { answer }).await
    }

    /// Copies the record as it is now to the file `to`, while appends go on.
    pub async fn backup(&self, to: PathBuf) -> Result<(), Failure> {
        let copy = move |reader: &crate::query::Reader| Ok(crate::backup::copy(&reader.frames, &to)?);
        match &self.inner.reading {
            Reading::Files { readers, .. } => readers.with(copy).await,
            Reading::Postgres(_) => Err(Failure::busy("PostgreSQL is backed up with its own tools")),
        }
    }

    /// Whether the last attempt to write succeeded.
    pub fn healthy(&self) -> bool {
        self.inner.shared.healthy.load(Ordering::SeqCst)
    }

    /// What happened so far.
    pub fn metrics(&self) -> Metrics {
        self.inner.shared.counters.snapshot(self.inner.shared.queue.depth())
    }

    /// Writes what waits and a last checkpoint, brings the rows up to date and closes the files.
    pub async fn shutdown(&self) {
        self.inner.shared.queue.stop();
        // An error says that the threads are gone, which is what is waited for.
        drop(self.inner.ended.clone().changed().await);
        match &self.inner.reading {
            Reading::Files { readers, .. } => readers.close(),
            Reading::Postgres(readers) => readers.close(),
        }
    }

    /// The directory the record lies in, if it lies in one.
    pub fn directory(&self) -> Option<&Path> {
        match &self.inner.reading {
            Reading::Files { directory, .. } => Some(directory),
            Reading::Postgres(_) => None,
        }
    }

    pub(crate) async fn order(
        &self,
        order: impl FnOnce(oneshot::Sender<Result<usize, AppendError>>) -> Order,
    ) -> Result<usize, AppendError> {
        let (answer, answered) = oneshot::channel();
        self.inner.shared.queue.order(order(answer))?;
        answered.await.unwrap_or(Err(AppendError::Stopped))
    }
}

impl Issuance for Record {
    fn settled(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        // The barrier is taken here, not when the future is first polled.
        let batch = self.inner.shared.queue.settled();
        Box::pin(async move {
            if let Some(ended) = batch {
                // A dropped sender says that the writer is gone, and with it the batch.
                drop(ended.await);
            }
        })
    }
}

impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Record").field("directory", &self.directory()).finish_non_exhaustive()
    }
}

/// Starts both threads; the receiver learns when both have ended, however they did.
fn start(
    writer: Writer<impl Storage>,
    indexer: Option<Indexer>,
    shared: Arc<Shared>,
) -> Result<watch::Receiver<()>, std::io::Error> {
    let (ending, ended) = watch::channel(());
    let index = |indexer: Indexer| {
        let indexing = shared.clone();
        std::thread::Builder::new().name("record-rows".to_owned()).spawn(move || indexer.run(&indexing))
    };
    let indexed = indexer.map(index).transpose()?;
    std::thread::Builder::new().name("record-writer".to_owned()).spawn(move || {
        let _ending = ending;
        let _stop = StopIndexer { shared, thread: indexed };
        writer.run();
    })?;
    Ok(ended)
}

struct StopIndexer {
    shared: Arc<Shared>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Drop for StopIndexer {
    fn drop(&mut self) {
        self.shared.rows.stop();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that writes query rows ended by a panic");
        }
    }
}
