//! In PostgreSQL, where frames of one block of numbers are in the order of their commits.

use super::{AgedFrame, RemovedFrame, hash};
use crate::connect::Client;
use crate::ledger::BLOCK_BITS;
use crate::query::ReadError;
use signet_kernel::{TenantId, Timestamp};

const AGED: &str =
    "SELECT id, table_name, at, count FROM record_frames WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3";
const REMOVED: &str = "SELECT number, id, table_name, at, from_at, until_at, hash FROM record_removed \
    WHERE tenant = $1 AND number > $2 ORDER BY number LIMIT $3";
const ERASURES: &str = "SELECT number FROM record_erasures WHERE tenant = $1";
/// The keys of the frames, so that their rows are found, and the function that removes both.
pub(crate) const KEYS: &str = "SELECT id, keys FROM record_frames WHERE tenant = $1 AND id = ANY($2::bigint[])";
pub(crate) const REMOVE: &str = "SELECT record_remove($1, $2, $3, $4)";
pub(crate) const NOTE_ERASURE: &str = "INSERT INTO record_erasures AS e (tenant, number) VALUES ($1, 1) \
    ON CONFLICT (tenant) DO UPDATE SET number = e.number + 1";

pub(super) async fn aged(
    client: &Client,
    tenant: TenantId,
    (before, after): (Timestamp, i64),
    limit: usize,
) -> Result<(Vec<AgedFrame>, Option<i64>), ReadError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = client.query(AGED, &[&tenant.uuid(), &after, &limit]).await?;
    let mut found = Vec::new();
    for row in &rows {
        let (number, committed) = (row.try_get(0)?, Timestamp::from_micros(row.try_get(2)?));
        if committed >= before {
            // What follows in the block is younger still.
            let next_block = ((number >> BLOCK_BITS) + 1) << BLOCK_BITS;
            return Ok((found, Some(next_block - 1)));
        }
        let count = u32::try_from(row.try_get::<_, i64>(3)?).unwrap_or(0);
        found.push(AgedFrame { number, table: row.try_get(1)?, committed, count });
    }
    let more = i64::try_from(rows.len()) == Ok(limit);
    Ok((found, rows.last().filter(|_| more).map(|row| row.try_get(0)).transpose()?))
}

pub(super) async fn removed(
    client: &Client,
    tenant: TenantId,
    after: i64,
    limit: usize,
) -> Result<Vec<RemovedFrame>, ReadError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut found = Vec::new();
    for row in client.query(REMOVED, &[&tenant.uuid(), &after, &limit]).await? {
        let frame = row.try_get(1)?;
        found.push(RemovedFrame {
            number: row.try_get(0)?,
            frame,
            table: row.try_get(2)?,
            committed: Timestamp::from_micros(row.try_get(3)?),
            from: Timestamp::from_micros(row.try_get(4)?),
            until: Timestamp::from_micros(row.try_get(5)?),
            hash: hash(row.try_get(6)?, frame)?,
        });
    }
    Ok(found)
}

pub(super) async fn erasures(client: &Client, tenant: TenantId) -> Result<i64, ReadError> {
    let row = client.query_opt(ERASURES, &[&tenant.uuid()]).await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?.unwrap_or(0))
}
