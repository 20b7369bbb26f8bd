//! Reading records back from PostgreSQL, whichever node wrote them.

use super::{Cursor, Frame, Page, Query, ReadError};
use crate::connect::Connect;
use crate::frame::Position;
use parking_lot::Mutex;
use signet_kernel::{Failure, Timestamp};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio_postgres::Client;

/// How long a query may take; beyond what the server itself allows a statement.
const LIMIT: Duration = Duration::from_secs(15);

const FIND: &str = "SELECT at, position FROM record_rows \
    WHERE tenant = $1 AND table_name = $2 AND at >= $3 AND (at, position) < ($4, $5) \
    AND ($6::text IS NULL OR about = $6) AND ($7::text IS NULL OR id = $7) AND ($8::text IS NULL OR outcome = $8) \
    ORDER BY at DESC, position DESC LIMIT $9";
const LOAD: &str = "SELECT id, at, personal, body FROM record_frames WHERE tenant = $1 AND id = ANY($2::bigint[])";

/// Connections that read, at most as many at work as there are permits.
pub(crate) struct PostgresReaders {
    connect: Arc<dyn Connect>,
    idle: Mutex<Vec<Client>>,
    permits: Semaphore,
}

impl PostgresReaders {
    pub(crate) fn new(connect: Arc<dyn Connect>, count: usize) -> Self {
        Self { connect, idle: Mutex::new(Vec::new()), permits: Semaphore::new(count.max(1)) }
    }

    pub(crate) async fn page(&self, query: &Query) -> Result<Page, Failure> {
        self.with(async |client| page(client, query).await).await
    }

    /// Where the records lie, newest first.
    pub(crate) async fn find(&self, query: &Query, limit: usize) -> Result<Vec<Cursor>, Failure> {
        self.with(async |client| find(client, query, limit).await).await
    }

    pub(crate) fn close(&self) {
        self.permits.close();
        self.idle.lock().clear();
    }

    /// Runs on a connection; one that failed is not used again.
    pub(crate) async fn with<T>(&self, work: impl AsyncFnOnce(&Client) -> Result<T, ReadError>) -> Result<T, Failure> {
        let _permit = self.permits.acquire().await.map_err(|_| Failure::busy("the record is shut down"))?;
        let done = async {
            let idle = self.idle.lock().pop().filter(|client| !client.is_closed());
            let client = match idle {
                Some(client) => client,
                None => self.connect.connect().await.map_err(ReadError::Unreachable)?,
            };
            let found = work(&client).await?;
            self.idle.lock().push(client);
            Ok(found)
        };
        tokio::time::timeout(LIMIT, done).await.unwrap_or(Err(ReadError::Late)).map_err(|error| match error {
            ReadError::Dangling(_) | ReadError::Json(_) => Failure::bug(error),
            _ => Failure::busy(error),
        })
    }
}

async fn page(client: &Client, query: &Query) -> Result<Page, ReadError> {
    let limit = query.limit.clamp(1, 10_000);
    let mut found = find(client, query, limit + 1).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().copied().filter(|_| more);
    let frames: BTreeSet<i64> = found.iter().map(|place| place.position.frame()).collect();
    let frames: Vec<i64> = frames.into_iter().collect();
    let mut loaded: HashMap<i64, Frame> = HashMap::new();
    for row in client.query(LOAD, &[&query.tenant.uuid(), &frames]).await? {
        let committed = Timestamp::from_micros(row.try_get(1)?);
        loaded.insert(row.try_get(0)?, Frame { committed, personal: row.try_get(2)?, body: row.try_get(3)? });
    }
    let mut page = Page::empty(next);
    for place in found {
        // What lies in a frame that was removed meanwhile is not there.
        if let Some(frame) = loaded.get(&place.position.frame()) {
            page.push(place, frame)?;
        }
    }
    Ok(page)
}

async fn find(client: &Client, query: &Query, limit: usize) -> Result<Vec<Cursor>, ReadError> {
    let until = |at: Timestamp| Cursor { at: at.micros(), position: Position::from_i64(i64::MIN) };
    let end = Cursor { at: i64::MAX, position: Position::from_i64(i64::MAX) };
    let before = query.to.map_or(end, until).min(query.after.unwrap_or(end));
    let rows = client
        .query(
            FIND,
            &[
                &query.tenant.uuid(),
                &query.table,
                &query.from.map_or(i64::MIN, Timestamp::micros),
                &before.at,
                &before.position.as_i64(),
                &query.about,
                &query.id,
                &query.outcome,
                &i64::try_from(limit).unwrap_or(i64::MAX),
            ],
        )
        .await?;
    rows.iter().map(|row| Ok(Cursor { at: row.try_get(0)?, position: Position::from_i64(row.try_get(1)?) })).collect()
}
