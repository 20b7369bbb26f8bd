//! The schema, brought up to date step by step under a row lock, each step recorded, safe to run again.
//!
//! A lock on a row, not an advisory lock: every engine that speaks the protocol has it. A step that older
//! programs survive (it only adds what they need not know) says so, and they go on over the newer schema.

use super::connect::pause;
use super::steps::{Session, Step, ask, value};
use crate::backend::BackendError;
use deadpool_postgres::Pool;
use std::time::Duration;
use tokio_postgres::error::SqlState;

/// A step, and the oldest program that can use the schema after it, by the last step that it knows. Expand, then
/// contract: a step that only adds what older programs need not know leaves them usable, also to start again; one that
/// takes something away, or that they must obey, comes in a later release and names the first program that knows it.
struct Migration {
    sql: &'static str,
    usable_from: i64,
}

const MIGRATIONS: &[Migration] = &[
    Migration { sql: include_str!("0001_objects.sql"), usable_from: 1 },
    Migration { sql: include_str!("0002_gates.sql"), usable_from: 1 },
    Migration { sql: include_str!("0003_confirmed.sql"), usable_from: 1 },
];

const CREATE: &str = "CREATE TABLE IF NOT EXISTS schema_version (only_row smallint PRIMARY KEY CHECK (only_row = 1), \
    version bigint NOT NULL, usable_from bigint NOT NULL)";
const FIRST: &str =
    "INSERT INTO schema_version (only_row, version, usable_from) VALUES (1, 0, 0) ON CONFLICT DO NOTHING";
const FOUND: &str = "SELECT version, usable_from FROM schema_version WHERE only_row = 1";
const LOCKED: &str = "SELECT version, usable_from FROM schema_version WHERE only_row = 1 FOR UPDATE";
const RECORD: &str = "UPDATE schema_version SET version = $1, usable_from = $2";
// Whoever waits for a table is waited for by all who come after: a step that cannot have it soon comes again.
const PATIENCE: &str = "SET LOCAL lock_timeout = '2s'";
const EXISTS: &str = "SELECT to_regclass('schema_version') IS NOT NULL";

/// Every step, as text.
#[cfg(test)]
pub(crate) fn text() -> String {
    MIGRATIONS.iter().map(|migration| migration.sql).collect()
}

/// The schema version that this program knows.
pub(super) fn supported() -> u32 {
    u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX)
}

/// Brings the schema up to date if `migrate`, else checks it; waits a little for a server that is not there yet.
pub(super) async fn prepare(pool: &Pool, limit: Duration, migrate: bool) -> Result<(), BackendError> {
    const ATTEMPTS: u32 = 4;
    let mut attempt = 1;
    loop {
        match prepare_once(pool, limit, migrate).await {
            Err(BackendError::Unreachable(_) | BackendError::Interrupted(_) | BackendError::Busy)
                if attempt < ATTEMPTS =>
            {
                tokio::time::sleep(pause(attempt)).await;
                attempt += 1;
            }
            outcome => return outcome,
        }
    }
}

async fn prepare_once(pool: &Pool, limit: Duration, migrate: bool) -> Result<(), BackendError> {
    let session = Session::acquire(pool, limit).await?;
    let outcome = if migrate { migrate_to(&session, MIGRATIONS).await } else { check(&session).await };
    if outcome.is_err() {
        session.discard();
    }
    outcome
}

/// Whether there is a schema with a tenant in it.
pub(super) async fn is_used(pool: &Pool, limit: Duration) -> Result<bool, BackendError> {
    let session = Session::acquire(pool, limit).await?;
    if found(&session).await?.is_none_or(|found| found.version == 0) {
        return Ok(false);
    }
    let rows = ask(&session, &[Step::plain("SELECT EXISTS (SELECT 1 FROM heads)")]).await?;
    Ok(rows.first().and_then(|rows| rows.first()).is_some_and(|row| row.try_get(0).unwrap_or(false)))
}

/// Checks that this program can use the schema as it is.
async fn check(session: &Session) -> Result<(), BackendError> {
    match found(session).await? {
        None => Err(BackendError::Schema { found: 0, supported: supported() }),
        Some(found) if found.is_usable() => Ok(()),
        Some(found) => Err(found.refused()),
    }
}

/// Brings the schema up to date; refuses one that is of no use to this program, untouched. Where nothing is to be
/// done, only the right to read is needed.
async fn migrate_to(session: &Session, migrations: &[Migration]) -> Result<(), BackendError> {
    match found(session).await? {
        Some(found) if found.version > i64::from(supported()) => return check(session).await,
        Some(found) if found.version >= length(migrations) => return Ok(()),
        Some(_) => {}
        None => create(session).await?,
    }
    ask(session, &[Step::plain("BEGIN"), Step::plain("SET LOCAL statement_timeout = 0")]).await?;
    let rows = ask(session, &[Step::plain(LOCKED)]).await?;
    let version = Found::read(&rows)?.map_or(0, |found| found.version);
    ask(session, &[Step::plain(PATIENCE)]).await?;
    for (step, migration) in (1_i64..).zip(migrations).skip_while(|(step, _)| *step <= version) {
        session.client.batch_execute(migration.sql).await.map_err(super::fault::engine)?;
        ask(session, &[Step::of(RECORD, [value(step), value(migration.usable_from)])]).await?;
    }
    ask(session, &[Step::plain("COMMIT")]).await?;
    // A newer node may have had the lock first.
    check(session).await
}

/// Makes the table of the version. Two nodes that start together may both try: one of them finds it made.
async fn create(session: &Session) -> Result<(), BackendError> {
    const MADE: [SqlState; 3] = [SqlState::UNIQUE_VIOLATION, SqlState::DUPLICATE_TABLE, SqlState::DUPLICATE_OBJECT];
    match session.client.batch_execute(CREATE).await {
        Err(error) if !error.code().is_some_and(|code| MADE.contains(code)) => return Err(super::fault::engine(error)),
        Ok(()) | Err(_) => {}
    }
    ask(session, &[Step::plain(FIRST)]).await.map(drop)
}

fn length(migrations: &[Migration]) -> i64 {
    i64::try_from(migrations.len()).unwrap_or(i64::MAX)
}

struct Found {
    version: i64,
    usable_from: i64,
}

impl Found {
    fn read(answers: &[Vec<tokio_postgres::Row>]) -> Result<Option<Self>, BackendError> {
        let Some(row) = answers.first().and_then(|rows| rows.first()) else { return Ok(None) };
        Ok(Some(Self { version: super::rows::get(row, 0)?, usable_from: super::rows::get(row, 1)? }))
    }

    /// Whether this program, as old as it may be, knows all that it must.
    fn is_usable(&self) -> bool {
        let own = i64::from(supported());
        self.version >= own && self.usable_from <= own
    }

    fn refused(&self) -> BackendError {
        BackendError::Schema { found: u32::try_from(self.version).unwrap_or(u32::MAX), supported: supported() }
    }
}

async fn found(session: &Session) -> Result<Option<Found>, BackendError> {
    let exists = ask(session, &[Step::plain(EXISTS)]).await?;
    let exists = exists.first().and_then(|rows| rows.first()).is_some_and(|row| row.try_get(0).unwrap_or(false));
    if exists { Found::read(&ask(session, &[Step::plain(FOUND)]).await?) } else { Ok(None) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(version: i64, usable_from: i64) -> Found {
        Found { version, usable_from }
    }

    #[test]
    fn every_step_states_from_which_program_on_it_can_be_used_and_that_is_never_taken_back() {
        let stated = MIGRATIONS.iter().map(|migration| migration.usable_from);
        for (step, usable_from) in (1..).zip(stated.clone()) {
            assert!((1..=step).contains(&usable_from), "step {step} says {usable_from}");
        }
        assert!(stated.clone().is_sorted(), "what an old program cannot use, it cannot use later either");
    }

    #[test]
    fn a_newer_schema_is_usable_by_the_programs_that_it_names_and_an_older_one_by_none() {
        let own = i64::from(supported());
        assert!(schema(own, own).is_usable());
        assert!(schema(own + 1, own).is_usable() && schema(own + 5, 1).is_usable());
        assert!(!schema(own + 1, own + 1).is_usable(), "a step that contracts");
        assert!(!schema(own - 1, 1).is_usable(), "it waits to be brought up to date");
    }
}
