//! The record and its log, moved from files into PostgreSQL. What readers look records up by is made anew from the frames,
//! as their writers would have made it. The log is moved as it is: what was signed of it stays true, and entries of frames
//! that were removed are nowhere else.

mod tables;

use crate::database::{self, records_path};
use crate::gather::log_path;
use crate::ledger::BLOCK_BITS;
use rusqlite::Connection;
use signet_transfer::{Progress, TransferError};
use std::path::Path;
use tables::{LOG, REACHED, RECORD};
use tokio_postgres::Client;

/// Moves what lies in `directory`, which nobody writes meanwhile, into the tables that are in the target already; the rows
/// of each table. Both files must be of the present schema. Cut off, it goes on where it ended when it is called again.
pub async fn transfer(
    directory: &Path,
    target: &mut Client,
    mut progress: impl FnMut(Progress),
) -> Result<Vec<(&'static str, u64)>, TransferError> {
    let record = database::open_mover(&records_path(directory))?;
    let log = database::open_read_only(&log_path(directory))?;
    // Readable in the order of the key.
    record.execute_batch("CREATE INDEX IF NOT EXISTS frames_in_order ON frames (tenant, id)")?;
    log.execute_batch(&format!(
        "CREATE TEMP VIEW {REACHED} AS SELECT tenant, frame >> {BLOCK_BITS} << {BLOCK_BITS} AS start, max(frame) AS frame
         FROM log_spans GROUP BY 1, 2"
    ))?;
    let mut counts = signet_transfer::transfer(&record, target, RECORD, &mut progress).await?;
    counts.extend(signet_transfer::transfer(&log, target, LOG, &mut progress).await?);
    target.execute("UPDATE record_blocks SET next = greatest(next, $1)", &[&next_block(&record, &log)?]).await?;
    record.execute_batch("DROP INDEX IF EXISTS frames_in_order")?;
    Ok(counts)
}

/// The first block of frame numbers of which none was given, of frames that were removed since neither.
fn next_block(record: &Connection, log: &Connection) -> Result<i64, TransferError> {
    let kept: i64 = record.query_row("SELECT coalesce(max(id), 0) FROM frames", (), |row| row.get(0))?;
    let gathered: i64 = log.query_row("SELECT coalesce(max(frame), 0) FROM log_spans", (), |row| row.get(0))?;
    Ok((kept.max(gathered) >> BLOCK_BITS) + 1)
}
