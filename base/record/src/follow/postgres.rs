//! Following what several nodes write to PostgreSQL.
//!
//! Each writer takes frame numbers in blocks and commits in their order; writers side by side commit in any. So a reader
//! remembers its place in each block.

use super::{Frame, Place, Tables, Taken};
use crate::ledger::BLOCK_BITS;
use crate::query::ReadError;
use signet_kernel::{TenantId, Timestamp};
use std::collections::BTreeMap;
use std::ops::Range;
use tokio_postgres::Client;

/// Frames in one answer at most: some may hold thousands of records.
const FRAMES: i64 = 64;

pub(super) const BLOCKS: &str = "SELECT next FROM record_blocks";
/// Of tables that are not wanted the number alone.
const FOLLOW: &str = "SELECT f.id, f.table_name, f.at, f.keys, f.personal, f.body, f.count \
    FROM unnest($2::bigint[], $3::bigint[]) AS b(after, until) CROSS JOIN LATERAL ( \
        SELECT r.id, r.table_name, r.at, r.count, w.keys, w.personal, w.body FROM record_frames r \
        LEFT JOIN LATERAL (SELECT r.keys, r.personal, r.body WHERE $5::text[] IS NULL OR r.table_name = ANY ($5)) w ON true \
        WHERE r.tenant = $1 AND r.id > b.after AND r.id < b.until ORDER BY r.id LIMIT $4 \
    ) AS f ORDER BY f.id LIMIT $4";
const ENDS: &str = "SELECT id >> $2::int, max(id) FROM record_frames WHERE tenant = $1 GROUP BY 1";

pub(super) async fn follow<T: Taken>(
    client: &Client,
    tenant: TenantId,
    tables: &Tables,
    mut place: Place,
    limit: usize,
) -> Result<(Vec<T>, Place), ReadError> {
    let next: i64 = client.query_one(BLOCKS, &[]).await?.try_get(0)?;
    let mut found = Found { taken: Vec::new(), records: 0, limit };
    while !piece(client, tenant, tables, &mut place, next, &mut found).await? {}
    Ok((found.taken, place))
}

/// What was found so far, and how many records are enough.
struct Found<T> {
    taken: Vec<T>,
    records: usize,
    limit: usize,
}

/// Reads some frames of blocks before `next`; whether that is enough, or all that there is.
async fn piece<T: Taken>(
    client: &Client,
    tenant: TenantId,
    tables: &Tables,
    place: &mut Place,
    next: i64,
    found: &mut Found<T>,
) -> Result<bool, ReadError> {
    let (afters, untils) = spans(place, (place.after >> BLOCK_BITS)..next);
    let rows = client.query(FOLLOW, &[&tenant.uuid(), &afters, &untils, &FRAMES, &only(tables)]).await?;
    let all = i64::try_from(rows.len()) != Ok(FRAMES);
    for row in rows {
        let (id, table): (i64, &str) = (row.try_get(0)?, row.try_get(1)?);
        if tables.wants(table) {
            let (keys, personal, body): (&[u8], &[u8], &[u8]) = (row.try_get(3)?, row.try_get(4)?, row.try_get(5)?);
            let committed = Timestamp::from_micros(row.try_get(2)?);
            let count = usize::try_from(row.try_get::<_, i64>(6)?).unwrap_or_default();
            T::take(&Frame { table, committed, count, keys, personal, body }, &mut found.taken)?;
            found.records += count;
        }
        place.blocks.insert(id >> BLOCK_BITS, id);
        if found.records >= found.limit {
            return Ok(true);
        }
    }
    Ok(all || found.records > 0)
}

/// The names of the tables that are wanted; none for all.
pub(super) fn only(tables: &Tables) -> Option<Vec<&str>> {
    match tables {
        Tables::All => None,
        Tables::Only(names) => Some(names.iter().map(String::as_str).collect()),
    }
}

/// After which frame, and before which, there may be something unread in each block.
pub(super) fn spans(place: &Place, blocks: Range<i64>) -> (Vec<i64>, Vec<i64>) {
    let after = |block: i64| place.blocks.get(&block).copied().unwrap_or((block << BLOCK_BITS) - 1).max(place.after);
    blocks.map(|block| (after(block), (block + 1) << BLOCK_BITS)).unzip()
}

pub(super) async fn end(client: &Client, tenant: TenantId) -> Result<Place, ReadError> {
    let bits = i32::try_from(BLOCK_BITS).unwrap_or_default();
    let mut blocks = BTreeMap::new();
    for row in client.query(ENDS, &[&tenant.uuid(), &bits]).await? {
        blocks.insert(row.try_get(0)?, row.try_get(1)?);
    }
    Ok(Place { after: 0, blocks })
}
