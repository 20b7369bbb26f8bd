//! The ledger in a SQLite file.

mod remove;

use super::{Checkpoints, Storage};
use crate::checkpoint::{Heads, Last};
use crate::database;
use crate::error::{OpenError, StorageError};
use crate::frame::{Hash, Position, WriterId};
use crate::groups::Groups;
use crate::log_mover::{LogMover, move_what_can_be};
use crate::once::{self, Got, Once, Wanted};
use crate::personal;
use crate::queue::Job;
use crate::record::Guard;
use rusqlite::{Connection, params};
use signet_kernel::{RevocationCounters, TenantId, Timestamp};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Bytes in the write-ahead log after which it is moved into the file. Measured: less syncs more often, more leaves
/// the processor's caches.
const LOG_LIMIT: usize = 16 << 20;
const PROBE_BYTES: usize = 1 << 18;

/// The open database.
pub(crate) struct Sqlite {
    pub(crate) connection: Connection,
    mover: LogMover,
    revocations: Arc<RevocationCounters>,
    log_bytes: usize,
    /// Erased values may still lie in the log.
    empty_log_due: bool,
    using: Wanted,
    got: Got,
}

/// What a start finds in the file.
pub(crate) struct Found {
    pub(crate) heads: Heads,
    pub(crate) last_frame: i64,
}

impl Sqlite {
    pub(crate) fn open(directory: &Path, revocations: Arc<RevocationCounters>) -> Result<(Self, Found), OpenError> {
        let connection = database::open_records(directory)?;
        let heads = Heads::load(&connection)?;
        let last_frame = connection.query_row(crate::database::LAST_FRAME, (), |row| row.get::<_, i64>(0))?;
        let mover = LogMover::start(directory)?;
        Ok((
            Self {
                connection,
                mover,
                revocations,
                log_bytes: 0,
                empty_log_due: false,
                using: Wanted::new(),
                got: Got::new(),
            },
            Found { heads, last_frame },
        ))
    }

    pub(crate) fn enter(&self, writer: WriterId, node: &str, started: Timestamp) -> Result<(), OpenError> {
        let insert = "INSERT INTO writers (id, node, started) VALUES (?1, ?2, ?3)";
        self.connection.execute(insert, params![writer.as_bytes(), node, started.micros()])?;
        Ok(())
    }

    /// This is the one thread that writes, so what is free when a batch begins is free when it is written.
    fn is_taken(&self, tenant: TenantId, once: &Once, at: Timestamp) -> Result<bool, rusqlite::Error> {
        let mut find = self.connection.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM used WHERE tenant = ?1 AND key = ?2 AND by <> ?3 AND until >= ?4)",
        )?;
        find.query_row(params![tenant.as_bytes(), once.key, once.by.as_bytes(), at.micros()], |row| row.get(0))
    }

    fn use_up(&self) -> Result<(), rusqlite::Error> {
        if self.got.is_empty() {
            return Ok(());
        }
        let mut insert = self
            .connection
            .prepare_cached("INSERT OR REPLACE INTO used (tenant, key, by, until) VALUES (?1, ?2, ?3, ?4)")?;
        for ((tenant, key), once) in &self.using {
            if self.got.contains(&(*tenant, *key, once.by)) {
                insert.execute(params![tenant.as_bytes(), key, once.by.as_bytes(), once.until.micros()])?;
            }
        }
        Ok(())
    }

    fn insert_frames(&self, writer: WriterId, at: Timestamp, groups: &Groups) -> Result<(), rusqlite::Error> {
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO frames (id, tenant, table_name, writer, seq, at, first, count, prev, hash, keys, personal, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )?;
        for group in groups.iter() {
            insert.execute(params![
                group.frame,
                group.tenant.as_bytes(),
                group.table,
                writer.as_bytes(),
                group.seq.cast_signed(),
                at.micros(),
                group.first.cast_signed(),
                group.count,
                group.prev.as_bytes(),
                group.hash.as_bytes(),
                group.keys,
                group.personal,
                group.body,
            ])?;
        }
        Ok(())
    }

    fn insert_checkpoint(
        &self,
        tenant: TenantId,
        sequence: u64,
        statement: &[u8],
        made: &Checkpoints<'_>,
    ) -> Result<(), rusqlite::Error> {
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO checkpoints (tenant, sequence, frame, statement, key_id, signature)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        let (signature, key_id) = (made.signer.sign(statement), made.signer.key_id());
        insert.execute(params![
            tenant.as_bytes(),
            sequence.cast_signed(),
            made.last_frame,
            statement,
            key_id,
            signature
        ])?;
        Ok(())
    }

    fn erase_one(&self, place: Position, fields: &[String]) -> Result<usize, StorageError> {
        let mut read = self.connection.prepare_cached("SELECT personal FROM frames WHERE id = ?1")?;
        let stored: Vec<u8> = read.query_row([place.frame()], |row| row.get(0))?;
        let (erased, rest) = personal::erase_in(&stored, place.ordinal(), fields)?;
        let mut write = self.connection.prepare_cached("UPDATE frames SET personal = ?2 WHERE id = ?1")?;
        write.execute(params![place.frame(), rest])?;
        Ok(erased)
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

    fn in_transaction<T, E: From<rusqlite::Error>>(
        &mut self,
        work: impl FnOnce(&Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let done = self.step("BEGIN IMMEDIATE").map_err(E::from).and_then(|()| work(self)).and_then(|value| {
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

impl Storage for Sqlite {
    /// One process, one set of counters: they are in memory, and stand still for nobody.
    fn begin(&mut self, jobs: &[Job], at: Timestamp) -> Result<(), StorageError> {
        self.got.clear();
        self.using = once::wanted(jobs);
        for ((tenant, key), once) in &self.using {
            if !self.is_taken(*tenant, once, at)? {
                self.got.insert((*tenant, *key, once.by));
            }
        }
        Ok(())
    }

    fn is_used(&self, job: &Job) -> bool {
        once::is_used(&self.got, job)
    }

    fn forget(&mut self, now: Timestamp) -> Result<usize, StorageError> {
        let mut forget = self.connection.prepare_cached(
            "DELETE FROM used WHERE (tenant, key) IN
             (SELECT tenant, key FROM used WHERE until < ?1 ORDER BY until LIMIT ?2)",
        )?;
        Ok(forget.execute((now.micros(), once::FORGOTTEN_AT_ONCE))?)
    }

    fn has_moved(&self, guard: &Guard) -> bool {
        self.revocations.current(guard.tenant) != guard.seen
    }

    fn first_frame(&mut self, last: i64, _: usize) -> Result<i64, StorageError> {
        Ok(last + 1)
    }

    fn write(&mut self, writer: WriterId, at: Timestamp, groups: &Groups) -> Result<(), StorageError> {
        self.in_transaction(|sqlite| sqlite.use_up().and_then(|()| sqlite.insert_frames(writer, at, groups)))?;
        self.log_bytes += groups.bytes();
        Ok(())
    }

    fn abandon(&mut self) {}

    /// Never due: what became of a commit to a file is known.
    fn renew(&mut self, _: WriterId, _: &str, _: Timestamp) {}

    fn state(&mut self, made: &Checkpoints<'_>) -> Result<Vec<(TenantId, Last)>, StorageError> {
        self.in_transaction(|sqlite| {
            let state = |checkpoint: &crate::checkpoint::Checkpoint| {
                let statement = serde_json::to_vec(checkpoint)?;
                sqlite.insert_checkpoint(checkpoint.tenant, checkpoint.sequence, &statement, made)?;
                Ok((checkpoint.tenant, Last { sequence: checkpoint.sequence, hash: Hash::of(&statement) }))
            };
            made.due.iter().map(state).collect()
        })
    }

    fn erase(&mut self, tenant: TenantId, places: &[Position], fields: &[String]) -> Result<usize, StorageError> {
        let erased = self.in_transaction(|sqlite| {
            sqlite.note_erasure(tenant)?;
            places.iter().try_fold(0, |sum, place| Ok::<_, StorageError>(sum + sqlite.erase_one(*place, fields)?))
        })?;
        self.empty_log()?;
        Ok(erased)
    }

    fn remove(&mut self, tenant: TenantId, frames: &[i64]) -> Result<usize, StorageError> {
        self.remove_frames(tenant, frames)
    }

    /// Writes as much as a batch might, to learn whether writing works.
    fn probe(&mut self) -> Result<(), StorageError> {
        let mut write =
            self.connection.prepare_cached("INSERT OR REPLACE INTO probe (id, filler) VALUES (1, zeroblob(?1))")?;
        write.execute([PROBE_BYTES])?;
        Ok(())
    }

    /// Has the log moved into the file once it has grown enough. The bulk is moved while appends go on; what they
    /// add meanwhile is moved here, which lets the log begin anew.
    fn tend(&mut self) -> Result<(), StorageError> {
        if self.mover.is_moving() {
            return match self.mover.ended() {
                Some(ended) => Ok(ended.and_then(|()| self.move_log())?),
                None => Ok(()),
            };
        }
        if self.log_bytes < LOG_LIMIT || self.mover.order() { Ok(()) } else { Ok(self.move_log()?) }
    }

    fn finish(&mut self) -> Result<(), StorageError> {
        Ok(self.empty_log()?)
    }
}
