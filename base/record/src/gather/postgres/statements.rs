//! The SQL, and a round as its columns.

use super::{LogError, LogRound};
use crate::ledger::BLOCK_BITS;
use signet_kernel::TenantId;
use tokio_postgres::Transaction;
use uuid::Uuid;

/// Frame numbers in a block.
pub(super) const BLOCK: i64 = 1 << BLOCK_BITS;

pub(super) const KNOWN_ENDED: &str = "SELECT ended FROM record_log_heads WHERE tenant = $1";
pub(super) const LAST_ENDED: &str = "SELECT coalesce(max(ended), 0) FROM record_writers";
// Of each block a beginning of what is new; a block that was cut has as many frames as all of them may have, so that what
// follows it, of the same writer too, is cut off as well.
pub(super) const FIND: &str = "SELECT f.id, f.tenant, f.table_name, f.writer, f.seq, f.at, f.first, f.count, f.prev, \
    f.hash, f.keys, f.personal, f.body, b.start FROM record_writer_blocks b \
    LEFT JOIN record_writers w ON w.id = b.writer \
    LEFT JOIN record_log_reached r ON r.tenant = $1 AND r.start = b.start \
    CROSS JOIN LATERAL (SELECT * FROM record_frames f WHERE f.tenant = $1 AND f.id > coalesce(r.frame, b.start - 1) \
        AND f.id < b.start + $3 ORDER BY f.id LIMIT $2) f \
    WHERE w.ended IS NULL OR w.ended > $4 ORDER BY b.start, f.id LIMIT $2";
pub(super) const ADOPT_BLOCKS: &str = "INSERT INTO record_writer_blocks (start) \
    SELECT n << 20 FROM record_blocks, generate_series(0, next - 1) n \
    WHERE next > (SELECT count(*) FROM record_writer_blocks) ON CONFLICT DO NOTHING";
pub(super) const END_SILENT: &str = "UPDATE record_writers SET ended = (SELECT coalesce(max(ended), 0) + 1 FROM record_writers) \
    WHERE id = (SELECT id FROM record_writers WHERE ended IS NULL AND seen < $1 ORDER BY id LIMIT 1 \
    FOR UPDATE SKIP LOCKED)";

pub(super) const MAKE_HEAD: &str = "INSERT INTO record_log_heads (tenant, size, root, ended) \
    VALUES ($1, 0, decode(repeat('00', 32), 'hex'), 0) ON CONFLICT DO NOTHING";
pub(super) const RAISE: &str =
    "UPDATE record_log_heads SET size = $3, root = $4, ended = $5 WHERE tenant = $1 AND size = $2";
pub(super) const NOTE_ENDED: &str = "UPDATE record_log_heads SET ended = $3 WHERE tenant = $1 AND ended = $2";
const PUT_TILES: &str = "INSERT INTO record_log_tiles (tenant, level, idx, hashes) \
    SELECT $1, * FROM unnest($2::smallint[], $3::bigint[], $4::bytea[]) \
    ON CONFLICT (tenant, level, idx) DO UPDATE SET hashes = excluded.hashes";
const ADD_SPANS: &str = "INSERT INTO record_log_spans (tenant, first_leaf, frame, count) \
    SELECT $1, * FROM unnest($2::bigint[], $3::bigint[], $4::bigint[])";
const PUT_TIPS: &str = "INSERT INTO record_log_cursors (tenant, table_name, writer, next_seq, next_first, hash) \
    SELECT $1, * FROM unnest($2::text[], $3::uuid[], $4::bigint[], $5::bigint[], $6::bytea[]) \
    ON CONFLICT (tenant, table_name, writer) DO UPDATE \
    SET next_seq = excluded.next_seq, next_first = excluded.next_first, hash = excluded.hash";
const NOTE_REACHED: &str = "INSERT INTO record_log_reached (tenant, start, frame) \
    SELECT $1, * FROM unnest($2::bigint[], $3::bigint[]) \
    ON CONFLICT (tenant, start) DO UPDATE SET frame = excluded.frame";
// Of blocks that are not looked at any more.
const FORGET_REACHED: &str = "DELETE FROM record_log_reached r USING record_writer_blocks b, record_writers w \
    WHERE r.tenant = $1 AND b.start = r.start AND w.id = b.writer AND w.ended <= $2";

pub(super) const HEAD: &str = "SELECT size, root FROM record_log_heads WHERE tenant = $1";
pub(super) const HEADS: &str = "SELECT size, root, tenant FROM record_log_heads ORDER BY tenant";
pub(super) const TIPS: &str = "SELECT c.table_name, c.writer, c.next_seq, c.next_first, c.hash FROM record_log_cursors c \
    JOIN unnest($2::text[], $3::uuid[]) AS w (table_name, writer) ON w.table_name = c.table_name AND w.writer = c.writer \
    WHERE c.tenant = $1";
pub(super) const ALL_TIPS: &str =
    "SELECT table_name, writer, next_seq, next_first, hash FROM record_log_cursors WHERE tenant = $1";
pub(super) const TILES: &str = "SELECT t.level, t.idx, t.hashes FROM record_log_tiles t \
    JOIN unnest($2::smallint[], $3::bigint[]) AS w (level, idx) ON w.level = t.level AND w.idx = t.idx \
    WHERE t.tenant = $1";
pub(super) const TILE_COUNT: &str = "SELECT count(*) FROM record_log_tiles WHERE tenant = $1";
pub(super) const SPAN_OF: &str =
    "SELECT first_leaf, frame, count FROM record_log_spans WHERE tenant = $1 AND frame = $2";
pub(super) const SPANS: &str = "SELECT first_leaf, frame, count FROM record_log_spans WHERE tenant = $1 \
    AND first_leaf >= coalesce((SELECT max(first_leaf) FROM record_log_spans WHERE tenant = $1 AND first_leaf <= $2), 0) \
    ORDER BY first_leaf LIMIT $3";
pub(super) const FRAMES: &str = "SELECT id, tenant, table_name, writer, seq, at, first, count, prev, hash, keys, \
    personal, body FROM record_frames WHERE tenant = $1 AND id = ANY($2::bigint[])";
pub(super) const FRAME_COUNT: &str = "SELECT count(*) FROM record_frames WHERE tenant = $1";
pub(super) const KEPT_ENTRIES: &str =
    "SELECT first_leaf, entries FROM record_log_entries WHERE tenant = $1 AND first_leaf = ANY($2::bigint[])";
pub(super) const KEEP_ENTRIES: &str = "INSERT INTO record_log_entries (tenant, first_leaf, entries) \
    SELECT $1, * FROM unnest($2::bigint[], $3::bytea[]) ON CONFLICT DO NOTHING";
pub(super) const PUT_CHECKPOINT: &str = "INSERT INTO record_log_checkpoints AS c (tenant, epoch, size, note, kept) \
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant, epoch, size) \
    DO UPDATE SET note = excluded.note, kept = c.kept OR excluded.kept";
pub(super) const NEWEST_CHECKPOINT: &str = "SELECT epoch, size, note, kept FROM record_log_checkpoints \
    WHERE tenant = $1 AND epoch = $2 ORDER BY size DESC LIMIT 1";
pub(super) const CHECKPOINTS: &str =
    "SELECT epoch, size, note, kept FROM record_log_checkpoints WHERE tenant = $1 ORDER BY size";
pub(super) const THIN_CHECKPOINTS: &str = "DELETE FROM record_log_checkpoints WHERE tenant = $1 AND epoch = $2 \
    AND NOT kept AND size <= (SELECT size FROM record_log_checkpoints WHERE tenant = $1 AND epoch = $2 \
    ORDER BY size DESC LIMIT 1 OFFSET $3)";
pub(super) const STOP: &str =
    "INSERT INTO record_log_stops (tenant, why, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
pub(super) const RESUME: &str = "DELETE FROM record_log_stops WHERE tenant = $1";
pub(super) const STOPPED: &str = "SELECT tenant, why FROM record_log_stops";

/// Writes what a round holds besides the head.
pub(super) async fn put_round(transaction: &Transaction<'_>, round: &LogRound) -> Result<(), LogError> {
    let tenant = round.tenant.uuid();
    let levels: Vec<i16> = round.tiles.iter().map(|tile| i16::from(tile.level)).collect();
    let indexes: Vec<i64> = round.tiles.iter().map(|tile| tile.index.cast_signed()).collect();
    let hashes: Vec<&[u8]> = round.tiles.iter().map(|tile| tile.hashes.as_slice()).collect();
    transaction.execute(PUT_TILES, &[&tenant, &levels, &indexes, &hashes]).await?;
    let leaves: Vec<i64> = round.spans.iter().map(|span| span.first_leaf.cast_signed()).collect();
    let frames: Vec<i64> = round.spans.iter().map(|span| span.frame).collect();
    let counts: Vec<i64> = round.spans.iter().map(|span| i64::from(span.count)).collect();
    transaction.execute(ADD_SPANS, &[&tenant, &leaves, &frames, &counts]).await?;
    let tables: Vec<&str> = round.tips.iter().map(|((table, _), _)| table.as_str()).collect();
    let writers: Vec<Uuid> = round.tips.iter().map(|((_, writer), _)| Uuid::from_bytes(*writer.as_bytes())).collect();
    let seqs: Vec<i64> = round.tips.iter().map(|(_, tip)| tip.next_seq.cast_signed()).collect();
    let firsts: Vec<i64> = round.tips.iter().map(|(_, tip)| tip.next_first.cast_signed()).collect();
    let tips: Vec<&[u8]> = round.tips.iter().map(|(_, tip)| tip.hash.as_bytes().as_slice()).collect();
    transaction.execute(PUT_TIPS, &[&tenant, &tables, &writers, &seqs, &firsts, &tips]).await?;
    Ok(())
}

/// Notes how far each block was read.
pub(super) async fn note_reached(
    transaction: &Transaction<'_>,
    tenant: TenantId,
    blocks: &[(i64, i64)],
    ended: i64,
) -> Result<(), LogError> {
    let (starts, frames): (Vec<i64>, Vec<i64>) = blocks.iter().copied().unzip();
    transaction.execute(NOTE_REACHED, &[&tenant.uuid(), &starts, &frames]).await?;
    transaction.execute(FORGET_REACHED, &[&tenant.uuid(), &ended]).await?;
    Ok(())
}
