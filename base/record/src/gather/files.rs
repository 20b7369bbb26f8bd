//! The log in a file beside the record's.

use super::found::{ChainTip, FoundFrame, Marks, Reached, Unlogged};
use super::{KeptEntries, LogError, LogHead, LogRound, LogSnapshot, LogSpan, LogTile, StoredCheckpoint};
use crate::backup;
use crate::database::{self, PATIENCE, records_path};
use crate::error::OpenError;
use crate::frame::{Hash, WriterId};
use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use signet_kernel::{TenantId, Timestamp};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) const SCHEMA: i64 = 1;
pub(crate) const LOG_SCHEMA: &str = include_str!("log.sql");
/// Frames looked at in one piece, and how many bytes of them.
const FRAMES: i64 = 512;
const BYTES: usize = 8 << 20;

pub(super) const FRAME_COLUMNS: &str =
    "id, tenant, table_name, writer, seq, at, first, count, prev, hash, keys, personal, body";

pub(crate) fn log_path(directory: &Path) -> PathBuf {
    directory.join("record-log.db")
}

/// One connection to the log and one to the frames.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) log: Connection,
    pub(super) frames: Connection,
}

impl Pair {
    pub(super) fn read_only(directory: &Path) -> Result<Self, LogError> {
        let log = database::open_read_only(&log_path(directory))?;
        Ok(Self { log, frames: database::open_read_only(&records_path(directory))? })
    }
}

/// The log beside a record in files. Whoever gathers writes over a connection of its own, so that readers wait for none.
#[derive(Debug, Clone)]
pub(super) struct FilesLog {
    directory: PathBuf,
    writing: Arc<Mutex<Pair>>,
    reading: Arc<Mutex<Pair>>,
}

impl FilesLog {
    pub(super) fn open(directory: &Path) -> Result<Self, LogError> {
        let writing = Pair { log: open_log(directory)?, frames: database::open_read_only(&records_path(directory))? };
        let reading = Pair::read_only(directory)?;
        let (writing, reading) = (Arc::new(Mutex::new(writing)), Arc::new(Mutex::new(reading)));
        Ok(Self { directory: directory.to_owned(), writing, reading })
    }

    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Pair) -> Result<T, LogError> + Send + 'static,
    ) -> Result<T, LogError> {
        on_blocking_thread(self.reading.clone(), move |pair| work(pair)).await
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Pair) -> Result<T, LogError> + Send + 'static,
    ) -> Result<T, LogError> {
        on_blocking_thread(self.writing.clone(), work).await
    }

    pub(super) async fn find(&self) -> Result<Unlogged, LogError> {
        self.write(|pair| find(pair)).await
    }

    pub(super) async fn commit(&self, reached: Reached, rounds: Vec<LogRound>) -> Result<bool, LogError> {
        self.write(move |pair| commit(pair, &reached, &rounds)).await
    }

    pub(super) async fn look_again(&self, tenant: TenantId) -> Result<(), LogError> {
        const BACK: &str = "UPDATE log_reached SET frame = min(frame, \
            (SELECT coalesce(max(frame), 0) FROM log_spans WHERE tenant = ?1))";
        self.write(move |pair| Ok(pair.log.execute(BACK, [tenant.as_bytes()]).map(drop)?)).await
    }

    pub(super) async fn head(&self, tenant: TenantId) -> Result<Option<LogHead>, LogError> {
        self.write(move |pair| head(&pair.log, tenant)).await
    }

    pub(super) async fn tips(
        &self,
        tenant: TenantId,
        chains: Vec<(String, WriterId)>,
    ) -> Result<HashMap<(String, WriterId), ChainTip>, LogError> {
        self.write(move |pair| {
            let mut tips = HashMap::new();
            for chain in chains {
                if let Some(tip) = tip(&pair.log, tenant, &chain)? {
                    tips.insert(chain, tip);
                }
            }
            Ok(tips)
        })
        .await
    }

    pub(super) async fn tiles(&self, tenant: TenantId, wanted: Vec<(u8, u64)>) -> Result<Vec<LogTile>, LogError> {
        self.read(move |pair| tiles(&pair.log, tenant, &wanted)).await
    }

    pub(super) async fn span_of(&self, tenant: TenantId, frame: i64) -> Result<Option<LogSpan>, LogError> {
        const FIND: &str = "SELECT first_leaf, frame, count FROM log_spans WHERE tenant = ?1 AND frame = ?2";
        self.read(move |pair| {
            let mut find = pair.log.prepare_cached(FIND)?;
            Ok(find.query_row(params![tenant.as_bytes(), frame], span).optional()?)
        })
        .await
    }

    pub(super) async fn spans(&self, tenant: TenantId, leaf: u64, limit: usize) -> Result<Vec<LogSpan>, LogError> {
        self.read(move |pair| spans(&pair.log, tenant, leaf, limit)).await
    }

    pub(super) async fn frames(&self, tenant: TenantId, wanted: Vec<i64>) -> Result<Vec<FoundFrame>, LogError> {
        self.read(move |pair| frames(&pair.frames, tenant, &wanted)).await
    }

    pub(super) async fn kept_entries(&self, tenant: TenantId, wanted: Vec<u64>) -> Result<Vec<KeptEntries>, LogError> {
        self.read(move |pair| kept_entries(&pair.log, tenant, &wanted)).await
    }

    pub(super) async fn keep_entries(&self, tenant: TenantId, entries: Vec<KeptEntries>) -> Result<(), LogError> {
        const KEEP: &str = "INSERT OR IGNORE INTO log_entries (tenant, first_leaf, entries) VALUES (?1, ?2, ?3)";
        self.write(move |pair| {
            let transaction = pair.log.transaction()?;
            for kept in &entries {
                let at = kept.first_leaf.cast_signed();
                transaction.execute(KEEP, params![tenant.as_bytes(), at, kept.entries])?;
            }
            Ok(transaction.commit()?)
        })
        .await
    }

    pub(super) async fn put_checkpoint(&self, tenant: TenantId, made: StoredCheckpoint) -> Result<(), LogError> {
        const PUT: &str = "INSERT INTO log_checkpoints (tenant, epoch, size, note, kept) VALUES (?1, ?2, ?3, ?4, ?5) \
            ON CONFLICT DO UPDATE SET note = excluded.note, kept = max(kept, excluded.kept)";
        self.write(move |pair| {
            let (epoch, size) = (made.epoch.cast_signed(), made.size.cast_signed());
            pair.log.execute(PUT, params![tenant.as_bytes(), epoch, size, made.note, made.kept])?;
            Ok(())
        })
        .await
    }

    pub(super) async fn newest_checkpoint(
        &self,
        tenant: TenantId,
        epoch: u64,
    ) -> Result<Option<StoredCheckpoint>, LogError> {
        const NEWEST: &str = "SELECT epoch, size, note, kept FROM log_checkpoints \
            WHERE tenant = ?1 AND epoch = ?2 ORDER BY size DESC LIMIT 1";
        self.read(move |pair| {
            let mut newest = pair.log.prepare_cached(NEWEST)?;
            Ok(newest.query_row(params![tenant.as_bytes(), epoch.cast_signed()], checkpoint).optional()?)
        })
        .await
    }

    pub(super) async fn thin_checkpoints(&self, tenant: TenantId, epoch: u64, number: usize) -> Result<(), LogError> {
        const THIN: &str = "DELETE FROM log_checkpoints WHERE tenant = ?1 AND epoch = ?2 AND kept = 0 AND size <= \
            (SELECT size FROM log_checkpoints WHERE tenant = ?1 AND epoch = ?2 ORDER BY size DESC LIMIT 1 OFFSET ?3)";
        self.write(move |pair| {
            pair.log.execute(THIN, params![tenant.as_bytes(), epoch.cast_signed(), number])?;
            Ok(())
        })
        .await
    }

    pub(super) async fn stop(&self, tenant: TenantId, why: String, at: Timestamp) -> Result<bool, LogError> {
        const STOP: &str = "INSERT OR IGNORE INTO log_stops (tenant, why, at) VALUES (?1, ?2, ?3)";
        self.write(move |pair| Ok(pair.log.execute(STOP, params![tenant.as_bytes(), why, at.micros()])? > 0)).await
    }

    pub(super) async fn resume(&self, tenant: TenantId) -> Result<bool, LogError> {
        const RESUME: &str = "DELETE FROM log_stops WHERE tenant = ?1";
        self.write(move |pair| Ok(pair.log.execute(RESUME, [tenant.as_bytes()])? > 0)).await
    }

    pub(super) async fn stopped(&self) -> Result<HashMap<TenantId, String>, LogError> {
        self.write(|pair| {
            let mut select = pair.log.prepare_cached("SELECT tenant, why FROM log_stops")?;
            let rows = select.query_map((), |row| Ok((tenant_at(row, 0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    pub(super) async fn backup(&self, to: PathBuf) -> Result<(), LogError> {
        self.read(move |pair| Ok(backup::copy(&pair.log, &to)?)).await
    }

    pub(super) fn snapshot(&self) -> Result<LogSnapshot, LogError> {
        LogSnapshot::of_files(&self.directory)
    }
}

async fn on_blocking_thread<T: Send + 'static>(
    pair: Arc<Mutex<Pair>>,
    work: impl FnOnce(&mut Pair) -> Result<T, LogError> + Send + 'static,
) -> Result<T, LogError> {
    tokio::task::spawn_blocking(move || work(&mut pair.lock())).await.map_err(|_| LogError::Ended)?
}

fn open_log(directory: &Path) -> Result<Connection, LogError> {
    let mut log = Connection::open(log_path(directory))?;
    log.busy_timeout(PATIENCE)?;
    log.pragma_update(None, "journal_mode", "WAL")?;
    // What is signed must be durable before.
    log.pragma_update(None, "synchronous", "FULL")?;
    log.set_prepared_statement_cache_capacity(32);
    let found: i64 = log.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > SCHEMA {
        return Err(OpenError::Newer { found, known: SCHEMA }.into());
    }
    if found < SCHEMA {
        let transaction = log.transaction()?;
        transaction.execute_batch(LOG_SCHEMA)?;
        transaction.pragma_update(None, "user_version", SCHEMA)?;
        transaction.commit()?;
    }
    Ok(log)
}

fn find(pair: &Pair) -> Result<Unlogged, LogError> {
    let before: i64 = pair.log.query_row("SELECT frame FROM log_reached", (), |row| row.get(0))?;
    let select = format!("SELECT {FRAME_COLUMNS} FROM frames WHERE id > ?1 ORDER BY id LIMIT ?2");
    let mut select = pair.frames.prepare_cached(&select)?;
    let mut rows = select.query(params![before, FRAMES])?;
    let (mut frames, mut bytes) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let frame = read_frame(row)?;
        bytes += frame.keys.len() + frame.body.len();
        frames.push(frame);
        if bytes > BYTES {
            break;
        }
    }
    let after = frames.last().map_or(before, |frame| frame.number);
    let more = bytes > BYTES || i64::try_from(frames.len()) == Ok(FRAMES);
    Ok(Unlogged { frames, reached: Reached(Marks::Files { before, after }), more })
}

fn commit(pair: &mut Pair, reached: &Reached, rounds: &[LogRound]) -> Result<bool, LogError> {
    let Marks::Files { before, after } = reached.0 else { return Ok(false) };
    let transaction = pair.log.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let moved = transaction.execute("UPDATE log_reached SET frame = ?2 WHERE frame = ?1", params![before, after])?;
    if moved == 0 {
        return Ok(false);
    }
    for round in rounds {
        if !take_round(&transaction, round)? {
            return Ok(false);
        }
    }
    transaction.commit()?;
    Ok(true)
}

fn take_round(log: &Connection, round: &LogRound) -> Result<bool, LogError> {
    const HEAD: &str = "INSERT INTO log_heads (tenant, size, root) VALUES (?1, 0, zeroblob(32)) ON CONFLICT DO NOTHING";
    const RAISE: &str = "UPDATE log_heads SET size = ?3, root = ?4 WHERE tenant = ?1 AND size = ?2";
    let tenant = round.tenant.as_bytes();
    log.prepare_cached(HEAD)?.execute([tenant])?;
    let (before, after) = (round.before.cast_signed(), round.after.size.cast_signed());
    if log.prepare_cached(RAISE)?.execute(params![tenant, before, after, round.after.root])? == 0 {
        return Ok(false);
    }
    let mut put = log.prepare_cached(
        "INSERT INTO log_tiles (tenant, level, idx, hashes) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET hashes = excluded.hashes",
    )?;
    for tile in &round.tiles {
        put.execute(params![tenant, tile.level, tile.index.cast_signed(), tile.hashes])?;
    }
    let mut add =
        log.prepare_cached("INSERT INTO log_spans (tenant, first_leaf, frame, count) VALUES (?1, ?2, ?3, ?4)")?;
    for span in &round.spans {
        add.execute(params![tenant, span.first_leaf.cast_signed(), span.frame, span.count])?;
    }
    let mut stand = log.prepare_cached(
        "INSERT INTO log_cursors (tenant, table_name, writer, next_seq, next_first, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT DO UPDATE SET next_seq = excluded.next_seq, next_first = excluded.next_first, hash = excluded.hash",
    )?;
    for ((table, writer), tip) in &round.tips {
        let (seq, first) = (tip.next_seq.cast_signed(), tip.next_first.cast_signed());
        stand.execute(params![tenant, table, writer.as_bytes(), seq, first, tip.hash.as_bytes()])?;
    }
    Ok(true)
}

pub(super) fn head(log: &Connection, tenant: TenantId) -> Result<Option<LogHead>, LogError> {
    let mut select = log.prepare_cached("SELECT size, root FROM log_heads WHERE tenant = ?1")?;
    let read = |row: &Row<'_>| Ok(LogHead { size: row.get::<_, i64>(0)?.cast_unsigned(), root: row.get(1)? });
    Ok(select.query_row([tenant.as_bytes()], read).optional()?)
}

fn tip(log: &Connection, tenant: TenantId, (table, writer): &(String, WriterId)) -> Result<Option<ChainTip>, LogError> {
    let mut select = log.prepare_cached(
        "SELECT next_seq, next_first, hash FROM log_cursors WHERE tenant = ?1 AND table_name = ?2 AND writer = ?3",
    )?;
    let read = |row: &Row<'_>| {
        let (next_seq, next_first) = (row.get::<_, i64>(0)?.cast_unsigned(), row.get::<_, i64>(1)?.cast_unsigned());
        Ok(Hash::from_slice(row.get_ref(2)?.as_blob()?).map(|hash| ChainTip { next_seq, next_first, hash }))
    };
    let found = select.query_row(params![tenant.as_bytes(), table, writer.as_bytes()], read).optional()?;
    found.map(|tip| tip.ok_or(LogError::Damaged("log_cursors"))).transpose()
}

pub(super) fn all_tips(log: &Connection, tenant: TenantId) -> Result<HashMap<(String, WriterId), ChainTip>, LogError> {
    let mut select = log.prepare("SELECT table_name, writer FROM log_cursors WHERE tenant = ?1")?;
    let chains = select.query_map([tenant.as_bytes()], |row| {
        Ok((row.get::<_, String>(0)?, WriterId::from_slice(row.get_ref(1)?.as_blob()?)))
    })?;
    let mut tips = HashMap::new();
    for chain in chains {
        let (table, writer) = chain?;
        let chain = (table, writer.ok_or(LogError::Damaged("log_cursors"))?);
        if let Some(tip) = tip(log, tenant, &chain)? {
            tips.insert(chain, tip);
        }
    }
    Ok(tips)
}

pub(super) fn tiles(log: &Connection, tenant: TenantId, wanted: &[(u8, u64)]) -> Result<Vec<LogTile>, LogError> {
    let mut select =
        log.prepare_cached("SELECT hashes FROM log_tiles WHERE tenant = ?1 AND level = ?2 AND idx = ?3")?;
    let mut found = Vec::new();
    for (level, index) in wanted {
        let hashes =
            select.query_row(params![tenant.as_bytes(), level, index.cast_signed()], |row| row.get(0)).optional()?;
        found.extend(hashes.map(|hashes| LogTile { level: *level, index: *index, hashes }));
    }
    Ok(found)
}

pub(super) fn spans(log: &Connection, tenant: TenantId, leaf: u64, limit: usize) -> Result<Vec<LogSpan>, LogError> {
    let mut select = log.prepare_cached(
        "SELECT first_leaf, frame, count FROM log_spans WHERE tenant = ?1 AND first_leaf >= coalesce((SELECT first_leaf
         FROM log_spans WHERE tenant = ?1 AND first_leaf <= ?2 ORDER BY first_leaf DESC LIMIT 1), 0)
         ORDER BY first_leaf LIMIT ?3",
    )?;
    let rows = select.query_map(params![tenant.as_bytes(), leaf.cast_signed(), limit], span)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn frames(frames: &Connection, tenant: TenantId, wanted: &[i64]) -> Result<Vec<FoundFrame>, LogError> {
    let select = format!("SELECT {FRAME_COLUMNS} FROM frames WHERE id = ?1 AND tenant = ?2");
    let mut select = frames.prepare_cached(&select)?;
    let mut found = Vec::with_capacity(wanted.len());
    for number in wanted {
        let mut rows = select.query(params![number, tenant.as_bytes()])?;
        if let Some(row) = rows.next()? {
            found.push(read_frame(row)?);
        }
    }
    Ok(found)
}

pub(super) fn kept_entries(log: &Connection, tenant: TenantId, wanted: &[u64]) -> Result<Vec<KeptEntries>, LogError> {
    let mut select = log.prepare_cached("SELECT entries FROM log_entries WHERE tenant = ?1 AND first_leaf = ?2")?;
    let mut found = Vec::new();
    for first_leaf in wanted {
        let entries =
            select.query_row(params![tenant.as_bytes(), first_leaf.cast_signed()], |row| row.get(0)).optional()?;
        found.extend(entries.map(|entries| KeptEntries { first_leaf: *first_leaf, entries }));
    }
    Ok(found)
}

pub(super) fn checkpoint(row: &Row<'_>) -> Result<StoredCheckpoint, rusqlite::Error> {
    let (epoch, size) = (row.get::<_, i64>(0)?.cast_unsigned(), row.get::<_, i64>(1)?.cast_unsigned());
    Ok(StoredCheckpoint { epoch, size, note: row.get(2)?, kept: row.get(3)? })
}

fn span(row: &Row<'_>) -> Result<LogSpan, rusqlite::Error> {
    Ok(LogSpan { first_leaf: row.get::<_, i64>(0)?.cast_unsigned(), frame: row.get(1)?, count: row.get(2)? })
}

pub(super) fn tenant_at(row: &Row<'_>, column: usize) -> Result<TenantId, rusqlite::Error> {
    let found = TenantId::from_slice(row.get_ref(column)?.as_blob()?);
    found.ok_or(rusqlite::Error::IntegralValueOutOfRange(column, 0))
}

pub(super) fn read_frame(row: &Row<'_>) -> Result<FoundFrame, LogError> {
    let damaged = || LogError::Damaged("frames");
    let blob = |at| row.get_ref(at)?.as_blob().map_err(|_| damaged());
    Ok(FoundFrame {
        number: row.get(0)?,
        tenant: TenantId::from_slice(blob(1)?).ok_or_else(damaged)?,
        table: row.get(2)?,
        writer: WriterId::from_slice(blob(3)?).ok_or_else(damaged)?,
        seq: row.get::<_, i64>(4)?.cast_unsigned(),
        at: Timestamp::from_micros(row.get(5)?),
        first: row.get::<_, i64>(6)?.cast_unsigned(),
        count: row.get(7)?,
        prev: Hash::from_slice(blob(8)?).ok_or_else(damaged)?,
        hash: Hash::from_slice(blob(9)?).ok_or_else(damaged)?,
        keys: blob(10)?.to_vec(),
        personal: blob(11)?.to_vec(),
        body: blob(12)?.to_vec(),
    })
}
