//! The files and how they are opened.

use crate::error::OpenError;
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Each brings the file one schema further.
pub(crate) const STEPS: [&str; 3] =
    [include_str!("records.sql"), include_str!("used.sql"), include_str!("removed.sql")];
pub(crate) const SCHEMA: i64 = STEPS.len() as i64;
/// Measured: a frame is tens of kilobytes, so smaller pages cost calls and larger ones copying.
const PAGE_SIZE: i64 = 8_192;
/// How long a statement waits for a lock that another connection holds.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);
const STATEMENTS: usize = 32;
/// No number is given twice, whatever was removed.
pub(crate) const LAST_FRAME: &str =
    "SELECT max((SELECT coalesce(max(id), 0) FROM frames), (SELECT coalesce(max(id), 0) FROM removed))";

pub(crate) fn records_path(directory: &Path) -> PathBuf {
    directory.join("records.db")
}

/// The writer's own connection, with the schema in place.
pub(crate) fn open_records(directory: &Path) -> Result<Connection, OpenError> {
    std::fs::create_dir_all(directory)?;
    let mut connection = Connection::open(records_path(directory))?;
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "page_size", PAGE_SIZE)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // The log is moved into the file by the writer itself, so that a failed sync there is seen too.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    // What is erased is overwritten, not only unlinked.
    connection.pragma_update(None, "secure_delete", true)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    migrate(&mut connection)?;
    Ok(connection)
}

fn migrate(connection: &mut Connection) -> Result<(), OpenError> {
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > SCHEMA {
        return Err(OpenError::Newer { found, known: SCHEMA });
    }
    if found < SCHEMA {
        let transaction = connection.transaction()?;
        for step in STEPS.iter().skip(usize::try_from(found).unwrap_or(0)) {
            transaction.execute_batch(step)?;
        }
        transaction.pragma_update(None, "user_version", SCHEMA)?;
        transaction.commit()?;
    }
    Ok(())
}

/// A connection that moves the log into the file, with the writer's durability and in nobody's way.
pub(crate) fn open_mover(path: &Path) -> Result<Connection, rusqlite::Error> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    Ok(connection)
}

/// A connection that cannot write.
pub(crate) fn open_read_only(path: &Path) -> Result<Connection, rusqlite::Error> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(PATIENCE)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}
