//! The SQL, and a batch as its columns.

use super::session::Session;
use crate::checkpoint::{Checkpoint, CheckpointSigner, Last};
use crate::entry::StoredKeys;
use crate::error::StorageError;
use crate::frame::{Hash, Position, WriterId};
use crate::groups::{Group, Groups};
use crate::once::Wanted;
use signet_kernel::Timestamp;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

// INVARIANT: locked in the order of the tenants, here as by whoever raises: nobody waits in a ring.
pub(super) const GATES: &str = "SELECT FROM gates WHERE tenant = ANY($1::uuid[]) ORDER BY tenant FOR SHARE";
pub(super) const COUNTERS: &str =
    "SELECT tenant, counter FROM revocations WHERE tenant = ANY($1::uuid[]) ORDER BY tenant FOR SHARE";
// Nothing comes back of a writer that was ended: whoever gathers frames looks for none of its any more.
pub(super) const OWN: &str = "SELECT FROM record_writers WHERE id = $1 AND ended IS NULL FOR UPDATE";
// INVARIANT: in the order of tenant and key on every node, and after the counters: nobody waits in a ring. What comes
// back may be used: nobody used it, or the same request did, or so long ago that it means nothing.
pub(super) const USE_UP: &str = "INSERT INTO record_used AS u (tenant, key, by_request, until) \
    SELECT * FROM unnest($1::uuid[], $2::bytea[], $3::uuid[], $4::bigint[]) ON CONFLICT (tenant, key) \
    DO UPDATE SET by_request = excluded.by_request, until = excluded.until \
    WHERE u.by_request = excluded.by_request OR u.until < $5::bigint RETURNING tenant, key, by_request";
// Whoever uses one of them just now is not waited for.
pub(super) const FORGET: &str = "DELETE FROM record_used WHERE (tenant, key) IN \
    (SELECT tenant, key FROM record_used WHERE until < $1 ORDER BY until LIMIT $2 FOR UPDATE SKIP LOCKED)";
pub(super) const ENTER: &str =
    "INSERT INTO record_writers (id, node, started, seen) VALUES ($1, $2, $3, $3) ON CONFLICT (id) DO NOTHING";
// In one statement: no frame lies in a block whose writer is not known.
pub(super) const TAKE_BLOCK: &str = "WITH taken AS (UPDATE record_blocks SET next = next + 1 RETURNING next - 1 AS block) \
    INSERT INTO record_writer_blocks (start, writer) SELECT block << 20, $1 FROM taken RETURNING start";
pub(super) const SEEN: &str = "UPDATE record_writers SET seen = $2 WHERE id = $1 AND ended IS NULL";
pub(super) const END: &str = "UPDATE record_writers SET ended = (SELECT coalesce(max(ended), 0) + 1 FROM record_writers) \
    WHERE id = $1 AND ended IS NULL";
pub(super) const PROBE: &str = "UPDATE record_writers SET node = node WHERE id = $1";
// What was removed since was there.
pub(super) const FRAME_EXISTS: &str = "SELECT FROM record_frames WHERE tenant = $1 AND id = $2 \
    UNION ALL SELECT FROM record_removed WHERE tenant = $1 AND id = $2";
pub(super) const STILL_THERE: &str = "SELECT FROM record_writers w WHERE w.id = $1 AND ($3::bigint IS NULL \
    OR EXISTS (SELECT FROM record_frames f WHERE f.tenant = $2::uuid AND f.id = $3 AND f.writer = w.id) \
    OR EXISTS (SELECT FROM record_removed f WHERE f.tenant = $2::uuid AND f.id = $3 AND f.writer = w.id))";
pub(super) const LOCK_PERSONAL: &str = "SELECT personal FROM record_frames WHERE tenant = $1 AND id = $2 FOR UPDATE";
pub(super) const PUT_PERSONAL: &str = "UPDATE record_frames SET personal = $3 WHERE tenant = $1 AND id = $2";
pub(super) const ADD_FRAMES: &str = "INSERT INTO record_frames \
    (tenant, id, table_name, seq, first, count, prev, hash, keys, personal, body, writer, at) \
    SELECT w.*, $12::uuid, $13::bigint FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], \
    $6::bigint[], $7::bytea[], $8::bytea[], $9::bytea[], $10::bytea[], $11::bytea[]) w";
pub(super) const ADD_ROWS: &str = "INSERT INTO record_rows (tenant, table_name, at, position, id, about, outcome) \
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[])";
const LAST_STATEMENT: &str =
    "SELECT statement FROM record_checkpoints WHERE tenant = $1 ORDER BY sequence DESC LIMIT 1";
const ADD_STATEMENT: &str = "INSERT INTO record_checkpoints (tenant, sequence, statement, key_id, signature) \
    VALUES ($1, $2, $3, $4, $5)";

type Values<'a, const N: usize> = [&'a (dyn ToSql + Sync); N];

/// Frames, column by column.
pub(super) struct Frames<'g> {
    tenants: Vec<Uuid>,
    ids: Vec<i64>,
    tables: Vec<&'g str>,
    seqs: Vec<i64>,
    firsts: Vec<i64>,
    counts: Vec<i64>,
    bytes: [Vec<&'g [u8]>; 5],
    writer: Uuid,
    at: i64,
}

impl<'g> Frames<'g> {
    pub(super) fn of(writer: WriterId, at: Timestamp, groups: &'g Groups) -> Self {
        fn column<'g, T>(groups: &'g Groups, of: impl FnMut(&'g Group) -> T) -> Vec<T> {
            groups.iter().map(of).collect()
        }
        Self {
            tenants: column(groups, |group| group.tenant.uuid()),
            ids: column(groups, |group| group.frame),
            tables: column(groups, |group| group.table),
            seqs: column(groups, |group| group.seq.cast_signed()),
            firsts: column(groups, |group| group.first.cast_signed()),
            counts: column(groups, |group| i64::from(group.count)),
            bytes: [
                column(groups, |group| group.prev.as_bytes().as_slice()),
                column(groups, |group| group.hash.as_bytes().as_slice()),
                column(groups, |group| group.keys.as_slice()),
                column(groups, |group| group.personal.as_slice()),
                column(groups, |group| group.body.as_slice()),
            ],
            writer: Uuid::from_bytes(*writer.as_bytes()),
            at: at.micros(),
        }
    }

    pub(super) fn values(&self) -> Values<'_, 13> {
        let [prev, hash, keys, personal, body] = &self.bytes;
        let Self { tenants, ids, tables, seqs, firsts, counts, .. } = self;
        [tenants, ids, tables, seqs, firsts, counts, prev, hash, keys, personal, body, &self.writer, &self.at]
    }
}

/// What a batch uses up, column by column.
#[derive(Default)]
pub(super) struct UsedUp {
    tenants: Vec<Uuid>,
    keys: Vec<Vec<u8>>,
    by: Vec<Uuid>,
    untils: Vec<i64>,
    at: i64,
}

impl UsedUp {
    pub(super) fn of(wanted: &Wanted, at: Timestamp) -> Self {
        let mut columns = Self { at: at.micros(), ..Self::default() };
        for ((tenant, key), once) in wanted {
            columns.tenants.push(tenant.uuid());
            columns.keys.push(key.to_vec());
            columns.by.push(once.by);
            columns.untils.push(once.until.micros());
        }
        columns
    }

    pub(super) fn values(&self) -> Values<'_, 5> {
        [&self.tenants, &self.keys, &self.by, &self.untils, &self.at]
    }
}

/// What records are found by, column by column.
#[derive(Default)]
pub(super) struct Rows<'g> {
    tenants: Vec<Uuid>,
    tables: Vec<&'g str>,
    ats: Vec<i64>,
    positions: Vec<i64>,
    ids: Vec<String>,
    abouts: Vec<Option<String>>,
    outcomes: Vec<Option<String>>,
}

impl<'g> Rows<'g> {
    pub(super) fn of(groups: &'g Groups) -> Self {
        let mut rows = Self::default();
        for group in groups.iter() {
            for (line, ordinal) in group.keys.split(|byte| *byte == b'\n').zip(0..) {
                let Ok(StoredKeys(at, id, about, outcome)) = serde_json::from_slice(line) else { continue };
                rows.tenants.push(group.tenant.uuid());
                rows.tables.push(group.table);
                rows.ats.push(at);
                rows.positions.push(Position::new(group.frame, ordinal).as_i64());
                rows.ids.push(id.into_owned());
                rows.abouts.push(about.map(std::borrow::Cow::into_owned));
                rows.outcomes.push(outcome.map(std::borrow::Cow::into_owned));
            }
        }
        rows
    }

    pub(super) fn values(&self) -> Values<'_, 7> {
        let Self { tenants, tables, ats, positions, ids, abouts, outcomes } = self;
        [tenants, tables, ats, positions, ids, abouts, outcomes]
    }
}

/// Signs and keeps one statement after the last.
pub(super) async fn state(
    session: &Session,
    due: &Checkpoint,
    signer: &dyn CheckpointSigner,
) -> Result<Last, StorageError> {
    let tenant = due.tenant.uuid();
    let before = session.client.query_opt(LAST_STATEMENT, &[&tenant]).await?;
    let before: Option<Vec<u8>> = before.map(|row| row.try_get(0)).transpose()?;
    let checkpoint = due.clone().after(before.as_deref())?;
    let statement = serde_json::to_vec(&checkpoint)?;
    let (signature, key_id) = (signer.sign(&statement), signer.key_id());
    let sequence = checkpoint.sequence.cast_signed();
    let added = session.client.execute(ADD_STATEMENT, &[&tenant, &sequence, &statement, &key_id, &signature]).await;
    match added {
        Ok(_) => Ok(Last { sequence: checkpoint.sequence, hash: Hash::of(&statement) }),
        Err(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => Err(StorageError::Taken),
        Err(error) => Err(error.into()),
    }
}
