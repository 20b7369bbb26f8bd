//! The database as the writer thread sees it: frames, checkpoints, erasure. Nothing here waits or answers.

use crate::checkpoint::{CheckpointSigner, Heads, Last};
use crate::database;
use crate::error::OpenError;
use crate::frame::{FrameHeader, Hash, Position, WriterId};
use crate::groups::Groups;
use crate::log_mover::{LogMover, move_what_can_be};
use crate::personal::Personal;
use rusqlite::{Connection, params};
use signet_kernel::{Context, TenantId};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Bytes in the write-ahead log after which it is moved into the file. Measured: less syncs more often, more leaves
/// the processor's caches.
const LOG_LIMIT: usize = 16 << 20;
const PROBE_BYTES: usize = 1 << 18;

#[derive(Debug, Clone, Copy)]
struct Chain {
    next_seq: u64,
    next_first: u64,
    hash: Hash,
}

/// The open database with the heads of its chains.
pub(crate) struct Ledger {
    pub(crate) connection: Connection,
    mover: LogMover,
    context: Context,
    signer: Arc<dyn CheckpointSigner>,
    writer: WriterId,
    chains: HashMap<(TenantId, &'static str), Chain>,
    heads: Heads,
    last_frame: i64,
    log_bytes: usize,
    /// Erased values may still lie in the log.
    empty_log_due: bool,
}

impl Ledger {
    pub(crate) fn open(
        directory: &Path,
        node: &str,
        signer: Arc<dyn CheckpointSigner>,
        context: Context,
    ) -> Result<Self, OpenError> {
        let connection = database::open_records(directory)?;
        let heads = Heads::load(&connection)?;
        let last_frame =
            connection.query_row("SELECT coalesce(max(id), 0) FROM frames", (), |row| row.get::<_, i64>(0))?;
        let writer = WriterId::from_uuid(context.new_uuid());
        connection.execute(
            "INSERT INTO writers (id, node, started) VALUES (?1, ?2, ?3)",
            params![writer.as_bytes(), node, context.now().micros()],
        )?;
        let (chains, mover) = (HashMap::new(), LogMover::start(directory)?);
        Ok(Self {
            connection,
            mover,
            context,
            signer,
            writer,
            chains,
            heads,
            last_frame,
            log_bytes: 0,
            empty_log_due: false,
        })
    }

    pub(crate) fn writer(&self) -> WriterId {
        self.writer
    }

    pub(crate) fn last_frame(&self) -> i64 {
        self.last_frame
    }

    /// Writes one frame per group in one transaction and returns when it is durable. On error nothing happened.
    pub(crate) fn write(&mut self, groups: &mut Groups) -> Result<(), rusqlite::Error> {
        self.in_transaction(|ledger| ledger.insert_frames(groups))?;
        for group in groups.iter() {
            let next =
                Chain { next_seq: group.seq + 1, next_first: group.first + u64::from(group.count), hash: group.hash };
            self.chains.insert((group.tenant, group.table), next);
            self.heads.moved(group.tenant, group.table, self.writer, group.seq, group.hash);
            self.last_frame = self.last_frame.max(group.frame);
            self.log_bytes += group.bytes();
        }
        Ok(())
    }

    fn insert_frames(&self, groups: &mut Groups) -> Result<(), rusqlite::Error> {
        let at = self.context.now();
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO frames (id, tenant, table_name, writer, seq, at, first, count, prev, hash, keys, personal, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )?;
        for (group, frame) in groups.iter_mut().zip(self.last_frame + 1..) {
            let chain = self.chains.get(&(group.tenant, group.table)).copied();
            let chain = chain.unwrap_or(Chain { next_seq: 0, next_first: 0, hash: Hash::NONE });
            let header = FrameHeader {
                tenant: group.tenant,
                table: group.table,
                writer: self.writer,
                seq: chain.next_seq,
                at,
                first: chain.next_first,
                count: group.count,
                prev: chain.hash,
            };
            (group.frame, group.seq, group.first) = (frame, header.seq, header.first);
            group.hash = header.hash(&group.keys, &group.body);
            insert.execute(params![
                frame,
                header.tenant.as_bytes(),
                header.table,
                header.writer.as_bytes(),
                header.seq.cast_signed(),
                at.micros(),
                header.first.cast_signed(),
                header.count,
                header.prev.as_bytes(),
                group.hash.as_bytes(),
                group.keys,
                group.personal,
                group.body,
            ])?;
        }
        Ok(())
    }

    /// Whether a checkpoint would say anything new.
    pub(crate) fn is_dirty(&self) -> bool {
        self.heads.is_dirty()
    }

    /// States the heads of every tenant that changed; how many tenants that were.
    pub(crate) fn checkpoint(&mut self) -> Result<usize, rusqlite::Error> {
        let due = self.heads.due(self.context.now());
        if due.is_empty() {
            return Ok(0);
        }
        let stated = self.in_transaction(|ledger| {
            due.iter()
                .map(|checkpoint| {
                    let statement = serde_json::to_vec(checkpoint)
                        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
                    ledger.insert_checkpoint(checkpoint.tenant, checkpoint.sequence, &statement)?;
                    Ok((checkpoint.tenant, Last { sequence: checkpoint.sequence, hash: Hash::of(&statement) }))
                })
                .collect::<Result<Vec<_>, rusqlite::Error>>()
        })?;
        self.heads.stated(stated.into_iter());
        Ok(due.len())
    }

    fn insert_checkpoint(&self, tenant: TenantId, sequence: u64, statement: &[u8]) -> Result<(), rusqlite::Error> {
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO checkpoints (tenant, sequence, frame, statement, key_id, signature)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        let signature = self.signer.sign(statement);
        let key_id = self.signer.key_id();
        insert.execute(params![
            tenant.as_bytes(),
            sequence.cast_signed(),
            self.last_frame,
            statement,
            key_id,
            signature
        ])?;
        Ok(())
    }

    /// Forgets the named personal values of the records at these places; how many there were.
    pub(crate) fn erase(&mut self, places: &[Position], fields: &[String]) -> Result<usize, rusqlite::Error> {
        let erased = self.in_transaction(|ledger| {
            places.iter().try_fold(0, |sum, place| Ok(sum + ledger.erase_one(*place, fields)?))
        })?;
        self.empty_log()?;
        Ok(erased)
    }

    fn erase_one(&self, place: Position, fields: &[String]) -> Result<usize, rusqlite::Error> {
        let mut read = self.connection.prepare_cached("SELECT personal FROM frames WHERE id = ?1")?;
        let stored: Vec<u8> = read.query_row([place.frame()], |row| row.get(0))?;
        let mut erased = 0;
        let mut lines: Vec<Vec<u8>> = stored.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        if let Some(line) = lines.get_mut(place.ordinal()) {
            let damaged = |error| rusqlite::Error::FromSqlConversionFailure(11, rusqlite::types::Type::Blob, error);
            let mut personal = Personal::parse(line).map_err(|error| damaged(Box::new(error)))?;
            erased = personal.erase(fields);
            *line = personal.to_line().map_err(|error| damaged(Box::new(error)))?;
        }
        let mut write = self.connection.prepare_cached("UPDATE frames SET personal = ?2 WHERE id = ?1")?;
        write.execute(params![place.frame(), lines.join(&b'\n')])?;
        Ok(erased)
    }

    /// Writes as much as a batch might, to learn whether writing works.
    pub(crate) fn probe(&self) -> Result<(), rusqlite::Error> {
        let mut write =
            self.connection.prepare_cached("INSERT OR REPLACE INTO probe (id, filler) VALUES (1, zeroblob(?1))")?;
        write.execute([PROBE_BYTES]).map(drop)
    }

    /// Has the log moved into the file once it has grown enough. The bulk is moved while appends go on; what they
    /// add meanwhile is moved here, which lets the log begin anew.
    pub(crate) fn tend_log(&mut self) -> Result<(), rusqlite::Error> {
        if self.mover.is_moving() {
            return match self.mover.ended() {
                Some(ended) => ended.and_then(|()| self.move_log()),
                None => Ok(()),
            };
        }
        if self.log_bytes < LOG_LIMIT || self.mover.order() { Ok(()) } else { self.move_log() }
    }

    /// Moves the log into the file and empties it, unless somebody reads just now.
    pub(crate) fn empty_log(&mut self) -> Result<(), rusqlite::Error> {
        self.empty_log_due = true;
        self.mover.settle()?;
        self.move_log()
    }

    fn move_log(&mut self) -> Result<(), rusqlite::Error> {
        self.log_bytes = 0;
        if !self.empty_log_due {
            return move_what_can_be(&self.connection);
        }
        // Appends wait for this: a reader in the way is not waited for, and the log is emptied another time.
        self.connection.busy_timeout(Duration::ZERO)?;
        let busy = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |row| row.get(0));
        self.connection.busy_timeout(database::PATIENCE)?;
        self.empty_log_due = busy?;
        Ok(())
    }

    fn in_transaction<T>(
        &mut self,
        work: impl FnOnce(&Self) -> Result<T, rusqlite::Error>,
    ) -> Result<T, rusqlite::Error> {
        let done = self.step("BEGIN IMMEDIATE").and_then(|()| work(self)).and_then(|value| {
            self.step("COMMIT")?;
            Ok(value)
        });
        if done.is_err() && !self.connection.is_autocommit() {
            // The error that led here is the one worth telling.
            drop(self.step("ROLLBACK"));
        }
        done
    }

    fn step(&self, statement: &str) -> Result<(), rusqlite::Error> {
        self.connection.prepare_cached(statement)?.execute(()).map(drop)
    }
}
