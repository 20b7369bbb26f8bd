//! Rows of frames that were removed go as well.

use rusqlite::{Connection, OptionalExtension as _, params};

/// Frames whose rows go in one transaction.
const AT_ONCE: usize = 256;

/// Removes the rows of every frame that was removed since the last time.
pub(super) fn sweep(frames: &Connection, rows: &Connection) -> Result<(), rusqlite::Error> {
    let mut tenants = frames.prepare_cached("SELECT DISTINCT tenant FROM removed")?;
    let tenants: Vec<Vec<u8>> = tenants.query_map((), |row| row.get(0))?.collect::<Result<_, _>>()?;
    for tenant in tenants {
        while sweep_some(frames, rows, &tenant)? == AT_ONCE {}
    }
    Ok(())
}

fn sweep_some(frames: &Connection, rows: &Connection, tenant: &[u8]) -> Result<usize, rusqlite::Error> {
    let transaction = rows.unchecked_transaction()?;
    let mut reached = transaction.prepare_cached("SELECT coalesce((SELECT number FROM swept WHERE tenant = ?1), 0)")?;
    let mut number: i64 = reached.query_row([tenant], |row| row.get(0))?;
    let mut stream = transaction.prepare_cached("SELECT stream FROM streams WHERE tenant = ?1 AND table_name = ?2")?;
    let mut remove = transaction.prepare_cached(
        "DELETE FROM rows WHERE stream = ?1 AND at >= ?2 AND at <= ?3 AND position >= ?4 << 12 AND position < (?4 + 1) << 12",
    )?;
    let mut select = frames.prepare_cached(
        "SELECT number, id, table_name, from_at, until_at FROM removed WHERE tenant = ?1 AND number > ?2
         ORDER BY number LIMIT ?3",
    )?;
    let mut removed = select.query(params![tenant, number, AT_ONCE])?;
    let mut count = 0;
    while let Some(row) = removed.next()? {
        number = row.get(0)?;
        count += 1;
        let (id, from, until): (i64, i64, i64) = (row.get(1)?, row.get(3)?, row.get(4)?);
        let table = row.get_ref(2)?.as_str()?;
        let found: Option<i64> = stream.query_row(params![tenant, table], |row| row.get(0)).optional()?;
        if let Some(stream) = found {
            remove.execute(params![stream, from, until, id])?;
        }
    }
    drop((reached, stream, remove));
    transaction.execute("INSERT OR REPLACE INTO swept (tenant, number) VALUES (?1, ?2)", params![tenant, number])?;
    transaction.commit()?;
    Ok(count)
}
