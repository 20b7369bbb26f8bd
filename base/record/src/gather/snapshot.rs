//! Everything as it is at one moment, for who verifies.

use super::files::{self, Pair};
use super::found::{ChainTip, FoundFrame};
use super::postgres::Moment;
use super::{KeptEntries, LogError, LogHead, LogSpan, LogTile, StoredCheckpoint};
use crate::frame::WriterId;
use signet_kernel::TenantId;
use std::collections::HashMap;
use std::path::Path;

/// The log and the frames at one moment. It reads in the thread that asks: for programs that do nothing else.
#[derive(Debug)]
pub struct LogSnapshot(Kind);

#[derive(Debug)]
enum Kind {
    Files(Box<Pair>),
    Postgres(Box<Moment>),
}

impl LogSnapshot {
    /// Of the files in `directory`, whether or not they are being written.
    pub fn of_files(directory: &Path) -> Result<Self, LogError> {
        let pair = Pair::read_only(directory)?;
        let now = Pair::read_only(directory)?;
        loop {
            // The log first: every frame that it names is then there, or its entries were kept before it was removed.
            for (connection, table) in [(&pair.log, "log_heads"), (&pair.frames, "frames")] {
                connection.execute_batch("BEGIN")?;
                connection.query_row(&format!("SELECT EXISTS (SELECT 1 FROM {table})"), (), |_| Ok(()))?;
            }
            // Those that were kept between the two moments may be of frames that were removed there: once more.
            if last_kept(&now.log)? == last_kept(&pair.log)? {
                return Ok(Self(Kind::Files(Box::new(pair))));
            }
            pair.log.execute_batch("ROLLBACK")?;
            pair.frames.execute_batch("ROLLBACK")?;
        }
    }

    pub(super) fn of_postgres(moment: Moment) -> Self {
        Self(Kind::Postgres(Box::new(moment)))
    }

    /// Every tenant that has frames in the log.
    pub async fn heads(&self) -> Result<Vec<(TenantId, LogHead)>, LogError> {
        match &self.0 {
            Kind::Files(pair) => {
                let mut select = pair.log.prepare("SELECT tenant, size, root FROM log_heads ORDER BY tenant")?;
                let rows = select.query_map((), |row| {
                    let head = LogHead { size: row.get::<_, i64>(1)?.cast_unsigned(), root: row.get(2)? };
                    Ok((files::tenant_at(row, 0)?, head))
                })?;
                Ok(rows.collect::<Result<_, _>>()?)
            }
            Kind::Postgres(moment) => moment.heads().await,
        }
    }

    /// At most `limit` spans, from the one that holds `leaf`.
    pub async fn spans(&self, tenant: TenantId, leaf: u64, limit: usize) -> Result<Vec<LogSpan>, LogError> {
        match &self.0 {
            Kind::Files(pair) => files::spans(&pair.log, tenant, leaf, limit),
            Kind::Postgres(moment) => moment.spans(tenant, leaf, limit).await,
        }
    }

    /// Those of the wanted frames that are there.
    pub async fn frames(&self, tenant: TenantId, wanted: &[i64]) -> Result<Vec<FoundFrame>, LogError> {
        match &self.0 {
            Kind::Files(pair) => files::frames(&pair.frames, tenant, wanted),
            Kind::Postgres(moment) => moment.frames(tenant, wanted).await,
        }
    }

    /// Entries that were kept of frames that are not, by their first leaves.
    pub async fn kept_entries(&self, tenant: TenantId, wanted: &[u64]) -> Result<Vec<KeptEntries>, LogError> {
        match &self.0 {
            Kind::Files(pair) => files::kept_entries(&pair.log, tenant, wanted),
            Kind::Postgres(moment) => moment.kept_entries(tenant, wanted).await,
        }
    }

    /// Those of the wanted tiles that are there.
    pub async fn tiles(&self, tenant: TenantId, wanted: &[(u8, u64)]) -> Result<Vec<LogTile>, LogError> {
        match &self.0 {
            Kind::Files(pair) => files::tiles(&pair.log, tenant, wanted),
            Kind::Postgres(moment) => moment.tiles(tenant, wanted).await,
        }
    }

    /// How many tiles are kept.
    pub async fn tile_count(&self, tenant: TenantId) -> Result<u64, LogError> {
        match &self.0 {
            Kind::Files(pair) => {
                let count = "SELECT count(*) FROM log_tiles WHERE tenant = ?1";
                Ok(pair.log.query_row(count, [tenant.as_bytes()], |row| row.get::<_, i64>(0))?.cast_unsigned())
            }
            Kind::Postgres(moment) => moment.tile_count(tenant).await,
        }
    }

    /// Where every chain stands, as the log says.
    pub async fn tips(&self, tenant: TenantId) -> Result<HashMap<(String, WriterId), ChainTip>, LogError> {
        match &self.0 {
            Kind::Files(pair) => files::all_tips(&pair.log, tenant),
            Kind::Postgres(moment) => moment.tips(tenant).await,
        }
    }

    /// Every kept checkpoint, by size.
    pub async fn checkpoints(&self, tenant: TenantId) -> Result<Vec<StoredCheckpoint>, LogError> {
        match &self.0 {
            Kind::Files(pair) => {
                let mut select = pair
                    .log
                    .prepare("SELECT epoch, size, note, kept FROM log_checkpoints WHERE tenant = ?1 ORDER BY size")?;
                let rows = select.query_map([tenant.as_bytes()], files::checkpoint)?;
                Ok(rows.collect::<Result<_, _>>()?)
            }
            Kind::Postgres(moment) => moment.checkpoints(tenant).await,
        }
    }

    /// Frames of a tenant that are there, in the log or not.
    pub async fn frame_count(&self, tenant: TenantId) -> Result<u64, LogError> {
        match &self.0 {
            Kind::Files(pair) => {
                let count = "SELECT count(*) FROM frames WHERE tenant = ?1";
                Ok(pair.frames.query_row(count, [tenant.as_bytes()], |row| row.get::<_, i64>(0))?.cast_unsigned())
            }
            Kind::Postgres(moment) => moment.frame_count(tenant).await,
        }
    }
}

fn last_kept(log: &rusqlite::Connection) -> Result<Option<i64>, LogError> {
    Ok(log.query_row("SELECT max(rowid) FROM log_entries", (), |row| row.get(0))?)
}
