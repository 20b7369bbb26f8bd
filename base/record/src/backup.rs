//! A copy of the record while it is written.

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};
use std::path::Path;

/// Copies in one step: a read transaction sees one state of the file and holds up no writer.
pub(crate) fn copy(from: &Connection, to: &Path) -> Result<(), rusqlite::Error> {
    let mut to = Connection::open(to)?;
    let backup = Backup::new(from, &mut to)?;
    match backup.step(-1)? {
        StepResult::Done => Ok(()),
        _ => Err(rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY),
            Some("the target of the backup is in use".to_owned()),
        )),
    }
}
