//! Query rows: where each record lies, by time and by whom it is about. Derived, in a file of its own, and
//! brought up to date by a thread of its own, so that a commit pays nothing for being found later.

mod sweep;

use crate::database::{self, records_path};
use crate::entry::StoredKeys;
use crate::error::OpenError;
use crate::frame::Position;
use parking_lot::{Condvar, Mutex};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension as _, ToSql, params};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use uuid::Uuid;
use uuid::fmt::Hyphenated;

const SCHEMA: i64 = 3;
const FRAMES_PER_TRANSACTION: usize = 256;
/// How long new frames may gather: one transaction for many commits is what keeps a row cheap.
const GATHER: Duration = Duration::from_millis(400);
const RETRY: Duration = Duration::from_secs(1);

pub(crate) fn rows_path(directory: &Path) -> PathBuf {
    directory.join("record-rows.db")
}

/// An identifier as rows hold it: a UUID in its usual spelling as its sixteen bytes, anything else as text.
pub(crate) enum Identifier<'a> {
    Uuid(Uuid),
    Text(&'a str),
}

impl<'a> Identifier<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        let usual = text.len() == Hyphenated::LENGTH && !text.bytes().any(|byte| byte.is_ascii_uppercase());
        match Uuid::try_parse(text) {
            Ok(uuid) if usual => Self::Uuid(uuid),
            _ => Self::Text(text),
        }
    }
}

impl ToSql for Identifier<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Uuid(uuid) => ValueRef::Blob(uuid.as_bytes()),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

#[derive(Debug)]
struct State {
    committed: i64,
    parked: bool,
    hurry: bool,
    stopped: bool,
    /// Frames were removed.
    removed: bool,
}

/// What the writer, the readers and the indexer tell one another.
#[derive(Debug)]
pub(crate) struct Signal {
    state: Mutex<State>,
    wake: Condvar,
    reached: watch::Sender<i64>,
}

impl Signal {
    pub(crate) fn new(committed: i64, reached: i64) -> Self {
        // What was removed before a crash is swept now.
        let state = State { committed, parked: false, hurry: false, stopped: false, removed: true };
        Self { state: Mutex::new(state), wake: Condvar::new(), reached: watch::Sender::new(reached) }
    }

    /// Frames up to `frame` are durable.
    pub(crate) fn committed(&self, frame: i64) {
        let mut state = self.state.lock();
        state.committed = frame;
        let parked = std::mem::take(&mut state.parked);
        drop(state);
        if parked {
            self.wake.notify_one();
        }
    }

    /// Frames were removed: their rows are to go.
    pub(crate) fn removed(&self) {
        let mut state = self.state.lock();
        state.removed = true;
        let parked = std::mem::take(&mut state.parked);
        drop(state);
        if parked {
            self.wake.notify_one();
        }
    }

    /// Resolves once everything committed before this call can be found.
    pub(crate) async fn caught_up(&self) {
        let mut reached = self.reached.subscribe();
        let target = {
            let mut state = self.state.lock();
            state.hurry = true;
            state.committed
        };
        self.wake.notify_one();
        // The indexer says that it has reached the end of everything when it ends, so this always resolves.
        drop(reached.wait_for(|frame| *frame >= target).await);
    }

    /// The indexer reads what is committed and ends.
    pub(crate) fn stop(&self) {
        self.state.lock().stopped = true;
        self.wake.notify_one();
    }

    /// Waits until there is more than `reached`, lets it gather, and returns the last committed frame, and whether frames
    /// were removed; `None` when stopped with nothing left.
    fn next(&self, reached: i64) -> Option<(i64, bool)> {
        let mut state = self.state.lock();
        while state.committed <= reached && !state.removed {
            state.hurry = false;
            if state.stopped {
                return None;
            }
            state.parked = true;
            self.wake.wait(&mut state);
        }
        if !state.hurry && !state.stopped {
            self.wake.wait_while_for(&mut state, |state| !state.hurry && !state.stopped, GATHER);
        }
        state.hurry = false;
        Some((state.committed, std::mem::take(&mut state.removed)))
    }

    /// Waits before trying again; whether to do so.
    fn pause(&self) -> bool {
        let mut state = self.state.lock();
        self.wake.wait_while_for(&mut state, |state| !state.stopped, RETRY);
        !state.stopped
    }
}

/// Lets nobody wait for an indexer that is gone, also when it panicked.
struct Ending<'s>(&'s Signal);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.reached.send_replace(i64::MAX);
    }
}

/// The thread that reads frames and writes rows.
pub(crate) struct Indexer {
    frames: Connection,
    rows: Connection,
    reached: i64,
    streams: HashMap<Vec<u8>, Vec<(String, i64)>>,
}

impl Indexer {
    /// Opens the rows of the record in `directory`; builds them anew if they are damaged or another record's.
    pub(crate) fn open(directory: &Path) -> Result<Self, OpenError> {
        let frames = database::open_read_only(&records_path(directory))?;
        let (rows, reached) = match open_rows(directory, &frames) {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(%error, "the query rows are built anew");
                remove(directory)?;
                open_rows(directory, &frames)?
            }
        };
        Ok(Self { frames, rows, reached, streams: HashMap::new() })
    }

    pub(crate) fn reached(&self) -> i64 {
        self.reached
    }

    /// Runs until stopped, then reads what is left.
    pub(crate) fn run(mut self, signal: &Arc<impl AsRef<Signal>>) {
        let signal = signal.as_ref().as_ref();
        let _ending = Ending(signal);
        while let Some((committed, removed)) = signal.next(self.reached) {
            // Rows without frames are passed over by who reads: another time will do.
            if removed && let Err(error) = sweep::sweep(&self.frames, &self.rows) {
                tracing::warn!(%error, "rows of frames that were removed could not be removed; trying again later");
            }
            while self.reached < committed {
                if let Err(error) = self.advance(committed) {
                    tracing::error!(%error, "query rows could not be written; trying again");
                    if !signal.pause() {
                        break;
                    }
                }
                signal.reached.send_replace(self.reached);
            }
            if self.reached < committed {
                break;
            }
        }
    }

    /// Reads the next frames in one transaction. If there are none, those up to `committed` were removed.
    fn advance(&mut self, committed: i64) -> Result<(), rusqlite::Error> {
        let transaction = self.rows.unchecked_transaction()?;
        let mut select = self.frames.prepare_cached(
            "SELECT id, tenant, table_name, keys, hash FROM frames WHERE id > ?1 ORDER BY id LIMIT ?2",
        )?;
        let mut insert = transaction.prepare_cached(
            "INSERT INTO rows (stream, at, position, id, about, outcome) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        let mut frames = select.query(params![self.reached, FRAMES_PER_TRANSACTION])?;
        let mut last = None;
        while let Some(frame) = frames.next()? {
            let id = frame.get(0)?;
            let stream =
                stream_of(&transaction, &mut self.streams, frame.get_ref(1)?.as_blob()?, frame.get_ref(2)?.as_str()?)?;
            for (line, ordinal) in frame.get_ref(3)?.as_blob()?.split(|byte| *byte == b'\n').zip(0..) {
                let Ok(StoredKeys(at, record, about, outcome)) = serde_json::from_slice(line) else { continue };
                let (record, about) = (Identifier::of(&record), about.as_deref().map(Identifier::of));
                insert.execute(params![stream, at, Position::new(id, ordinal).as_i64(), record, about, outcome])?;
            }
            last = Some((id, <Vec<u8>>::from(frame.get_ref(4)?.as_blob()?)));
        }
        let Some((reached, hash)) = last else {
            self.reached = committed;
            return Ok(());
        };
        transaction.prepare_cached("UPDATE reached SET frame = ?1, hash = ?2")?.execute(params![reached, hash])?;
        drop(insert);
        transaction.commit()?;
        self.reached = reached;
        Ok(())
    }
}

fn stream_of(
    rows: &Connection,
    known: &mut HashMap<Vec<u8>, Vec<(String, i64)>>,
    tenant: &[u8],
    table: &str,
) -> Result<i64, rusqlite::Error> {
    let found = known.get(tenant).and_then(|tables| tables.iter().find(|(name, _)| name == table));
    if let Some((_, stream)) = found {
        return Ok(*stream);
    }
    rows.prepare_cached("INSERT OR IGNORE INTO streams (tenant, table_name) VALUES (?1, ?2)")?
        .execute(params![tenant, table])?;
    let stream = rows
        .prepare_cached("SELECT stream FROM streams WHERE tenant = ?1 AND table_name = ?2")?
        .query_row(params![tenant, table], |row| row.get(0))?;
    known.entry(tenant.to_vec()).or_default().push((table.to_owned(), stream));
    Ok(stream)
}

fn open_rows(directory: &Path, frames: &Connection) -> Result<(Connection, i64), rusqlite::Error> {
    let mut rows = Connection::open(rows_path(directory))?;
    rows.pragma_update(None, "journal_mode", "WAL")?;
    // Losing the last rows loses nothing: they are read again from the frames.
    rows.pragma_update(None, "synchronous", "NORMAL")?;
    rows.set_prepared_statement_cache_capacity(16);
    if rows.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))? != SCHEMA {
        let transaction = rows.transaction()?;
        transaction.execute_batch(include_str!("rows.sql"))?;
        transaction.pragma_update(None, "user_version", SCHEMA)?;
        transaction.commit()?;
    }
    let (reached, hash): (i64, Vec<u8>) =
        rows.query_row("SELECT frame, hash FROM reached", (), |row| Ok((row.get(0)?, row.get(1)?)))?;
    const HASH: &str = "SELECT hash FROM frames WHERE id = ?1 UNION ALL SELECT hash FROM removed WHERE id = ?1";
    let frame: Option<Vec<u8>> = frames.query_row(HASH, [reached], |row| row.get(0)).optional()?;
    if reached > 0 && frame != Some(hash) {
        return Err(rusqlite::Error::QueryReturnedNoRows);
    }
    Ok((rows, reached))
}

fn remove(directory: &Path) -> Result<(), std::io::Error> {
    let path = rows_path(directory);
    for end in ["", "-wal", "-shm"] {
        let mut name = path.clone().into_os_string();
        name.push(end);
        match std::fs::remove_file(name) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_spelling_is_another_identifier() {
        let is_uuid = |text: &str| matches!(Identifier::of(text), Identifier::Uuid(_));
        assert!(is_uuid("01a1fd9c-cf2e-7622-9c77-2eb7257b7e9a"));
        for text in [
            "",
            "1",
            "01A1FD9C-CF2E-7622-9C77-2EB7257B7E9A",
            "01a1fd9ccf2e76229c772eb7257b7e9a",
            "{01a1fd9c-cf2e-7622-9c77-2eb7257b7e9a}",
            "urn:uuid:01a1fd9c-cf2e-7622-9c77-2eb7257b7e9a",
            "01a1fd9c-cf2e-7622-9c77-2eb7257b7e9g",
        ] {
            assert!(!is_uuid(text), "{text}");
        }
    }
}
