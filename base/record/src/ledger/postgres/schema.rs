//! The tables, made once by whichever node comes first.

use crate::error::StorageError;
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

const STEPS: &[&str] = &[include_str!("../0001_record.sql"), include_str!("../0002_used.sql")];

const CREATE: &str = "CREATE TABLE IF NOT EXISTS record_schema (only_row smallint PRIMARY KEY CHECK (only_row = 1), \
    version bigint NOT NULL); INSERT INTO record_schema (only_row, version) VALUES (1, 0) ON CONFLICT DO NOTHING";
const EXISTS: &str = "SELECT to_regclass('record_schema') IS NOT NULL";

/// Brings the schema up to date; refuses a newer one that says it must. Where nothing is to be done, only the right to read is needed.
pub(crate) async fn prepare(client: &Client) -> Result<(), StorageError> {
    let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    if client.query_one(EXISTS, &[]).await?.try_get(0)? {
        let found: i64 = client.query_one("SELECT version FROM record_schema", &[]).await?.try_get(0)?;
        if found > known {
            let usable_from: i64 = client.query_one("SELECT usable_from FROM record_schema", &[]).await?.try_get(0)?;
            return if usable_from <= known { Ok(()) } else { Err(StorageError::Newer { found, known }) };
        }
        if found == known {
            return Ok(());
        }
    } else {
        create(client).await?;
    }
    client.batch_execute("BEGIN").await?;
    // On a row, not by an advisory lock: every engine that speaks the protocol has it.
    let found = client.query_one("SELECT version FROM record_schema FOR UPDATE", &[]).await?;
    let found = usize::try_from(found.try_get::<_, i64>(0)?).unwrap_or(0);
    for step in STEPS.iter().skip(found) {
        client.batch_execute(step).await?;
    }
    client.execute("UPDATE record_schema SET version = $1", &[&known]).await?;
    client.batch_execute("COMMIT").await?;
    Ok(())
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
