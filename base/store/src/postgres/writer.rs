//! The one task that writes: many units per transaction, answers after the commit.

use super::activity::Activity;
use super::batch::{Outcome, Request, Stop, run};
use super::connect::{Repeatable, pause};
use super::feed::{Entry, Feed};
use super::follower::Crier;
use super::rows::stored;
use super::steps::{Session, Step, value};
use crate::backend::{BackendError, CommitReceipt, Head};
use crate::unit::{CommitError, UnitOfWork};
use signet_kernel::{Context, Timestamp};
use std::sync::Arc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

const UNITS_PER_TRANSACTION: usize = 256;
/// How often a batch is tried before its units are refused.
const ATTEMPTS: u32 = 8;

type Answer = oneshot::Sender<Result<CommitReceipt, CommitError>>;

struct Job {
    request: Request,
    answer: Answer,
}

/// The way to the writer. Dropping it lets the task finish what is queued and end.
pub(super) struct Writer {
    jobs: mpsc::Sender<Job>,
}

/// What the writer works with.
pub(super) struct Tools {
    pub(super) connection: Repeatable,
    pub(super) feed: Arc<Feed>,
    pub(super) crier: Crier,
    pub(super) context: Context,
}

impl Writer {
    pub(super) fn start(tools: Tools, queue: usize) -> Self {
        let (jobs, queued) = mpsc::channel(queue.max(1));
        tokio::spawn(tools.serve(queued));
        Self { jobs }
    }

    pub(super) async fn commit(&self, unit: UnitOfWork, at: Timestamp) -> Result<CommitReceipt, CommitError> {
        let (answer, answered) = oneshot::channel();
        self.jobs.try_send(Job { request: Request { unit, at }, answer }).map_err(|error| match error {
            TrySendError::Full(_) => BackendError::Busy,
            TrySendError::Closed(_) => BackendError::Closed,
        })?;
        answered.await.unwrap_or(Err(BackendError::Closed.into()))
    }
}

impl Tools {
    async fn serve(self, mut jobs: mpsc::Receiver<Job>) {
        let mut queued = Vec::with_capacity(UNITS_PER_TRANSACTION);
        while jobs.recv_many(&mut queued, UNITS_PER_TRANSACTION).await > 0 {
            let mut rest = std::mem::take(&mut queued).into_iter().peekable();
            while let Some(first) = rest.next() {
                let alone = first.request.is_alone();
                let mut batch = vec![first];
                while !alone && let Some(next) = rest.next_if(|job| !job.request.is_alone()) {
                    batch.push(next);
                }
                self.commit(batch).await;
            }
        }
    }

    async fn commit(&self, batch: Vec<Job>) {
        let (requests, answers): (Vec<Request>, Vec<Answer>) =
            batch.into_iter().map(|job| (job.request, job.answer)).unzip();
        match self.persist(&requests).await {
            Ok(outcome) => self.tell(outcome, answers),
            // An answer nobody waits for any more is dropped.
            Err(error) => answers.into_iter().for_each(|answer| drop(answer.send(Err(error.clone().into())))),
        }
    }

    /// The observer first, then the callers, then the other nodes.
    fn tell(&self, outcome: Outcome, answers: Vec<Answer>) {
        let Outcome { answers: results, applied, missed, batch: _ } = outcome;
        let receipts: Vec<CommitReceipt> = applied.iter().map(|unit| unit.receipt.clone()).collect();
        let own = applied.into_iter().map(|unit| Entry { head: unit.receipt.head, touched: unit.touched });
        self.feed.tell(missed.into_iter().chain(own));
        for (result, answer) in results.into_iter().zip(answers) {
            let result = match result {
                Ok(place) => receipts.get(place).cloned().ok_or_else(|| BackendError::Closed.into()),
                Err(conflict) => Err(conflict.into()),
            };
            drop(answer.send(result));
        }
        self.crier.cry(receipts.iter().map(|receipt| receipt.head));
    }

    /// Tries until the batch is committed, refused, or hopeless.
    async fn persist(&self, requests: &[Request]) -> Result<Outcome, BackendError> {
        let mut attempt = 1;
        loop {
            let error = match self.attempt(requests).await {
                Ok(outcome) => return Ok(outcome),
                Err(Stop::Nothing(error)) => return Err(error),
                Err(Stop::Again(error)) => error,
                Err(Stop::Unknown(outcome, error)) => match self.look_up(outcome, &error).await? {
                    Some(outcome) => return Ok(outcome),
                    None => error,
                },
            };
            if attempt >= ATTEMPTS {
                return Err(error);
            }
            Activity::note(&self.connection.activity.repeated);
            tokio::time::sleep(pause(attempt)).await;
            attempt += 1;
        }
    }

    async fn attempt(&self, requests: &[Request]) -> Result<Outcome, Stop> {
        let mut session = Session::acquire(&self.connection.pool, self.connection.limit).await?;
        let done = run(&mut session, &self.feed, requests, self.context.new_uuid()).await;
        if done.is_err() {
            // With it goes the transaction, if there still is one.
            session.discard();
        }
        done
    }

    /// Learns what became of a batch whose COMMIT was not answered; `None` if it came to nothing.
    async fn look_up(&self, outcome: Outcome, error: &BackendError) -> Result<Option<Outcome>, BackendError> {
        tracing::warn!(%error, "the answer to a commit was lost; looking up what became of it");
        Activity::note(&self.connection.activity.lost_answers);
        let Some(first) = outcome.applied.first().map(|unit| unit.receipt.head) else { return Ok(Some(outcome)) };
        let mut attempt = 1;
        loop {
            match was_committed(&self.connection, first, outcome.batch).await {
                Ok(committed) => return Ok(committed.then_some(outcome)),
                Err(error) if attempt >= ATTEMPTS => return Err(BackendError::UnknownOutcome(error.to_string())),
                Err(_) => tokio::time::sleep(pause(attempt)).await,
            }
            attempt += 1;
        }
    }
}

/// The transaction of a commit whose answer was lost may still run; it holds its tenants until it ends, so this
/// waits for it. Its change row then tells.
async fn was_committed(connection: &Repeatable, head: Head, batch: Uuid) -> Result<bool, BackendError> {
    let tenant = || value(head.tenant.uuid());
    let steps = [
        Step::plain("BEGIN"),
        Step::of("SELECT FROM heads WHERE tenant = $1 FOR UPDATE", [tenant()]),
        Step::of(
            "SELECT FROM changes WHERE tenant = $1 AND position = $2 AND batch = $3",
            [tenant(), value(stored(head.position.0)), value(batch)],
        ),
        Step::plain("ROLLBACK"),
    ];
    Ok(connection.ask(&steps).await?.get(2).is_some_and(|rows| !rows.is_empty()))
}
