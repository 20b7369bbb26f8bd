//! Copies audit records from the store, where they were committed with their change, to the record, exactly once.
//!
//! Every node copies, so that nobody waits for a node that has died. Each copy uses its entry up in the record's commit,
//! so that of the nodes that copy the same entry at once one does. On a node one task copies: it appends what waits, then forgets it. Whenever it cannot know whether what waits was appended
//! before (when it starts, and after anything failed) it looks each entry up in the record first; an entry is found
//! by its own id at its own time, which the commit has fixed.

use crate::audit::{AUDITS, Line};
use futures_util::future::join_all;
use signet_kernel::{Context, Failure};
use signet_record::{AppendError, Once, Query, Record};
use signet_store::{OutboxEntry, Store};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot};

/// How long an entry waits at most if nobody wakes the copier.
const POLL: Duration = Duration::from_millis(500);
/// Entries copied at a time.
const BATCH: usize = 256;
/// Callers that may wait for the copier; more wait to be let in.
const WAITING: usize = 64;

/// How long it is known that an entry was copied: longer than a node that saw it wait may be paused.
const COPIED: Duration = Duration::from_hours(24);

type Answer = oneshot::Sender<Result<(), Failure>>;

/// The task that copies. It ends with the last clone of this handle.
#[derive(Debug, Clone)]
pub struct AuditCopier {
    requests: mpsc::Sender<Answer>,
    wake: Arc<Notify>,
}

impl AuditCopier {
    /// Starts to copy from `store` to `record`, on the runtime that this is called on. One per process.
    pub fn start(store: Store, record: Record) -> Self {
        let (requests, asked) = mpsc::channel(WAITING);
        let wake = Arc::new(Notify::new());
        let context = store.context().clone();
        let copying = Copying { store, record, context, certain: false };
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
    /// What waits has never been appended.
    certain: bool,
}

impl Copying {
    async fn run(mut self, mut asked: mpsc::Receiver<Answer>, wake: Arc<Notify>) {
        loop {
            let mut answers: Vec<Answer> = Vec::new();
            tokio::select! {
                answer = asked.recv() => match answer {
                    Some(answer) => answers.push(answer),
                    None => return,
                },
                () = wake.notified() => {}
                () = tokio::time::sleep(POLL) => {}
            }
            while let Ok(answer) = asked.try_recv() {
                answers.push(answer);
            }
            let done = self.copy_all().await;
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

    async fn copy_all(&mut self) -> Result<(), Failure> {
        let mut limit = BATCH;
        loop {
            let mut waiting = self.store.outbox(limit).await?;
            if waiting.is_empty() {
                self.certain = true;
                return Ok(());
            }
            if waiting.len() == limit {
                drop_last_commit(&mut waiting);
            }
            if waiting.is_empty() {
                limit *= 2;
                continue;
            }
            let certain = std::mem::replace(&mut self.certain, false);
            self.append(&waiting, certain).await?;
            self.forget(&waiting).await?;
            self.certain = certain;
        }
    }

    async fn append(&self, waiting: &[OutboxEntry], certain: bool) -> Result<(), Failure> {
        if !certain {
            self.record.caught_up().await;
        }
        let mut appends = Vec::with_capacity(waiting.len());
        for entry in waiting {
            let line = Line::from_outbox(entry);
            if certain || !self.is_recorded(entry, &line).await? {
                let once = Once::of(&["audit", &line.id], self.context.new_uuid(), self.context.now().plus(COPIED));
                let copy = line.to_entry(&self.context, entry.tenant).using(Some(once));
                appends.push(self.record.append(copy, None));
            }
        }
        // Each answer is waited for, also after one failed: none is under way when the next look is taken.
        let copied = |appended| match appended {
            // Another node has copied it.
            Ok(_) | Err(AppendError::Used) => Ok(()),
            Err(error) => Err(Failure::from(error)),
        };
        join_all(appends).await.into_iter().try_for_each(copied)
    }

    async fn is_recorded(&self, entry: &OutboxEntry, line: &Line) -> Result<bool, Failure> {
        let to = Some(line.at.plus(Duration::from_micros(1)));
        let query =
            Query { from: Some(line.at), to, id: Some(line.id.clone()), limit: 1, ..Query::new(entry.tenant, AUDITS) };
        Ok(!self.record.query(query).await?.records.is_empty())
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
