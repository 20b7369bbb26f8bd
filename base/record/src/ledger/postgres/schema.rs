//! The tables, made once by whichever node comes first, and brought up to date step by step.

use crate::error::StorageError;
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

/// A step, and the oldest program that can use the tables after it, by the last step that it knows. Expand, then
/// contract, as the directory's schema does.
struct Step {
    sql: &'static str,
    usable_from: i64,
}

const STEPS: &[Step] = &[
    Step { sql: include_str!("../0001_record.sql"), usable_from: 1 },
    // What knows no single use would let a replay through.
    Step { sql: include_str!("../0002_used.sql"), usable_from: 2 },
    // Blocks that an older program takes are found later; it neither ends nor is ended.
    Step { sql: include_str!("../0003_merkle_log.sql"), usable_from: 2 },
    // An older program removes nothing; its verification does not know what was removed, and says that it is missing.
    Step { sql: include_str!("../0004_removed.sql"), usable_from: 2 },
];

const CREATE: &str = "CREATE TABLE IF NOT EXISTS record_schema (only_row smallint PRIMARY KEY CHECK (only_row = 1), \
    version bigint NOT NULL); INSERT INTO record_schema (only_row, version) VALUES (1, 0) ON CONFLICT DO NOTHING";
const EXISTS: &str = "SELECT to_regclass('record_schema') IS NOT NULL";
const VERSION: &str = "SELECT version FROM record_schema";
const USABLE_FROM: &str = "SELECT usable_from FROM record_schema";
// On a row, not by an advisory lock: every engine that speaks the protocol has it.
const LOCKED: &str = "SELECT version FROM record_schema FOR UPDATE";
// Whoever waits for a table is waited for by all who come after: a step that cannot have it soon fails, and is tried again.
const PATIENCE: &str = "SET LOCAL lock_timeout = '2s'";
const RECORD: &str = "UPDATE record_schema SET version = $1, usable_from = $2";
const ATTEMPTS: u32 = 4;

/// The last step that this program knows.
fn known() -> i64 {
    i64::try_from(STEPS.len()).unwrap_or(i64::MAX)
}

/// What the steps say, for who checks that nothing is left out.
#[cfg(test)]
pub(crate) fn texts() -> impl Iterator<Item = &'static str> {
    STEPS.iter().map(|step| step.sql)
}

/// Brings the schema up to date; refuses a newer one that says it must. Where nothing is to be done, only the right to
/// read is needed.
pub(crate) async fn prepare(client: &Client) -> Result<(), StorageError> {
    match found(client).await? {
        Some(version) if version >= known() => return check(client).await,
        Some(_) => {}
        None => create(client).await?,
    }
    let mut attempt = 1;
    while let Err(error) = migrate(client).await {
        client.batch_execute("ROLLBACK").await?;
        let busy = error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE);
        if !busy || attempt == ATTEMPTS {
            return Err(error.into());
        }
        attempt += 1;
    }
    // A newer node may have had the lock first.
    check(client).await
}

/// Whether there are tables, and they are older than this program makes them.
pub(crate) async fn is_older(client: &Client) -> Result<bool, StorageError> {
    Ok(found(client).await?.is_some_and(|version| (1..known()).contains(&version)))
}

/// Checks that this program can use the tables as they are.
pub(crate) async fn check(client: &Client) -> Result<(), StorageError> {
    let version = found(client).await?.unwrap_or(0);
    // Stated from the second step on.
    let usable_from = if version > 1 { client.query_one(USABLE_FROM, &[]).await?.try_get(0)? } else { 1 };
    judge(version, usable_from)
}

fn judge(found: i64, usable_from: i64) -> Result<(), StorageError> {
    match known() {
        known if found < known => Err(StorageError::Older { found, known }),
        known if usable_from > known => Err(StorageError::Newer { found, known }),
        _ => Ok(()),
    }
}

async fn found(client: &Client) -> Result<Option<i64>, StorageError> {
    if !client.query_one(EXISTS, &[]).await?.try_get::<_, bool>(0)? {
        return Ok(None);
    }
    Ok(Some(client.query_one(VERSION, &[]).await?.try_get(0)?))
}

async fn migrate(client: &Client) -> Result<(), tokio_postgres::Error> {
    client.batch_execute("BEGIN").await?;
    let found = client.query_one(LOCKED, &[]).await?;
    let found = usize::try_from(found.try_get::<_, i64>(0)?).unwrap_or(0);
    client.batch_execute(PATIENCE).await?;
    let missing = STEPS.get(found..).unwrap_or_default();
    for step in missing {
        client.batch_execute(step.sql).await?;
    }
    if let Some(last) = missing.last() {
        client.execute(RECORD, &[&known(), &last.usable_from]).await?;
    }
    client.batch_execute("COMMIT").await
}

/// Two nodes that start together may both try: one of them finds it made.
async fn create(client: &Client) -> Result<(), StorageError> {
    const MADE: [SqlState; 3] = [SqlState::UNIQUE_VIOLATION, SqlState::DUPLICATE_TABLE, SqlState::DUPLICATE_OBJECT];
    match client.batch_execute(CREATE).await {
        Err(error) if error.code().is_some_and(|code| MADE.contains(code)) => Ok(client
            .batch_execute("INSERT INTO record_schema (only_row, version) VALUES (1, 0) ON CONFLICT DO NOTHING")
            .await?),
        done => Ok(done?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_states_from_which_program_on_it_can_be_used_and_that_is_never_taken_back() {
        let stated = STEPS.iter().map(|step| step.usable_from);
        for (step, usable_from) in (1..).zip(stated.clone()) {
            assert!((1..=step).contains(&usable_from), "step {step} says {usable_from}");
        }
        assert!(stated.clone().is_sorted(), "what an old program cannot use, it cannot use later either");
    }

    #[test]
    fn newer_tables_are_usable_by_the_programs_that_they_name_and_older_ones_by_none() {
        judge(known(), known()).unwrap();
        judge(known() + 1, known()).unwrap();
        judge(known() + 5, 1).unwrap();
        assert!(matches!(judge(known() + 1, known() + 1), Err(StorageError::Newer { .. })), "a step that contracts");
        assert!(matches!(judge(known() - 1, 1), Err(StorageError::Older { .. })), "they wait to be brought up to date");
    }
}
