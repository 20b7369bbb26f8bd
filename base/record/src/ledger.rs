//! The ledger as the writer thread sees it: chains, checkpoints, erasure. Nothing here waits or answers. Where it is
//! kept is a [`Storage`]; what is kept is the same everywhere.

mod postgres;
mod sqlite;

pub(crate) use postgres::{BLOCK_BITS, Postgres, schema};
pub(crate) use sqlite::Sqlite;

use crate::checkpoint::{Checkpoint, CheckpointSigner, Heads, Last};
use crate::connect::Connect;
use crate::error::{OpenError, StorageError};
use crate::frame::{FrameHeader, Hash, Position, WriterId};
use crate::groups::Groups;
use crate::queue::Job;
use crate::record::Guard;
use signet_kernel::{Context, RevocationCounters, TenantId, Timestamp};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// Where a ledger is kept. A batch is `begin`, then `write` or `abandon`.
pub(crate) trait Storage: Send + 'static {
    /// Begins a batch; from here to its end no counter that it is guarded by moves unseen, and nobody else uses what
    /// it uses up. [`StorageError::Lost`] if what this writer wrote is gone, here as when it states.
    fn begin(&mut self, jobs: &[Job], at: Timestamp) -> Result<(), StorageError>;

    /// Whether a right was taken away since the decision that the batch's record lets out.
    fn has_moved(&self, guard: &Guard) -> bool;

    /// Whether another record used what this one uses up.
    fn is_used(&self, job: &Job) -> bool;

    /// Forgets some of what was used up and can be used no more; how many.
    fn forget(&mut self, now: Timestamp) -> Result<usize, StorageError>;

    /// The first of `count` frame numbers after `last`, never given before.
    fn first_frame(&mut self, last: i64, count: usize) -> Result<i64, StorageError>;

    /// Writes one frame per group and ends the batch; returns when they are durable. On error nothing happened.
    fn write(&mut self, writer: WriterId, at: Timestamp, groups: &Groups) -> Result<(), StorageError>;

    /// Ends a batch that has nothing to write.
    fn abandon(&mut self);

    /// From here on frames are `writer`'s.
    fn renew(&mut self, writer: WriterId, node: &str, started: Timestamp);

    /// Signs and keeps statements.
    fn state(&mut self, made: &Checkpoints<'_>) -> Result<Vec<(TenantId, Last)>, StorageError>;

    /// Forgets the named personal values of a tenant's records at these places; how many there were.
    fn erase(&mut self, tenant: TenantId, places: &[Position], fields: &[String]) -> Result<usize, StorageError>;

    /// Removes frames of a tenant whose entries are kept, and what they are found by; how many there were.
    fn remove(&mut self, tenant: TenantId, frames: &[i64]) -> Result<usize, StorageError>;

    /// Learns whether writing works again.
    fn probe(&mut self) -> Result<(), StorageError>;

    /// What is due between two batches.
    fn tend(&mut self) -> Result<(), StorageError>;

    /// What is due at the end.
    fn finish(&mut self) -> Result<(), StorageError>;
}

/// Statements that are due.
pub(crate) struct Checkpoints<'a> {
    pub(crate) due: &'a [Checkpoint],
    pub(crate) signer: &'a dyn CheckpointSigner,
    pub(crate) last_frame: i64,
}

#[derive(Debug, Clone, Copy)]
struct Chain {
    next_seq: u64,
    next_first: u64,
    hash: Hash,
}

/// The heads of this writer's chains over their storage.
pub(crate) struct Ledger<S> {
    pub(crate) storage: S,
    context: Context,
    signer: Arc<dyn CheckpointSigner>,
    node: String,
    writer: WriterId,
    chains: HashMap<(TenantId, &'static str), Chain>,
    heads: Heads,
    last_frame: i64,
}

impl Ledger<Sqlite> {
    pub(crate) fn open(
        directory: &Path,
        node: &str,
        signer: Arc<dyn CheckpointSigner>,
        context: Context,
        revocations: Arc<RevocationCounters>,
    ) -> Result<Self, OpenError> {
        let (storage, found) = Sqlite::open(directory, revocations)?;
        let writer = WriterId::from_uuid(context.new_uuid());
        storage.enter(writer, node, context.now())?;
        let (chains, heads, last_frame) = (HashMap::new(), found.heads, found.last_frame);
        let node = node.to_owned();
        Ok(Self { storage, context, signer, node, writer, chains, heads, last_frame })
    }
}

impl Ledger<Postgres> {
    pub(crate) async fn connect(
        connect: Arc<dyn Connect>,
        node: String,
        signer: Arc<dyn CheckpointSigner>,
        context: Context,
    ) -> Result<Self, OpenError> {
        let writer = WriterId::from_uuid(context.new_uuid());
        let storage = Postgres::open(connect, (writer, &node, context.now())).await?;
        let (chains, heads) = (HashMap::new(), Heads::default());
        Ok(Self { storage, context, signer, node, writer, chains, heads, last_frame: 0 })
    }
}

impl<S: Storage> Ledger<S> {
    pub(crate) fn writer(&self) -> WriterId {
        self.writer
    }

    pub(crate) fn last_frame(&self) -> i64 {
        self.last_frame
    }

    /// Writes one frame per group and returns when it is durable. On error nothing happened.
    pub(crate) fn write(&mut self, groups: &mut Groups) -> Result<(), StorageError> {
        let at = self.context.now();
        let first = self.storage.first_frame(self.last_frame, groups.len())?;
        for (group, frame) in groups.iter_mut().zip(first..) {
            let chain = self.chains.get(&(group.tenant, group.table)).copied();
            let chain = chain.unwrap_or(Chain { next_seq: 0, next_first: 0, hash: Hash::NONE });
            (group.frame, group.seq, group.first, group.prev) = (frame, chain.next_seq, chain.next_first, chain.hash);
            let header = FrameHeader {
                tenant: group.tenant,
                table: group.table,
                writer: self.writer,
                seq: group.seq,
                at,
                first: group.first,
                count: group.count,
                prev: group.prev,
            };
            group.hash = header.hash(&group.keys, &group.body);
        }
        if let Err(error) = self.storage.write(self.writer, at, groups) {
            if matches!(error, StorageError::Unknown) {
                self.start_anew();
            }
            return Err(error);
        }
        for group in groups.iter() {
            let next =
                Chain { next_seq: group.seq + 1, next_first: group.first + u64::from(group.count), hash: group.hash };
            self.chains.insert((group.tenant, group.table), next);
            self.heads.moved(group.tenant, group.table, self.writer, group.seq, group.hash);
            self.last_frame = self.last_frame.max(group.frame);
        }
        Ok(())
    }

    /// Begins a batch. A chain whose end was lost is not continued.
    pub(crate) fn begin(&mut self, jobs: &[Job]) -> Result<(), StorageError> {
        match self.storage.begin(jobs, self.context.now()) {
            Err(StorageError::Lost) => {
                self.start_over();
                self.storage.begin(jobs, self.context.now())
            }
            Err(StorageError::Ended) => {
                tracing::info!("this writer was silent for long and was ended; going on in a new chain");
                self.start_anew();
                self.storage.begin(jobs, self.context.now())
            }
            begun => begun,
        }
    }

    /// Nothing that was lost may be stated as being there.
    fn start_over(&mut self) {
        tracing::error!(
            "the database holds less than this node has recorded: it was restored, or it failed over to a server that lacked \
             commits; going on in a new chain"
        );
        self.heads = Heads::default();
        self.start_anew();
    }

    /// A chain whose end is unknown is not continued.
    fn start_anew(&mut self) {
        self.writer = WriterId::from_uuid(self.context.new_uuid());
        self.chains.clear();
        self.storage.renew(self.writer, &self.node, self.context.now());
    }

    /// Whether a checkpoint would say anything new.
    pub(crate) fn is_dirty(&self) -> bool {
        self.heads.is_dirty()
    }

    /// Forgets some of what can be used no more; how many.
    pub(crate) fn forget(&mut self) -> Result<usize, StorageError> {
        self.storage.forget(self.context.now())
    }

    /// States the heads of every tenant that changed; how many tenants that were.
    pub(crate) fn checkpoint(&mut self) -> Result<usize, StorageError> {
        let due = self.heads.due(self.context.now());
        if due.is_empty() {
            return Ok(0);
        }
        let made = Checkpoints { due: &due, signer: self.signer.as_ref(), last_frame: self.last_frame };
        match self.storage.state(&made) {
            Err(StorageError::Lost) => {
                self.start_over();
                return Ok(0);
            }
            stated => self.heads.stated(stated?.into_iter()),
        }
        Ok(due.len())
    }
}
