//! The one thread that writes: what has queued up while the last commit ran becomes the next.

use crate::error::{AppendError, StorageError, Trouble};
use crate::frame::WriterId;
use crate::groups::Groups;
use crate::ledger::{Ledger, Storage};
use crate::metrics::Counters;
use crate::queue::{Job, Next, Order, Pace, Queue};
use crate::record::Receipt;
use crate::rows::Signal;
use signet_kernel::Context;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::oneshot;

/// How often writing is tried again while it fails and nobody appends.
const PROBE_INTERVAL: Duration = Duration::from_secs(1);

/// Ends the process; told why.
pub type Fatal = Box<dyn Fn(&str) + Send + Sync>;

type Answer = oneshot::Sender<Result<Receipt, AppendError>>;

/// A record in the batch being formed and who waits for it.
struct Placed {
    answer: Answer,
    group: usize,
    ordinal: u32,
}

/// What the writer shares with the front.
pub(crate) struct Shared {
    pub(crate) queue: Queue,
    pub(crate) healthy: AtomicBool,
    pub(crate) counters: Counters,
    pub(crate) rows: Signal,
}

pub(crate) struct Writer<S> {
    pub(crate) ledger: Ledger<S>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) context: Context,
    pub(crate) pace: Pace,
    pub(crate) checkpoint_interval: Duration,
    pub(crate) fatal: Fatal,
}

/// Tells everyone that the writer is gone, also when it panicked.
struct Closing(Arc<Shared>);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.queue.close();
        self.0.healthy.store(false, Ordering::SeqCst);
    }
}

impl<S: Storage> Writer<S> {
    /// Runs until the queue is stopped and empty, then states a last checkpoint.
    pub(crate) fn run(mut self) {
        let _closing = Closing(self.shared.clone());
        let mut batch = Batch::default();
        let mut stated = self.context.monotonic();
        loop {
            let patience = self.patience(stated);
            let going = match self.shared.queue.next(&mut batch.jobs, self.pace, patience) {
                Next::Batch => {
                    let going = self.commit(&mut batch);
                    self.shared.queue.finished();
                    // A log that could be tended does not make good a batch that could not be written.
                    going && (!self.healthy() || self.upkeep(|ledger| ledger.storage.tend()))
                }
                Next::Order(order) => self.perform(order),
                Next::Idle => self.healthy() || self.upkeep(|ledger| ledger.storage.probe()),
                Next::End => break,
            };
            if !going {
                return;
            }
            if self.ledger.is_dirty() && self.context.monotonic().saturating_sub(stated) >= self.checkpoint_interval {
                stated = self.context.monotonic();
                if !self.upkeep(|ledger| ledger.checkpoint().map(drop)) {
                    return;
                }
            }
        }
        self.upkeep(|ledger| ledger.checkpoint().map(drop).and_then(|()| ledger.storage.finish()));
    }

    fn healthy(&self) -> bool {
        self.shared.healthy.load(Ordering::Relaxed)
    }

    /// How long to sleep when nothing comes.
    fn patience(&self, stated: Duration) -> Option<Duration> {
        if !self.healthy() {
            return Some(PROBE_INTERVAL);
        }
        let since = self.context.monotonic().saturating_sub(stated);
        let shortest = Duration::from_millis(100);
        self.ledger.is_dirty().then(|| self.checkpoint_interval.saturating_sub(since).max(shortest))
    }

    /// Whether the writer may go on.
    fn commit(&mut self, batch: &mut Batch) -> bool {
        let began = self.context.monotonic();
        match self.write(batch) {
            Ok(true) => {}
            Ok(false) => return true,
            Err(error) => {
                let (answer, going) = self.failed(&error);
                batch.refuse(answer);
                return going;
            }
        }
        self.shared.healthy.store(true, Ordering::SeqCst);
        let took = self.context.monotonic().saturating_sub(began);
        self.shared.counters.committed((batch.placed.len(), batch.groups.bytes()), batch.groups.len(), took);
        self.shared.rows.committed(self.ledger.last_frame());
        batch.accept(self.ledger.writer());
        true
    }

    /// Whether there was anything to write.
    fn write(&mut self, batch: &mut Batch) -> Result<bool, StorageError> {
        self.ledger.begin(&batch.jobs)?;
        batch.form(&self.ledger.storage);
        if batch.placed.is_empty() {
            self.ledger.storage.abandon();
            return Ok(false);
        }
        self.ledger.write(&mut batch.groups)?;
        Ok(true)
    }

    fn perform(&mut self, order: Order) -> bool {
        let (done, answer) = match order {
            Order::Checkpoint { answer } => (self.ledger.checkpoint(), answer),
            Order::Forget { answer } => (self.ledger.forget(), answer),
            Order::Erase { tenant, at, fields, answer } => (self.ledger.storage.erase(tenant, &at, &fields), answer),
            Order::Remove { tenant, frames, answer } => {
                let removed = self.ledger.storage.remove(tenant, &frames);
                self.shared.rows.removed();
                (removed, answer)
            }
        };
        let (said, going) = match done {
            Ok(count) => (Ok(count), true),
            Err(error) => {
                let (answer, going) = self.failed(&error);
                (Err(answer), going)
            }
        };
        let _ = answer.send(said);
        going
    }

    fn upkeep(&mut self, work: impl FnOnce(&mut Ledger<S>) -> Result<(), StorageError>) -> bool {
        match work(&mut self.ledger) {
            Ok(()) => {
                self.shared.healthy.store(true, Ordering::SeqCst);
                true
            }
            Err(error) => self.failed(&error).1,
        }
    }

    /// What the waiting learn, and whether the writer may go on.
    fn failed(&self, error: &StorageError) -> (AppendError, bool) {
        let trouble = Trouble::of(error);
        if error.is_general() {
            self.shared.healthy.store(false, Ordering::SeqCst);
        }
        tracing::error!(%error, ?trouble, "the record could not be written");
        if trouble == Trouble::Io {
            (self.fatal)(&format!("the record could not be written durably: {error}"));
        }
        (trouble.answer(), trouble != Trouble::Io)
    }
}

#[derive(Default)]
struct Batch {
    jobs: Vec<Job>,
    groups: Groups,
    placed: Vec<Placed>,
}

impl Batch {
    /// Refuses what was decided before a right was taken away or uses what was used, and groups the rest.
    fn form(&mut self, storage: &impl Storage) {
        self.groups.clear();
        for job in self.jobs.drain(..) {
            let moved = job.guard.is_some_and(|guard| storage.has_moved(&guard)).then_some(AppendError::Moved);
            let refused = moved.or_else(|| storage.is_used(&job).then_some(AppendError::Used));
            let Job { entry, answer, .. } = job;
            if let Some(refused) = refused {
                let _ = answer.send(Err(refused));
                continue;
            }
            let (group, ordinal) = self.groups.push(&entry);
            self.placed.push(Placed { answer, group, ordinal });
        }
    }

    // An answer nobody waits for any more is dropped: the record stands all the same.
    fn accept(&mut self, writer: WriterId) {
        for Placed { answer, group, ordinal } in self.placed.drain(..) {
            if let Some(group) = self.groups.get(group) {
                let receipt = Receipt { writer, seq: group.seq, frame: group.frame, ordinal };
                let _ = answer.send(Ok(receipt));
            }
        }
    }

    fn refuse(&mut self, error: AppendError) {
        let waiting = self.placed.drain(..).map(|placed| placed.answer);
        for answer in waiting.chain(self.jobs.drain(..).map(|job| job.answer)) {
            let _ = answer.send(Err(error));
        }
    }
}

#[cfg(test)]
mod tests;
