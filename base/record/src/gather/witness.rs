//! What a witness signed last of each log that it watches: a file of its own, `witness.db`.

use super::{LogError, LogHead};
use crate::database::PATIENCE;
use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension as _, params};
use std::path::Path;
use std::sync::Arc;

const TABLE: &str = "CREATE TABLE IF NOT EXISTS witnessed (
    origin TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    root BLOB NOT NULL,
    note BLOB NOT NULL
) STRICT, WITHOUT ROWID";

/// What a witness signed. Cheap to clone.
#[derive(Debug, Clone)]
pub struct WitnessStore(Arc<Mutex<Connection>>);

impl WitnessStore {
    /// The file in `directory`, made if there is none.
    pub fn open(directory: &Path) -> Result<Self, LogError> {
        let connection = Connection::open(directory.join("witness.db"))?;
        connection.busy_timeout(PATIENCE)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // What is not durable must not be signed.
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute_batch(TABLE)?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    /// The tree of a log that was signed last.
    pub async fn latest(&self, origin: String) -> Result<Option<LogHead>, LogError> {
        self.with(move |connection| {
            let mut select = connection.prepare_cached("SELECT size, root FROM witnessed WHERE origin = ?1")?;
            let read = |row: &rusqlite::Row<'_>| {
                Ok(LogHead { size: row.get::<_, i64>(0)?.cast_unsigned(), root: row.get(1)? })
            };
            Ok(select.query_row([origin], read).optional()?)
        })
        .await
    }

    /// Keeps a tree in place of the one of size `before`; whether that was still the last.
    pub async fn replace(
        &self,
        origin: String,
        before: Option<u64>,
        head: LogHead,
        note: Vec<u8>,
    ) -> Result<bool, LogError> {
        const ADD: &str = "INSERT OR IGNORE INTO witnessed (origin, size, root, note) VALUES (?1, ?2, ?3, ?4)";
        const REPLACE: &str = "UPDATE witnessed SET size = ?2, root = ?3, note = ?4 WHERE origin = ?1 AND size = ?5";
        self.with(move |connection| {
            let size = head.size.cast_signed();
            let kept = match before {
                None => connection.execute(ADD, params![origin, size, head.root, note])?,
                Some(before) => {
                    connection.execute(REPLACE, params![origin, size, head.root, note, before.cast_signed()])?
                }
            };
            Ok(kept > 0)
        })
        .await
    }

    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, LogError> + Send + 'static,
    ) -> Result<T, LogError> {
        let connection = self.0.clone();
        tokio::task::spawn_blocking(move || work(&connection.lock())).await.map_err(|_| LogError::Ended)?
    }
}
