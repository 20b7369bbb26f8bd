//! Reading a tenant's records in the order of their commits, from where a reader left off: for whoever hands them on.

mod behind;
mod postgres;

use crate::entry::StoredKeys;
use crate::personal::Personal;
use crate::query::{ReadError, Reader};
use crate::record::{Reading, Record};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use signet_kernel::{Failure, TenantId, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// How far a reader has come in the records of one tenant: the default is before the first. Kept by the reader, and of no
/// meaning in another record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Every frame up to this one was read, whichever node wrote it.
    after: i64,
    /// The last frame that was read of a block of frame numbers. A block is one writer's, whose commits are in order; what
    /// another writer does later may lie in an earlier block.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    blocks: BTreeMap<i64, i64>,
}

/// A record that was followed.
#[derive(Debug, Clone, PartialEq)]
pub struct Followed {
    /// Its table.
    pub table: String,
    /// Its own id.
    pub id: String,
    /// When it was committed.
    pub committed: Timestamp,
    /// The columns, personal values in their places; `null` where one was erased.
    pub columns: Map<String, Value>,
}

/// A commit's records of one table as they are stored, for whoever reads them elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowedFrame {
    /// Their table.
    pub table: String,
    /// When they were committed.
    pub committed: Timestamp,
    /// How many they are.
    pub count: usize,
    keys: Vec<u8>,
    personal: Vec<u8>,
    body: Vec<u8>,
}

/// Which tables' records are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tables {
    /// Every table's.
    All,
    /// Those of these tables; others are passed over unread.
    Only(BTreeSet<String>),
}

impl Tables {
    fn wants(&self, table: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.contains(table),
        }
    }
}

/// Whose records there may be news of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// These tenants', and nobody else's.
    Of(BTreeSet<TenantId>),
    /// Anybody's: each has to be asked for.
    Unknown,
}

impl Record {
    /// Records of a tenant after `place`, oldest first in each chain, and where to go on. Reads whole commits, so there may
    /// be more than `limit`; none says that there is nothing more now.
    pub async fn follow(
        &self,
        tenant: TenantId,
        tables: &Tables,
        place: &Place,
        limit: usize,
    ) -> Result<(Vec<Followed>, Place), Failure> {
        self.follow_as(tenant, tables, place, limit).await
    }

    /// The same records as they are stored, unread.
    pub async fn follow_frames(
        &self,
        tenant: TenantId,
        tables: &Tables,
        place: &Place,
        limit: usize,
    ) -> Result<(Vec<FollowedFrame>, Place), Failure> {
        self.follow_as(tenant, tables, place, limit).await
    }

    async fn follow_as<T: Taken>(
        &self,
        tenant: TenantId,
        tables: &Tables,
        place: &Place,
        limit: usize,
    ) -> Result<(Vec<T>, Place), Failure> {
        let (place, tables) = (place.clone(), tables.clone());
        match &self.inner.reading {
            Reading::Files { readers, .. } => {
                readers.with(move |reader| follow(reader, tenant, &tables, place, limit)).await
            }
            Reading::Postgres(readers) => {
                readers.with(async |client| postgres::follow(client, tenant, &tables, place, limit).await).await
            }
        }
    }

    /// Whose records were committed after `mark`, which is moved on. Zero is the mark before the first.
    pub async fn news(&self, mark: &mut i64) -> Result<News, Failure> {
        let Reading::Files { readers, .. } = &self.inner.reading else { return Ok(News::Unknown) };
        let since = *mark;
        let (of, last) = readers.with(move |reader| news(reader, since)).await?;
        *mark = last;
        Ok(News::Of(of))
    }

    /// Where the records of a tenant end now.
    pub async fn end(&self, tenant: TenantId) -> Result<Place, Failure> {
        match &self.inner.reading {
            Reading::Files { readers, .. } => readers.with(|reader| Ok(Place::up_to(last_frame(reader)?))).await,
            Reading::Postgres(readers) => readers.with(async |client| postgres::end(client, tenant).await).await,
        }
    }
}

impl Place {
    /// Whether whoever stands here has read a frame, by its number.
    pub fn is_past(&self, frame: i64) -> bool {
        let of_block = self.blocks.get(&(frame >> crate::ledger::BLOCK_BITS));
        frame <= self.after || of_block.is_some_and(|last| frame <= *last)
    }

    const fn up_to(after: i64) -> Self {
        Self { after, blocks: BTreeMap::new() }
    }
}

fn last_frame(reader: &Reader) -> Result<i64, ReadError> {
    let mut last = reader.frames.prepare_cached(crate::database::LAST_FRAME)?;
    Ok(last.query_row((), |row| row.get(0))?)
}

/// One process writes a file, and its frames are numbered in the order of their commits.
fn follow<T: Taken>(
    reader: &Reader,
    tenant: TenantId,
    tables: &Tables,
    place: Place,
    limit: usize,
) -> Result<(Vec<T>, Place), ReadError> {
    // First: a frame that is committed meanwhile is read the next time.
    let last = last_frame(reader)?;
    let mut select = reader.frames.prepare_cached(
        "SELECT id, table_name, at, keys, personal, body, count FROM frames
         WHERE id > ?1 AND id <= ?2 AND tenant = ?3 ORDER BY id",
    )?;
    let mut frames = select.query((place.after, last, tenant.as_bytes()))?;
    let (mut taken, mut records) = (Vec::new(), 0);
    while let Some(row) = frames.next()? {
        let table = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        if !tables.wants(table) {
            continue;
        }
        let blob = |at| Ok::<_, rusqlite::Error>(row.get_ref(at)?.as_blob()?);
        let frame = Frame {
            table,
            committed: Timestamp::from_micros(row.get(2)?),
            count: row.get(6)?,
            keys: blob(3)?,
            personal: blob(4)?,
            body: blob(5)?,
        };
        T::take(&frame, &mut taken)?;
        records += frame.count;
        if records >= limit {
            return Ok((taken, Place::up_to(row.get(0)?)));
        }
    }
    Ok((taken, Place::up_to(last.max(place.after))))
}

fn news(reader: &Reader, mark: i64) -> Result<(BTreeSet<TenantId>, i64), ReadError> {
    let last = last_frame(reader)?;
    let mut select = reader.frames.prepare_cached("SELECT DISTINCT tenant FROM frames WHERE id > ?1 AND id <= ?2")?;
    let found = select.query_map((mark, last), |row| Ok(TenantId::from_slice(row.get_ref(0)?.as_blob()?)))?;
    let tenants = found.collect::<Result<Vec<_>, _>>()?;
    Ok((tenants.into_iter().flatten().collect(), last.max(mark)))
}

/// A frame as it is read, wherever it lies.
struct Frame<'r> {
    table: &'r str,
    committed: Timestamp,
    count: usize,
    keys: &'r [u8],
    personal: &'r [u8],
    body: &'r [u8],
}

/// What a reader makes of a frame.
trait Taken: Send + Sized + 'static {
    fn take(frame: &Frame<'_>, into: &mut Vec<Self>) -> Result<(), serde_json::Error>;
}

impl Taken for Followed {
    fn take(frame: &Frame<'_>, into: &mut Vec<Self>) -> Result<(), serde_json::Error> {
        let lines = |of| <[u8]>::split(of, |byte: &u8| *byte == b'\n');
        for ((keys, personal), body) in lines(frame.keys).zip(lines(frame.personal)).zip(lines(frame.body)) {
            let StoredKeys(_, id, ..) = serde_json::from_slice(keys)?;
            let mut columns: Map<String, Value> = serde_json::from_slice(body)?;
            Personal::parse(personal)?.put_back(&mut columns);
            let (table, committed) = (frame.table.to_owned(), frame.committed);
            into.push(Self { table, id: id.into_owned(), committed, columns });
        }
        Ok(())
    }
}

impl Taken for FollowedFrame {
    fn take(frame: &Frame<'_>, into: &mut Vec<Self>) -> Result<(), serde_json::Error> {
        into.push(Self {
            table: frame.table.to_owned(),
            committed: frame.committed,
            count: frame.count,
            keys: frame.keys.to_vec(),
            personal: frame.personal.to_vec(),
            body: frame.body.to_vec(),
        });
        Ok(())
    }
}

/// What stands before the bytes of a frame: its table, when it was committed, how many records it holds, and the lengths of
/// their keys and personal values.
type Head<'a> = (std::borrow::Cow<'a, str>, Timestamp, usize, usize, usize);

impl FollowedFrame {
    /// The records, personal values in their places.
    pub fn read(&self) -> Result<Vec<Followed>, serde_json::Error> {
        let Self { table, keys, personal, body, .. } = self;
        let (committed, count) = (self.committed, self.count);
        let mut read = Vec::with_capacity(count);
        Followed::take(&Frame { table, committed, count, keys, personal, body }, &mut read)?;
        Ok(read)
    }

    /// The frame in bytes, for another process.
    pub fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        let (keys, personal) = (self.keys.len(), self.personal.len());
        let head: Head<'_> = (self.table.as_str().into(), self.committed, self.count, keys, personal);
        let mut bytes = Vec::with_capacity(128 + self.keys.len() + self.personal.len() + self.body.len());
        serde_json::to_writer(&mut bytes, &head)?;
        bytes.push(b'\n');
        for part in [&self.keys, &self.personal, &self.body] {
            bytes.extend_from_slice(part);
        }
        Ok(bytes)
    }

    /// Reads what [`FollowedFrame::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        let short = || serde::de::Error::custom("a frame that ends early");
        let line = bytes.iter().position(|byte| *byte == b'\n').ok_or_else(short)?;
        let (head, rest) = bytes.split_at_checked(line).ok_or_else(short)?;
        let (table, committed, count, keys, personal): Head<'_> = serde_json::from_slice(head)?;
        let (keys, rest) = rest.get(1..).and_then(|rest| rest.split_at_checked(keys)).ok_or_else(short)?;
        let (personal, body) = rest.split_at_checked(personal).ok_or_else(short)?;
        let (keys, personal, body) = (keys.to_vec(), personal.to_vec(), body.to_vec());
        Ok(Self { table: table.into_owned(), committed, count, keys, personal, body })
    }
}
