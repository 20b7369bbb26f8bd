//! What the record keeps for a Merkle log over its frames: frames that are not in the log yet, where those lie that are,
//! and the log's own tables. What a leaf is, how leaves become a tree and who signs it is not known here: a tree is its
//! size, its root's bytes, and tiles of hashes.
//!
//! Words: a *round* takes frames that were found into the log of one tenant; a *span* says where a frame's records went;
//! a *tip* is where a chain stands in the log.
//!
//! Invariants:
//! - a round commits only onto the size it was made for, whoever else gathers ([`LogStore::commit`]);
//! - frames of one chain are found in their order and without gaps, whatever commits late elsewhere;
//! - nothing here is asked of the writer but, in PostgreSQL, which blocks of frame numbers are its own.
//!
//! In files it lies in `record-log.db`, a connection of its own. In PostgreSQL in the tables `record_log_*`.

mod error;
mod files;
mod found;
mod postgres;
mod round;
mod snapshot;
mod witness;

pub use error::LogError;
#[cfg(test)]
pub(crate) use files::LOG_SCHEMA;
pub(crate) use files::{SCHEMA as LOG_VERSION, log_path};
pub use found::{ChainTip, FoundFrame, Reached, Unlogged};
pub use round::{KeptEntries, LogHead, LogRound, LogSpan, LogTile, StoredCheckpoint};
pub use snapshot::LogSnapshot;
pub use witness::WitnessStore;

use crate::connect::Connect;
use crate::frame::WriterId;
use files::FilesLog;
use postgres::PostgresLog;
use signet_kernel::{TenantId, Timestamp};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// Which frames to look for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Everybody's: in files, where frames lie in one order.
    All,
    /// One tenant's: in PostgreSQL, where they do not.
    Tenant(TenantId),
}

/// The log's tables beside the record. Cheap to clone.
#[derive(Debug, Clone)]
pub struct LogStore(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Files(FilesLog),
    Postgres(PostgresLog),
}

macro_rules! either {
    ($self:ident, $log:ident => $work:expr) => {
        match &$self.0 {
            Kind::Files($log) => $work.await,
            Kind::Postgres($log) => $work.await,
        }
    };
}

impl LogStore {
    /// The log of the record in `directory`, its file made if there is none. The record must have been opened before.
    pub fn open(directory: &Path) -> Result<Self, LogError> {
        FilesLog::open(directory).map(Kind::Files).map(Self)
    }

    /// The log beside a record in PostgreSQL.
    pub fn postgres(connect: Arc<dyn Connect>) -> Self {
        Self(Kind::Postgres(PostgresLog::new(connect)))
    }

    /// Whether several nodes may gather here at once.
    pub fn is_shared(&self) -> bool {
        matches!(self.0, Kind::Postgres(_))
    }

    /// What to gather for `tenants`, piece by piece.
    pub fn scopes(&self, tenants: impl IntoIterator<Item = TenantId>) -> Vec<Scope> {
        match self.0 {
            Kind::Files(_) => vec![Scope::All],
            Kind::Postgres(_) => tenants.into_iter().map(Scope::Tenant).collect(),
        }
    }

    /// Frames that are not in the log yet, in the order in which they are to be taken.
    pub async fn find(&self, scope: Scope) -> Result<Unlogged, LogError> {
        match (&self.0, scope) {
            (Kind::Files(log), _) => log.find().await,
            (Kind::Postgres(log), Scope::Tenant(tenant)) => log.find(tenant).await,
            (Kind::Postgres(_), Scope::All) => Ok(Unlogged::default()),
        }
    }

    /// Takes rounds into the log, all or none, and notes how far was read. Whether it was done: if not, another was first,
    /// and what was found is to be looked for again.
    pub async fn commit(&self, reached: Reached, rounds: Vec<LogRound>) -> Result<bool, LogError> {
        either!(self, log => log.commit(reached, rounds))
    }

    /// Looks again at frames of a tenant that were passed over, as those of a stopped log are.
    pub async fn look_again(&self, tenant: TenantId) -> Result<(), LogError> {
        match &self.0 {
            Kind::Files(log) => log.look_again(tenant).await,
            Kind::Postgres(_) => Ok(()),
        }
    }

    /// Ends writers that have been silent since before `silent_since`, so that their frames need not be looked for any
    /// longer; and takes over the blocks of programs that noted none. For who gathers, now and then.
    pub async fn tend(&self, silent_since: Timestamp) -> Result<(), LogError> {
        match &self.0 {
            Kind::Files(_) => Ok(()),
            Kind::Postgres(log) => log.tend(silent_since).await,
        }
    }

    /// The tree as it is committed.
    pub async fn head(&self, tenant: TenantId) -> Result<Option<LogHead>, LogError> {
        either!(self, log => log.head(tenant))
    }

    /// Where chains stand in the log; those that do not stand there yet are left out.
    pub async fn tips(
        &self,
        tenant: TenantId,
        chains: Vec<(String, WriterId)>,
    ) -> Result<HashMap<(String, WriterId), ChainTip>, LogError> {
        either!(self, log => log.tips(tenant, chains))
    }

    /// Those of the wanted tiles (level, index) that are there, each as wide as it is.
    pub async fn tiles(&self, tenant: TenantId, wanted: Vec<(u8, u64)>) -> Result<Vec<LogTile>, LogError> {
        either!(self, log => log.tiles(tenant, wanted))
    }

    /// Where the records of a frame are.
    pub async fn span_of(&self, tenant: TenantId, frame: i64) -> Result<Option<LogSpan>, LogError> {
        either!(self, log => log.span_of(tenant, frame))
    }

    /// At most `limit` spans, from the one that holds `leaf`.
    pub async fn spans(&self, tenant: TenantId, leaf: u64, limit: usize) -> Result<Vec<LogSpan>, LogError> {
        either!(self, log => log.spans(tenant, leaf, limit))
    }

    /// Those of the wanted frames that are there.
    pub async fn frames(&self, tenant: TenantId, wanted: Vec<i64>) -> Result<Vec<FoundFrame>, LogError> {
        either!(self, log => log.frames(tenant, wanted))
    }

    /// Entries that were kept of frames that are not, by their first leaves.
    pub async fn kept_entries(&self, tenant: TenantId, wanted: Vec<u64>) -> Result<Vec<KeptEntries>, LogError> {
        either!(self, log => log.kept_entries(tenant, wanted))
    }

    /// Keeps entries of frames that are about to be removed. Kept already, they stay as they are.
    pub async fn keep_entries(&self, tenant: TenantId, entries: Vec<KeptEntries>) -> Result<(), LogError> {
        either!(self, log => log.keep_entries(tenant, entries))
    }

    /// Keeps a signed checkpoint, in place of one of the same tree in the same epoch.
    pub async fn put_checkpoint(&self, tenant: TenantId, checkpoint: StoredCheckpoint) -> Result<(), LogError> {
        either!(self, log => log.put_checkpoint(tenant, checkpoint))
    }

    /// The newest checkpoint of an epoch.
    pub async fn newest_checkpoint(&self, tenant: TenantId, epoch: u64) -> Result<Option<StoredCheckpoint>, LogError> {
        either!(self, log => log.newest_checkpoint(tenant, epoch))
    }

    /// Forgets checkpoints but the newest `number` of an epoch and those that are marked as kept.
    pub async fn thin_checkpoints(&self, tenant: TenantId, epoch: u64, number: usize) -> Result<(), LogError> {
        either!(self, log => log.thin_checkpoints(tenant, epoch, number))
    }

    /// Stops a tenant's log until somebody has looked; the first reason stays.
    pub async fn stop(&self, tenant: TenantId, why: String, at: Timestamp) -> Result<bool, LogError> {
        either!(self, log => log.stop(tenant, why, at))
    }

    /// Lets it go on; whether it was stopped.
    pub async fn resume(&self, tenant: TenantId) -> Result<bool, LogError> {
        either!(self, log => log.resume(tenant))
    }

    /// The logs that are stopped, and why.
    pub async fn stopped(&self) -> Result<HashMap<TenantId, String>, LogError> {
        either!(self, log => log.stopped())
    }

    /// Copies the log as it is now to the file `to`; whether it lies in a file at all.
    pub async fn backup(&self, to: std::path::PathBuf) -> Result<bool, LogError> {
        match &self.0 {
            Kind::Files(log) => log.backup(to).await.map(|()| true),
            Kind::Postgres(_) => Ok(false),
        }
    }

    /// Everything as it is at one moment, to be read at leisure.
    pub async fn snapshot(&self) -> Result<LogSnapshot, LogError> {
        match &self.0 {
            Kind::Files(log) => log.snapshot(),
            Kind::Postgres(log) => log.snapshot().await,
        }
    }
}

impl crate::query::Cursor {
    /// The frame that the record lies in, by its number.
    pub fn frame(self) -> i64 {
        self.position().frame()
    }

    /// The record's line there.
    pub fn line(self) -> u64 {
        self.position().ordinal() as u64
    }
}
