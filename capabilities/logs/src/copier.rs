//! Copies audit records from the store, where they were committed with their change, to the record, exactly once.
//!
//! One task per node copies: it appends what waits, then forgets it. Whatever happens in between is begun again, here
//! or on another node: the record takes each entry once.

use crate::audit::Line;
use futures_util::future::join_all;
use signet_kernel::{Context, Failure};
use signet_record::{AppendError, Once, Record};
use signet_store::{OutboxEntry, Store};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot};

/// How long an entry waits at most if nobody wakes the copier.
const POLL: Duration = Duration::from_millis(500);
/// How long the node that made a change has to copy its entries before others do: two at once would wait for each other.
const OTHERS_FIRST: Duration = Duration::from_secs(3);
/// How long the record remembers what it took: far longer than a copier can be late with what it has read.
const REMEMBERED: Duration = Duration::from_hours(24);
/// Entries copied at a time.
const BATCH: usize = 256;
/// Callers that may wait for the copier; more wait to be let in.
const WAITING: usize = 64;

type Answer = oneshot::Sender<Result<(), Failure>>;

/// The task that copies. It ends with the last clone of this handle.
#[derive(Debug, Clone)]
pub struct AuditCopier {
    requests: mpsc::Sender<Answer>,
    wake: Arc<Notify>,
}

impl AuditCopier {
    /// Starts to copy from `store` to `record`, on the runtime that this is called on. One per store.
    pub fn start(store: Store, record: Record) -> Self {
        let (requests, asked) = mpsc::channel(WAITING);
        let wake = Arc::new(Notify::new());
        let context = store.context().clone();
        let copying = Copying { store, record, context };
        tokio::spawn(copying.run(asked, wake.clone()));
        Self { requests, wake }
    }

    /// Says that something was committed.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Resolves once everything that was committed before this call is in the record and can be found there.
    pub async fn caught_up(&self) -> Result<(), Failure> {
        let ended = || Failure::busy("the audit copier has ended");
        let (answer, answered) = oneshot::channel();
        self.requests.send(answer).await.map_err(|_| ended())?;
        answered.await.map_err(|_| ended())?
    }
}

/// What the task works with.
struct Copying {
    store: Store,
    record: Record,
    context: Context,
}

impl Copying {
    async fn run(self, mut asked: mpsc::Receiver<Answer>, wake: Arc<Notify>) {
        loop {
            let mut answers: Vec<Answer> = Vec::new();
            let mut least_age = None;
            tokio::select! {
                answer = asked.recv() => match answer {
                    Some(answer) => answers.push(answer),
                    None => return,
                },
                () = wake.notified() => {}
                () = tokio::time::sleep(POLL) => least_age = Some(OTHERS_FIRST),
            }
            while let Ok(answer) = asked.try_recv() {
                answers.push(answer);
            }
            let done = self.copy_all(least_age).await;
            if let Err(failure) = &done {
                tracing::warn!(%failure, "audit records wait in the store; they are copied later");
            } else if !answers.is_empty() {
                self.record.caught_up().await;
            }
            for answer in answers {
                // Whoever asked may have stopped waiting.
                let _ = answer.send(done.clone());
            }
        }
    }

    /// Copies what waits: all of it, or what has waited for so long.
    async fn copy_all(&self, least_age: Option<Duration>) -> Result<(), Failure> {
        let mut limit = BATCH;
        let latest = least_age.map(|age| self.context.now().minus(age));
        loop {
            let mut waiting = self.store.outbox(limit).await?;
            if waiting.len() == limit {
                drop_last_commit(&mut waiting);
                if waiting.is_empty() {
                    limit *= 2;
                    continue;
                }
            }
            let lines: Vec<Line> = waiting.iter().map(Line::from_outbox).collect();
            let is_early = |line: &Line| latest.is_some_and(|latest| line.at > latest);
            if lines.first().is_none_or(is_early) {
                return Ok(());
            }
            self.append(&waiting, lines).await?;
            self.forget(&waiting).await?;
        }
    }

    async fn append(&self, waiting: &[OutboxEntry], lines: Vec<Line>) -> Result<(), Failure> {
        let append = |(entry, line): (&OutboxEntry, Line)| {
            let once = Once::of(&["audit", &line.id], self.context.new_uuid(), self.context.now().plus(REMEMBERED));
            self.record.append(line.to_entry(&self.context, entry.tenant).using(Some(once)), None)
        };
        // Each answer is waited for, also after one failed: none is under way when the next look is taken.
        let appended = join_all(waiting.iter().zip(lines).map(append)).await;
        appended.into_iter().try_for_each(|appended| match appended {
            // An earlier attempt came as far as here, or another node was quicker.
            Ok(_) | Err(AppendError::Used) => Ok(()),
            Err(error) => Err(error.into()),
        })
    }

    async fn forget(&self, copied: &[OutboxEntry]) -> Result<(), Failure> {
        for entries in copied.chunk_by(|one, next| one.tenant == next.tenant) {
            if let Some(last) = entries.last() {
                self.store.clear_outbox(last.tenant, last.position).await?;
            }
        }
        Ok(())
    }
}

/// The store forgets whole commits, so only whole ones are copied: the last of a full batch may go on beyond it.
fn drop_last_commit(waiting: &mut Vec<OutboxEntry>) {
    if let Some(last) = waiting.last().map(|entry| (entry.tenant, entry.position)) {
        waiting.retain(|entry| (entry.tenant, entry.position) != last);
    }
}
