//! Reading records back: newest first, page by page, never on an async worker.

mod postgres;

pub(crate) use postgres::PostgresReaders;

use crate::database::{self, records_path};
use crate::frame::Position;
use crate::personal::Personal;
use crate::rows::{Identifier, rows_path};
use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension as _, named_params};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use signet_kernel::{Failure, TenantId, Timestamp};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Which records to list. Without `from` and `to`, `id` and `outcome` look through everything.
#[derive(Debug, Clone)]
pub struct Query {
    /// The tenant; nothing of another can be found.
    pub tenant: TenantId,
    /// The table.
    pub table: String,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before, not at.
    pub to: Option<Timestamp>,
    /// About whom ([`crate::RowKeys::about`]).
    pub about: Option<String>,
    /// How it ended.
    pub outcome: Option<String>,
    /// The record's own id.
    pub id: Option<String>,
    /// Where the page before this one ended.
    pub after: Option<Cursor>,
    /// Records per page.
    pub limit: usize,
}

impl Query {
    /// The newest hundred records of a table.
    pub fn new(tenant: TenantId, table: impl Into<String>) -> Self {
        let (from, to, about, outcome, id, after) = (None, None, None, None, None, None);
        Self { tenant, table: table.into(), from, to, about, outcome, id, after, limit: 100 }
    }
}

/// Where a record lies among those listed: where a page ended, or could have. Says nothing by itself, but is not secret either: bind it to the tenant before it leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cursor {
    at: i64,
    position: Position,
}

/// Records, newest first, personal values in their places; `null` where one was erased.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The records.
    pub records: Vec<Value>,
    /// Where each of them lies: a reader that stops early goes on from there.
    pub places: Vec<Cursor>,
    /// When each of them was committed.
    pub committed: Vec<Timestamp>,
    /// Where to go on, if there is more.
    pub next: Option<Cursor>,
}

/// Read-only connections, at most as many at work as there are permits.
#[derive(Debug)]
pub(crate) struct Readers {
    directory: PathBuf,
    idle: Mutex<Vec<Reader>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    pub(crate) fn new(directory: PathBuf, count: usize) -> Self {
        Self { directory, idle: Mutex::new(Vec::new()), permits: Arc::new(Semaphore::new(count.max(1))) }
    }

    /// Runs `work` on a blocking thread with a connection of its own.
    pub(crate) async fn with<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Reader) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, Failure> {
        let permit =
            self.permits.clone().acquire_owned().await.map_err(|_| Failure::busy("the record is shut down"))?;
        let readers = self.clone();
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let idle = readers.idle.lock().pop();
            let reader = idle.map_or_else(|| Reader::open(&readers.directory), Ok)?;
            let result = work(&reader);
            readers.idle.lock().push(reader);
            result
        });
        done.await.map_err(Failure::bug)?.map_err(Failure::bug)
    }

    pub(crate) fn close(&self) {
        self.permits.close();
        self.idle.lock().clear();
    }
}

/// Why reading failed: always our mistake or the disk's.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    #[error("the record cannot be read: {0}")]
    Database(#[from] rusqlite::Error),
    #[error("a stored record is not JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("PostgreSQL: {}", crate::error::said_by(.0))]
    Postgres(#[from] tokio_postgres::Error),
    #[error("PostgreSQL cannot be reached: {0}")]
    Unreachable(String),
    #[error("PostgreSQL did not answer in time")]
    Late,
    #[error("a query row points at frame {0}, which has no such record")]
    Dangling(i64),
}

/// One connection to the rows and one to the frames.
#[derive(Debug)]
pub(crate) struct Reader {
    rows: Connection,
    pub(crate) frames: Connection,
}

const BY_TIME: &str = "SELECT at, position FROM rows
    WHERE stream = :stream AND at >= :from AND (at, position) < (:at, :position)
      AND (:id IS NULL OR id = :id) AND (:outcome IS NULL OR outcome = :outcome) AND :about IS NULL
    ORDER BY at DESC, position DESC LIMIT :limit";
const BY_ABOUT: &str = "SELECT at, position FROM rows INDEXED BY rows_about
    WHERE stream = :stream AND about = :about AND at >= :from AND (at, position) < (:at, :position)
      AND (:id IS NULL OR id = :id) AND (:outcome IS NULL OR outcome = :outcome)
    ORDER BY at DESC, position DESC LIMIT :limit";

impl Reader {
    fn open(directory: &std::path::Path) -> Result<Self, ReadError> {
        Ok(Self {
            rows: database::open_read_only(&rows_path(directory))?,
            frames: database::open_read_only(&records_path(directory))?,
        })
    }

    pub(crate) fn page(&self, query: &Query) -> Result<Page, ReadError> {
        let limit = query.limit.clamp(1, 10_000);
        let mut found = self.find(query, limit + 1)?;
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().copied().filter(|_| more);
        self.load(&found, next)
    }

    /// Where the records lie, newest first.
    pub(crate) fn find(&self, query: &Query, limit: usize) -> Result<Vec<Cursor>, ReadError> {
        let stream: Option<i64> = self
            .rows
            .prepare_cached("SELECT stream FROM streams WHERE tenant = ?1 AND table_name = ?2")?
            .query_row((query.tenant.as_bytes(), &query.table), |row| row.get(0))
            .optional()?;
        let Some(stream) = stream else { return Ok(Vec::new()) };
        let until = |at: Timestamp| Cursor { at: at.micros(), position: Position::from_i64(i64::MIN) };
        let end = Cursor { at: i64::MAX, position: Position::from_i64(i64::MAX) };
        let before = query.to.map_or(end, until).min(query.after.unwrap_or(end));
        let mut select = self.rows.prepare_cached(if query.about.is_some() { BY_ABOUT } else { BY_TIME })?;
        let found = select.query_map(
            named_params! {
                ":stream": stream,
                ":from": query.from.map_or(i64::MIN, Timestamp::micros),
                ":at": before.at,
                ":position": before.position.as_i64(),
                ":about": query.about.as_deref().map(Identifier::of),
                ":id": query.id.as_deref().map(Identifier::of),
                ":outcome": query.outcome,
                ":limit": limit,
            },
            |row| Ok(Cursor { at: row.get(0)?, position: Position::from_i64(row.get(1)?) }),
        )?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// What lies in a frame that was removed meanwhile is not there.
    fn load(&self, found: &[Cursor], next: Option<Cursor>) -> Result<Page, ReadError> {
        let mut select = self.frames.prepare_cached("SELECT at, personal, body FROM frames WHERE id = ?1")?;
        let mut loaded: Option<(i64, Frame)> = None;
        let mut page = Page::empty(next);
        for place @ Cursor { position, .. } in found {
            let read = |row: &rusqlite::Row<'_>| {
                let committed = Timestamp::from_micros(row.get(0)?);
                Ok(Frame { committed, personal: row.get(1)?, body: row.get(2)? })
            };
            let (id, frame) = match loaded.take() {
                Some(frame) if frame.0 == position.frame() => frame,
                _ => match select.query_row([position.frame()], read).optional()? {
                    Some(frame) => (position.frame(), frame),
                    None => continue,
                },
            };
            page.push(*place, &frame)?;
            loaded = Some((id, frame));
        }
        Ok(page)
    }
}

/// What of a frame its records are read from.
struct Frame {
    committed: Timestamp,
    personal: Vec<u8>,
    body: Vec<u8>,
}

impl Page {
    fn empty(next: Option<Cursor>) -> Self {
        Self { records: Vec::new(), places: Vec::new(), committed: Vec::new(), next }
    }

    fn push(&mut self, place: Cursor, frame: &Frame) -> Result<(), ReadError> {
        self.records.push(record_at(&frame.personal, &frame.body, place.position)?);
        self.places.push(place);
        self.committed.push(frame.committed);
        Ok(())
    }
}

impl Cursor {
    pub(crate) fn position(self) -> Position {
        self.position
    }
}

fn record_at(personal: &[u8], body: &[u8], position: Position) -> Result<Value, ReadError> {
    let line = |of: &'_ [u8]| -> Result<Vec<u8>, ReadError> {
        let found = of.split(|byte| *byte == b'\n').nth(position.ordinal());
        found.map(<[u8]>::to_vec).ok_or(ReadError::Dangling(position.frame()))
    };
    let mut record: Map<String, Value> = serde_json::from_slice(&line(body)?)?;
    Personal::parse(&line(personal)?)?.put_back(&mut record);
    Ok(Value::Object(record))
}
