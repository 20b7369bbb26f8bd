//! The one thread that writes: many units per transaction, each in its own savepoint, answers after the fsync.

use super::apply::{Applied, apply};
use super::{engine, stored};
use crate::backend::{BackendError, CommitObserver, CommitReceipt, Position};
use crate::unit::{CommitError, Conflict, UnitOfWork, Write};
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use rusqlite::Connection;
use signet_kernel::{TenantId, Timestamp};
use std::sync::Arc;
use tokio::sync::oneshot;

const UNITS_PER_TRANSACTION: usize = 256;

enum Job {
    Commit { unit: UnitOfWork, at: Timestamp, answer: oneshot::Sender<Result<CommitReceipt, CommitError>> },
    ClearOutbox { tenant: TenantId, up_to: Position, answer: oneshot::Sender<Result<(), BackendError>> },
    ForgetChanges { before: Timestamp, limit: usize, answer: oneshot::Sender<Result<u64, BackendError>> },
}

impl Job {
    /// Whether it has a transaction of its own: a subtree may be the better part of a tenant, and nothing else should
    /// wait for it any longer than it must, nor be lost with it.
    fn is_alone(&self) -> bool {
        matches!(self, Self::Commit { unit, .. } if unit.writes.iter().any(Write::is_on_subtree))
    }
}

/// The way to the writer thread. Dropping it lets the thread finish what is queued and end.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: Sender<Job>,
}

impl Writer {
    pub(super) fn start(
        connection: Connection,
        queue: usize,
        observer: Arc<dyn CommitObserver>,
    ) -> Result<Self, BackendError> {
        let (jobs, queued) = bounded(queue);
        std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || run(&connection, &queued, observer.as_ref()))
            .map_err(|error| BackendError::Engine(error.to_string()))?;
        Ok(Self { jobs })
    }

    pub(super) async fn commit(&self, unit: UnitOfWork, at: Timestamp) -> Result<CommitReceipt, CommitError> {
        let (answer, answered) = oneshot::channel();
        self.submit(Job::Commit { unit, at, answer })?;
        answered.await.unwrap_or(Err(BackendError::Closed.into()))
    }

    pub(super) async fn clear_outbox(&self, tenant: TenantId, up_to: Position) -> Result<(), BackendError> {
        let (answer, answered) = oneshot::channel();
        self.submit(Job::ClearOutbox { tenant, up_to, answer })?;
        answered.await.unwrap_or(Err(BackendError::Closed))
    }

    pub(super) async fn forget_changes(&self, before: Timestamp, limit: usize) -> Result<u64, BackendError> {
        let (answer, answered) = oneshot::channel();
        self.submit(Job::ForgetChanges { before, limit, answer })?;
        answered.await.unwrap_or(Err(BackendError::Closed))
    }

    fn submit(&self, job: Job) -> Result<(), BackendError> {
        self.jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => BackendError::Busy,
            TrySendError::Disconnected(_) => BackendError::Closed,
        })
    }
}

/// What a job comes to, held back until the transaction is durable.
enum Outcome {
    Committed { tenant: TenantId, applied: Applied, answer: oneshot::Sender<Result<CommitReceipt, CommitError>> },
    Refused { conflict: Conflict, answer: oneshot::Sender<Result<CommitReceipt, CommitError>> },
    Cleared { answer: oneshot::Sender<Result<(), BackendError>> },
    Forgotten { changes: u64, answer: oneshot::Sender<Result<u64, BackendError>> },
}

fn run(connection: &Connection, jobs: &Receiver<Job>, observer: &dyn CommitObserver) {
    let mut waiting = None;
    while let Some(first) = waiting.take().or_else(|| jobs.recv().ok()) {
        let mut batch = vec![first];
        while batch.len() < UNITS_PER_TRANSACTION && !batch.first().is_some_and(Job::is_alone) {
            match jobs.try_recv() {
                Ok(job) if job.is_alone() => {
                    waiting = Some(job);
                    break;
                }
                Ok(job) => batch.push(job),
                Err(_) => break,
            }
        }
        commit_batch(connection, batch, observer);
    }
}

fn commit_batch(connection: &Connection, batch: Vec<Job>, observer: &dyn CommitObserver) {
    let mut outcomes = Vec::with_capacity(batch.len());
    let alone = batch.len() == 1;
    let mut jobs = batch.into_iter();
    let done = connection.execute_batch("BEGIN IMMEDIATE").map_err(engine).and_then(|()| {
        for job in jobs.by_ref() {
            perform(connection, job, alone, &mut outcomes)?;
        }
        // A refused unit that was alone has ended the transaction.
        if connection.is_autocommit() {
            return Ok(());
        }
        connection.execute_batch("COMMIT").map_err(commit_failed)
    });
    match done {
        Ok(()) => outcomes.into_iter().for_each(|outcome| answer(outcome, observer)),
        Err(error) => {
            // The transaction may have ended by itself; a second rollback then has nothing to do.
            if !connection.is_autocommit() && connection.execute_batch("ROLLBACK").is_err() {
                tracing::error!("the storage transaction could not be rolled back");
            }
            outcomes.into_iter().for_each(|outcome| fail(outcome, &error));
            jobs.for_each(|job| fail_job(job, &error));
        }
    }
}

/// After a failed fsync nobody knows what the disk holds: going on could acknowledge what is lost.
fn commit_failed(error: rusqlite::Error) -> BackendError {
    if error.sqlite_error_code() == Some(rusqlite::ErrorCode::SystemIoFailure) {
        tracing::error!(%error, "the directory could not be written durably; ending the process");
        std::process::exit(74);
    }
    engine(error)
}

fn run_statement(connection: &Connection, sql: &str) -> Result<(), BackendError> {
    connection.prepare_cached(sql).and_then(|mut statement| statement.execute([])).map(drop).map_err(engine)
}

/// Does a job. One that is alone in the transaction needs no savepoint, which would keep in memory what every page was
/// before: of a large removal, the better part of the database.
fn perform(connection: &Connection, job: Job, alone: bool, outcomes: &mut Vec<Outcome>) -> Result<(), BackendError> {
    match job {
        Job::Commit { unit, at, answer } => {
            if !alone {
                run_statement(connection, "SAVEPOINT unit")?;
            }
            match apply(connection, &unit, at) {
                Ok(applied) => outcomes.push(Outcome::Committed { tenant: unit.tenant, applied, answer }),
                Err(CommitError::Conflict(conflict)) => {
                    run_statement(connection, if alone { "ROLLBACK" } else { "ROLLBACK TO unit" })?;
                    outcomes.push(Outcome::Refused { conflict, answer });
                }
                Err(CommitError::Backend(error)) => {
                    drop(answer.send(Err(error.clone().into())));
                    return Err(error);
                }
            }
            if alone { Ok(()) } else { run_statement(connection, "RELEASE unit") }
        }
        Job::ClearOutbox { tenant, up_to, answer } => {
            connection
                .execute(
                    "DELETE FROM outbox WHERE tenant = ?1 AND position <= ?2",
                    (tenant.as_bytes(), stored(up_to.0)),
                )
                .map_err(engine)?;
            outcomes.push(Outcome::Cleared { answer });
            Ok(())
        }
        Job::ForgetChanges { before, limit, answer } => {
            // The oldest of each tenant: positions and times rise together.
            let sql = "DELETE FROM changes WHERE at < ?1 AND (tenant, position) IN (SELECT h.tenant, c.position \
                       FROM heads h JOIN changes c ON c.tenant = h.tenant AND c.position IN (SELECT position \
                       FROM changes WHERE tenant = h.tenant ORDER BY position LIMIT ?2))";
            let changes = connection.execute(sql, (before.micros(), stored(limit as u64))).map_err(engine)?;
            outcomes.push(Outcome::Forgotten { changes: changes as u64, answer });
            Ok(())
        }
    }
}

// An answer nobody waits for any more is dropped: the commit stands all the same.
fn answer(outcome: Outcome, observer: &dyn CommitObserver) {
    match outcome {
        Outcome::Committed { tenant, applied, answer } => {
            observer.committed(tenant, applied.receipt.head, &applied.touched);
            drop(answer.send(Ok(applied.receipt)));
        }
        Outcome::Refused { conflict, answer } => drop(answer.send(Err(conflict.into()))),
        Outcome::Cleared { answer } => drop(answer.send(Ok(()))),
        Outcome::Forgotten { changes, answer } => drop(answer.send(Ok(changes))),
    }
}

fn fail(outcome: Outcome, error: &BackendError) {
    match outcome {
        Outcome::Committed { answer, .. } | Outcome::Refused { answer, .. } => {
            drop(answer.send(Err(error.clone().into())));
        }
        Outcome::Cleared { answer } => drop(answer.send(Err(error.clone()))),
        Outcome::Forgotten { answer, .. } => drop(answer.send(Err(error.clone()))),
    }
}

fn fail_job(job: Job, error: &BackendError) {
    match job {
        Job::Commit { answer, .. } => drop(answer.send(Err(error.clone().into()))),
        Job::ClearOutbox { answer, .. } => drop(answer.send(Err(error.clone()))),
        Job::ForgetChanges { answer, .. } => drop(answer.send(Err(error.clone()))),
    }
}
