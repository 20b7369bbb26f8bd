//! Verifying what lies in PostgreSQL.

use super::removed::Sorted;
use super::{Frame, StoredCheckpoint, Verification, VerifyError, VerifyReport};
use crate::checkpoint::CheckpointVerifier;
use crate::frame::{FrameHeader, Hash, WriterId};
use signet_kernel::{TenantId, Timestamp};
use std::collections::HashSet;
use tokio_postgres::{Client, IsolationLevel, Row, Transaction};
use uuid::Uuid;

/// Frames read at once.
const PAGE: i64 = 200;

const CHECKPOINTS: &str =
    "SELECT tenant, sequence, statement, key_id, signature FROM record_checkpoints ORDER BY tenant, sequence";
const FRAMES: &str = "SELECT id, tenant, table_name, writer, seq, at, first, count, prev, hash, keys, personal, body \
    FROM record_frames WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3";

const TENANTS: &str = "SELECT tenant FROM record_frames UNION SELECT tenant FROM record_removed";

/// Verifies the record in the database of `client`, whether or not it is being written; see [`super::verify`].
pub async fn verify_postgres(
    client: &mut Client,
    verifier: &(dyn CheckpointVerifier + Sync),
) -> Result<VerifyReport, VerifyError> {
    // Frames and checkpoints of the same moment.
    let begin = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true);
    let moment = begin.start().await?;
    let mut verification = Verification::default();
    for row in moment.query(CHECKPOINTS, &[]).await? {
        let stored = StoredCheckpoint {
            tenant: TenantId::from_uuid(row.try_get(0)?),
            sequence: row.try_get::<_, i64>(1)?.cast_unsigned(),
            statement: row.try_get(2)?,
            key_id: row.try_get(3)?,
            signature: row.try_get(4)?,
        };
        verification.checkpoint(verifier, &stored)?;
    }
    let mut writers = HashSet::new();
    for row in moment.query("SELECT id FROM record_writers", &[]).await? {
        writers.insert(WriterId::from_uuid(row.try_get(0)?));
    }
    for row in moment.query(TENANTS, &[]).await? {
        verify_tenant(&moment, row.try_get(0)?, &writers, &mut verification).await?;
    }
    verification.finish()
}

async fn verify_tenant(
    moment: &Transaction<'_>,
    tenant: Uuid,
    writers: &HashSet<WriterId>,
    verification: &mut Verification,
) -> Result<(), VerifyError> {
    let frames = moment.prepare(FRAMES).await?;
    let mut reached = i64::MIN;
    let mut gone = Sorted::new();
    loop {
        let rows = moment.query(&frames, &[&tenant, &reached, &PAGE]).await?;
        let Some(last) = rows.last() else { break };
        reached = last.try_get(0)?;
        for row in &rows {
            while let Some(removed) = gone.next_of(moment, tenant, row.try_get(0)?).await? {
                verification.removed(removed)?;
            }
            let frame = read(row)?.filter(|frame| writers.contains(&frame.header.writer));
            verification.frame(&frame.ok_or(VerifyError::Row(row.try_get(0)?))?)?;
        }
    }
    while let Some(removed) = gone.next_of(moment, tenant, i64::MAX).await? {
        verification.removed(removed)?;
    }
    Ok(())
}

fn read(row: &Row) -> Result<Option<Frame<'_>>, VerifyError> {
    let (prev, hash) = (Hash::from_slice(row.try_get(8)?), Hash::from_slice(row.try_get(9)?));
    let (Some(prev), Some(hash), Ok(count)) = (prev, hash, u32::try_from(row.try_get::<_, i64>(7)?)) else {
        return Ok(None);
    };
    let header = FrameHeader {
        tenant: TenantId::from_uuid(row.try_get(1)?),
        table: row.try_get(2)?,
        writer: WriterId::from_uuid(row.try_get(3)?),
        seq: row.try_get::<_, i64>(4)?.cast_unsigned(),
        at: Timestamp::from_micros(row.try_get(5)?),
        first: row.try_get::<_, i64>(6)?.cast_unsigned(),
        count,
        prev,
    };
    let (keys, personal, body) = (row.try_get(10)?, row.try_get(11)?, row.try_get(12)?);
    Ok(Some(Frame { header, hash, keys, personal, body }))
}
