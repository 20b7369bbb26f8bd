//! Group commit: one thread appends whatever has queued up, syncs once, then tells everyone who waited.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
};
use tokio::sync::{mpsc, oneshot};

/// Requests that may wait for the disk at once; more answer 503.
const QUEUE: usize = 4096;
/// Records in one batch at most.
const BATCH: usize = 512;

type Waiter = oneshot::Sender<()>;

/// The way to the one thread that writes.
pub(crate) struct Appender {
    queue: mpsc::Sender<Waiter>,
}

impl Appender {
    /// Opens an empty file and starts the thread.
    pub(crate) fn start(path: &Path, record_bytes: usize) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).write(true).truncate(true).open(path)?;
        let (queue, waiting) = mpsc::channel(QUEUE);
        std::thread::Builder::new().name("append".into()).spawn(move || {
            // A failed sync ends the process: what follows could not be trusted, there as here.
            if let Err(error) = write_batches(file, record_bytes, waiting) {
                eprintln!("appending failed: {error}");
                std::process::abort();
            }
        })?;
        Ok(Self { queue })
    }

    /// Returns once one record is durable; false when the queue is full.
    pub(crate) async fn append(&self) -> bool {
        let (done, durable) = oneshot::channel();
        self.queue.try_send(done).is_ok() && durable.await.is_ok()
    }
}

fn write_batches(mut file: File, record_bytes: usize, mut waiting: mpsc::Receiver<Waiter>) -> io::Result<()> {
    let record = vec![b'r'; record_bytes];
    let mut bytes = Vec::new();
    let mut batch = Vec::with_capacity(BATCH);
    while waiting.blocking_recv_many(&mut batch, BATCH) > 0 {
        bytes.clear();
        for _ in &batch {
            bytes.extend_from_slice(&record);
        }
        file.write_all(&bytes)?;
        file.sync_data()?;
        for waiter in batch.drain(..) {
            // A client that left meanwhile is no error: its record stands.
            let _ = waiter.send(());
        }
    }
    Ok(())
}
