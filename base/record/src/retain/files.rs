//! In files, where frames are numbered in the order of their commits.

use super::{AgedFrame, RemovedFrame, hash};
use crate::query::ReadError;
use rusqlite::{Connection, OptionalExtension as _};
use signet_kernel::{TenantId, Timestamp};

pub(super) fn aged(
    frames: &Connection,
    tenant: TenantId,
    (before, after): (Timestamp, i64),
    limit: usize,
) -> Result<(Vec<AgedFrame>, Option<i64>), ReadError> {
    let mut select = frames.prepare_cached(
        "SELECT id, tenant = ?2, table_name, at, count FROM frames WHERE id > ?1 ORDER BY id LIMIT ?3",
    )?;
    let mut rows = select.query((after, tenant.as_bytes(), limit))?;
    let (mut found, mut looked, mut last) = (Vec::new(), 0, after);
    while let Some(row) = rows.next()? {
        let committed = Timestamp::from_micros(row.get(3)?);
        if committed >= before {
            return Ok((found, None));
        }
        (looked, last) = (looked + 1, row.get(0)?);
        if row.get(1)? {
            found.push(AgedFrame { number: last, table: row.get(2)?, committed, count: row.get(4)? });
        }
    }
    Ok((found, (looked == limit).then_some(last)))
}

pub(super) fn removed(
    frames: &Connection,
    tenant: TenantId,
    after: i64,
    limit: usize,
) -> Result<Vec<RemovedFrame>, ReadError> {
    let mut select = frames.prepare_cached(
        "SELECT number, id, table_name, at, from_at, until_at, hash FROM removed
         WHERE tenant = ?1 AND number > ?2 ORDER BY number LIMIT ?3",
    )?;
    let mut rows = select.query((tenant.as_bytes(), after, limit))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let frame = row.get(1)?;
        let time = |at| Ok::<_, rusqlite::Error>(Timestamp::from_micros(row.get(at)?));
        let hash = hash(row.get_ref(6)?.as_blob().map_err(rusqlite::Error::from)?, frame)?;
        let (number, table) = (row.get(0)?, row.get(2)?);
        found.push(RemovedFrame { number, frame, table, committed: time(3)?, from: time(4)?, until: time(5)?, hash });
    }
    Ok(found)
}

pub(super) fn erasures(frames: &Connection, tenant: TenantId) -> Result<i64, ReadError> {
    let mut select = frames.prepare_cached("SELECT number FROM erasures WHERE tenant = ?1")?;
    Ok(select.query_row([tenant.as_bytes()], |row| row.get(0)).optional()?.unwrap_or(0))
}
