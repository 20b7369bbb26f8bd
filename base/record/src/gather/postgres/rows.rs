//! Reading rows back.

use super::statements;
use super::{ChainTip, FoundFrame, KeptEntries, LogError, LogHead, LogSpan, LogTile, StoredCheckpoint};
use crate::connect::Client;
use crate::frame::{Hash, WriterId};
use signet_kernel::{TenantId, Timestamp};
use std::collections::HashMap;
use tokio_postgres::Row;

pub(super) fn head(row: &Row, at: usize) -> Result<LogHead, LogError> {
    let root: &[u8] = row.try_get(at + 1)?;
    let root = root.try_into().map_err(|_| LogError::Damaged("record_log_heads"))?;
    Ok(LogHead { size: row.try_get::<_, i64>(at)?.cast_unsigned(), root })
}

pub(super) fn span(row: &Row) -> Result<LogSpan, LogError> {
    let count = u32::try_from(row.try_get::<_, i64>(2)?).map_err(|_| LogError::Damaged("record_log_spans"))?;
    Ok(LogSpan { first_leaf: row.try_get::<_, i64>(0)?.cast_unsigned(), frame: row.try_get(1)?, count })
}

pub(super) fn tip(row: &Row) -> Result<((String, WriterId), ChainTip), LogError> {
    let hash = Hash::from_slice(row.try_get(4)?).ok_or(LogError::Damaged("record_log_cursors"))?;
    let (next_seq, next_first) = (row.try_get::<_, i64>(2)?, row.try_get::<_, i64>(3)?);
    let tip = ChainTip { next_seq: next_seq.cast_unsigned(), next_first: next_first.cast_unsigned(), hash };
    Ok(((row.try_get(0)?, WriterId::from_uuid(row.try_get(1)?)), tip))
}

pub(super) fn checkpoint(row: &Row) -> Result<StoredCheckpoint, LogError> {
    let (epoch, size) = (row.try_get::<_, i64>(0)?.cast_unsigned(), row.try_get::<_, i64>(1)?.cast_unsigned());
    Ok(StoredCheckpoint { epoch, size, note: row.try_get(2)?, kept: row.try_get(3)? })
}

pub(super) fn frame(row: &Row) -> Result<FoundFrame, LogError> {
    let damaged = || LogError::Damaged("record_frames");
    Ok(FoundFrame {
        number: row.try_get(0)?,
        tenant: TenantId::from_uuid(row.try_get(1)?),
        table: row.try_get(2)?,
        writer: WriterId::from_uuid(row.try_get(3)?),
        seq: row.try_get::<_, i64>(4)?.cast_unsigned(),
        at: Timestamp::from_micros(row.try_get(5)?),
        first: row.try_get::<_, i64>(6)?.cast_unsigned(),
        count: u32::try_from(row.try_get::<_, i64>(7)?).map_err(|_| damaged())?,
        prev: Hash::from_slice(row.try_get(8)?).ok_or_else(damaged)?,
        hash: Hash::from_slice(row.try_get(9)?).ok_or_else(damaged)?,
        keys: row.try_get(10)?,
        personal: row.try_get(11)?,
        body: row.try_get(12)?,
    })
}

pub(super) async fn tiles(client: &Client, tenant: TenantId, wanted: &[(u8, u64)]) -> Result<Vec<LogTile>, LogError> {
    let (levels, indexes): (Vec<i16>, Vec<i64>) =
        wanted.iter().map(|(level, index)| (i16::from(*level), index.cast_signed())).unzip();
    let found = client.query(statements::TILES, &[&tenant.uuid(), &levels, &indexes]).await?;
    let tile = |row: &Row| {
        let level = u8::try_from(row.try_get::<_, i16>(0)?).map_err(|_| LogError::Damaged("record_log_tiles"))?;
        Ok(LogTile { level, index: row.try_get::<_, i64>(1)?.cast_unsigned(), hashes: row.try_get(2)? })
    };
    found.iter().map(tile).collect()
}

pub(super) async fn spans(
    client: &Client,
    tenant: TenantId,
    leaf: u64,
    limit: usize,
) -> Result<Vec<LogSpan>, LogError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let found = client.query(statements::SPANS, &[&tenant.uuid(), &leaf.cast_signed(), &limit]).await?;
    found.iter().map(span).collect()
}

pub(super) async fn frames(client: &Client, tenant: TenantId, wanted: &[i64]) -> Result<Vec<FoundFrame>, LogError> {
    let found = client.query(statements::FRAMES, &[&tenant.uuid(), &wanted]).await?;
    found.iter().map(frame).collect()
}

pub(super) async fn kept_entries(
    client: &Client,
    tenant: TenantId,
    wanted: &[u64],
) -> Result<Vec<KeptEntries>, LogError> {
    let wanted: Vec<i64> = wanted.iter().map(|leaf| leaf.cast_signed()).collect();
    let found = client.query(statements::KEPT_ENTRIES, &[&tenant.uuid(), &wanted]).await?;
    let kept =
        |row: &Row| Ok(KeptEntries { first_leaf: row.try_get::<_, i64>(0)?.cast_unsigned(), entries: row.try_get(1)? });
    found.iter().map(kept).collect()
}

/// A transaction that sees one moment, for as long as it lives.
#[derive(Debug)]
pub(in crate::gather) struct Moment(Client);

impl Moment {
    pub(super) fn new(client: Client) -> Self {
        Self(client)
    }

    pub(in crate::gather) async fn heads(&self) -> Result<Vec<(TenantId, LogHead)>, LogError> {
        let found = self.0.query(statements::HEADS, &[]).await?;
        found.iter().map(|row| Ok((TenantId::from_uuid(row.try_get(2)?), head(row, 0)?))).collect()
    }

    pub(in crate::gather) async fn spans(
        &self,
        tenant: TenantId,
        leaf: u64,
        limit: usize,
    ) -> Result<Vec<LogSpan>, LogError> {
        spans(&self.0, tenant, leaf, limit).await
    }

    pub(in crate::gather) async fn frames(
        &self,
        tenant: TenantId,
        wanted: &[i64],
    ) -> Result<Vec<FoundFrame>, LogError> {
        frames(&self.0, tenant, wanted).await
    }

    pub(in crate::gather) async fn kept_entries(
        &self,
        tenant: TenantId,
        wanted: &[u64],
    ) -> Result<Vec<KeptEntries>, LogError> {
        kept_entries(&self.0, tenant, wanted).await
    }

    pub(in crate::gather) async fn tiles(
        &self,
        tenant: TenantId,
        wanted: &[(u8, u64)],
    ) -> Result<Vec<LogTile>, LogError> {
        tiles(&self.0, tenant, wanted).await
    }

    pub(in crate::gather) async fn tile_count(&self, tenant: TenantId) -> Result<u64, LogError> {
        self.count(statements::TILE_COUNT, tenant).await
    }

    pub(in crate::gather) async fn tips(
        &self,
        tenant: TenantId,
    ) -> Result<HashMap<(String, WriterId), ChainTip>, LogError> {
        self.0.query(statements::ALL_TIPS, &[&tenant.uuid()]).await?.iter().map(tip).collect()
    }

    pub(in crate::gather) async fn checkpoints(&self, tenant: TenantId) -> Result<Vec<StoredCheckpoint>, LogError> {
        self.0.query(statements::CHECKPOINTS, &[&tenant.uuid()]).await?.iter().map(checkpoint).collect()
    }

    pub(in crate::gather) async fn frame_count(&self, tenant: TenantId) -> Result<u64, LogError> {
        self.count(statements::FRAME_COUNT, tenant).await
    }

    async fn count(&self, sql: &str, tenant: TenantId) -> Result<u64, LogError> {
        Ok(self.0.query_one(sql, &[&tenant.uuid()]).await?.try_get::<_, i64>(0)?.cast_unsigned())
    }
}
