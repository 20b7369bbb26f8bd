//! One transaction: many plain units, or one that deletes, restores or purges.

use super::apply::{Applied, Work, apply};
use super::feed::{Entry, Feed};
use super::held::{Held, Wanted};
use super::steps::{Session, Step, ask, send};
use super::{load, subtree, write};
use crate::backend::BackendError;
use crate::unit::{CommitError, Conflict, UnitOfWork, Write};
use signet_kernel::Timestamp;
use std::collections::BTreeSet;
use std::time::Duration;
use uuid::Uuid;

/// How long a write on a subtree may take.
const LONGEST: Duration = Duration::from_secs(600);

/// A unit and the time of its commit.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) unit: UnitOfWork,
    pub(super) at: Timestamp,
}

impl Request {
    /// Whether it needs a transaction of its own.
    pub(super) fn is_alone(&self) -> bool {
        self.unit.writes.iter().any(Write::is_on_subtree)
    }
}

/// What a batch comes to.
#[derive(Debug)]
pub(super) struct Outcome {
    /// One answer for each request, in their order; `Ok` names a place in `applied`.
    pub(super) answers: Vec<Result<usize, Conflict>>,
    pub(super) applied: Vec<Applied>,
    /// Commits of others that come before it.
    pub(super) missed: Vec<Entry>,
    /// The name of its transaction.
    pub(super) batch: Uuid,
}

/// Why a batch came to nothing, or perhaps not to nothing.
#[derive(Debug)]
pub(super) enum Stop {
    /// Nothing was committed.
    Nothing(BackendError),
    /// Another transaction came in between: the same again.
    Again(BackendError),
    /// The answer to COMMIT was lost.
    Unknown(Outcome, BackendError),
}

impl From<BackendError> for Stop {
    fn from(error: BackendError) -> Self {
        match error {
            BackendError::Interrupted(_) | BackendError::Unreachable(_) => Self::Again(error),
            error => Self::Nothing(error),
        }
    }
}

/// Applies `requests` in one transaction named `batch`.
pub(super) async fn run(
    session: &mut Session,
    feed: &Feed,
    requests: &[Request],
    batch: Uuid,
) -> Result<Outcome, Stop> {
    match requests {
        [request] if request.is_alone() => run_alone(session, feed, request, batch).await,
        _ => run_together(session, feed, requests, batch).await,
    }
}

async fn run_together(session: &Session, feed: &Feed, requests: &[Request], batch: Uuid) -> Result<Outcome, Stop> {
    let mut wanted = Wanted::default();
    for Request { unit, .. } in requests {
        wanted.preconditions(unit);
        wanted.writes(unit.tenant, &unit.writes);
    }
    let tenants: BTreeSet<_> = requests.iter().map(|request| request.unit.tenant).collect();
    let (mut held, missed) = load::begin(session, feed, &tenants, &wanted).await?;
    let mut outcome = Outcome { answers: Vec::with_capacity(requests.len()), applied: Vec::new(), missed, batch };
    for Request { unit, at } in requests {
        let answer = apply(&mut held, unit, *at).map(|applied| {
            outcome.applied.push(applied);
            outcome.applied.len() - 1
        });
        outcome.answers.push(answer);
    }
    let steps = write::rows(&held);
    commit(session, &held, steps, outcome).await
}

async fn run_alone(session: &mut Session, feed: &Feed, request: &Request, batch: Uuid) -> Result<Outcome, Stop> {
    let Request { unit, at } = request;
    let mut wanted = Wanted::default();
    wanted.preconditions(unit);
    let (mut held, missed) = load::begin(session, feed, &BTreeSet::from([unit.tenant]), &wanted).await?;
    // A subtree may be the better part of a tenant.
    session.limit = LONGEST;
    ask(session, &[Step::plain("SET LOCAL statement_timeout = 0")]).await?;
    let mut outcome = Outcome { answers: Vec::new(), applied: Vec::new(), missed, batch };
    match in_order(session, &mut held, unit, *at).await {
        Ok(work) => {
            outcome.applied.push(work.finish(&mut held, unit));
            outcome.answers.push(Ok(0));
        }
        Err(CommitError::Conflict(conflict)) => outcome.answers.push(Err(conflict)),
        Err(CommitError::Backend(error)) => return Err(error.into()),
    }
    commit(session, &held, Vec::new(), outcome).await
}

/// The writes one stretch after the other: plain ones in memory, then written; those on subtrees in the database.
async fn in_order(session: &Session, held: &mut Held, unit: &UnitOfWork, at: Timestamp) -> Result<Work, CommitError> {
    let mut work = Work::on(held, unit, at);
    work.check(held, unit)?;
    for stretch in unit.writes.chunk_by(|one, next| !one.is_on_subtree() && !next.is_on_subtree()) {
        match stretch {
            [write] if write.is_on_subtree() => subtree::write(session, &mut work, write).await?,
            plain => {
                let mut wanted = Wanted::default();
                wanted.writes(unit.tenant, plain);
                let mut rows = Held::default();
                load::load(session, &mut rows, &wanted).await?;
                work.writes(&mut rows, plain)?;
                rows.accept();
                ask(session, &write::rows(&rows)).await?;
            }
        }
    }
    Ok(work)
}

async fn commit(session: &Session, held: &Held, mut steps: Vec<Step>, outcome: Outcome) -> Result<Outcome, Stop> {
    if outcome.applied.is_empty() {
        ask(session, &[Step::plain("ROLLBACK")]).await?;
        return Ok(outcome);
    }
    steps.extend(write::feed(held, &outcome.applied, outcome.batch)?);
    // Sent along: if a statement before it fails, the server takes it for a rollback.
    steps.push(Step::plain("COMMIT"));
    match send(session, &steps).await {
        Ok(_) => Ok(outcome),
        // Another tenant took a key of the whole deployment between the look and the insert.
        Err(broken) if broken.is_taken() => Err(Stop::Again(BackendError::Interrupted("a key was taken".to_owned()))),
        Err(broken) if broken.is_definite() => Err(BackendError::from(broken).into()),
        Err(broken) => Err(Stop::Unknown(outcome, broken.into())),
    }
}
