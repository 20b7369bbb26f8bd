//! Signed statements of every chain's head: what makes truncation provable.

use crate::error::OpenError;
use crate::frame::{Hash, WriterId};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use signet_kernel::{TenantId, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// Marks the statement, so that no other signed text can pass for one.
pub(crate) const KIND: &str = "signet-record-checkpoint-v1";

/// Signs checkpoints.
pub trait CheckpointSigner: Send + Sync + 'static {
    /// Which key signs, for the verifier.
    fn key_id(&self) -> String;

    /// The signature over `statement`.
    fn sign(&self, statement: &[u8]) -> Vec<u8>;
}

/// Verifies what a [`CheckpointSigner`] signed.
pub trait CheckpointVerifier {
    /// Whether `signature` is `key_id`'s over `statement`.
    fn verify(&self, key_id: &str, statement: &[u8], signature: &[u8]) -> bool;
}

/// The last frame of one chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainHead {
    /// The table.
    pub table: String,
    /// The writer.
    pub writer: WriterId,
    /// The last frame's number.
    pub seq: u64,
    /// The last frame's hash.
    pub hash: Hash,
}

/// The signed statement: every chain of a tenant, of this writer and all before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Always `signet-record-checkpoint-v1`.
    pub kind: String,
    /// The tenant.
    pub tenant: TenantId,
    /// Number of this checkpoint in the tenant, from 0.
    pub sequence: u64,
    /// When it was made.
    pub at: Timestamp,
    /// SHA-256 of the statement before it.
    pub previous: Option<Hash>,
    /// The head of every chain, by table and writer.
    pub heads: Vec<ChainHead>,
}

impl Checkpoint {
    /// As the statement after `before`, with what that one says of other chains.
    pub(crate) fn after(mut self, before: Option<&[u8]>) -> Result<Self, serde_json::Error> {
        (self.sequence, self.previous) = (0, None);
        let Some(before) = before else { return Ok(self) };
        let said: Self = serde_json::from_slice(before)?;
        (self.sequence, self.previous) = (said.sequence + 1, Some(Hash::of(before)));
        let mut heads: BTreeMap<_, _> =
            said.heads.into_iter().map(|head| ((head.table.clone(), head.writer), head)).collect();
        heads.extend(self.heads.drain(..).map(|head| ((head.table.clone(), head.writer), head)));
        self.heads = heads.into_values().collect();
        Ok(self)
    }
}

/// The last statement of a tenant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Last {
    pub(crate) sequence: u64,
    pub(crate) hash: Hash,
}

#[derive(Debug, Default)]
struct TenantHeads {
    heads: BTreeMap<(String, WriterId), (u64, Hash)>,
    last: Option<Last>,
}

/// The heads as the next checkpoint will state them.
#[derive(Debug, Default)]
pub(crate) struct Heads {
    tenants: BTreeMap<TenantId, TenantHeads>,
    dirty: BTreeSet<TenantId>,
}

impl Heads {
    /// The heads that the last checkpoints state, moved on over the frames after them.
    pub(crate) fn load(connection: &Connection) -> Result<Self, OpenError> {
        let mut heads = Self::default();
        let covered = heads.load_statements(connection)?;
        heads.load_frames(connection, covered)?;
        Ok(heads)
    }

    fn load_statements(&mut self, connection: &Connection) -> Result<i64, OpenError> {
        let mut latest = connection.prepare(
            "SELECT c.statement, c.frame FROM (SELECT tenant, max(sequence) AS sequence FROM checkpoints GROUP BY tenant) l
             JOIN checkpoints c ON c.tenant = l.tenant AND c.sequence = l.sequence",
        )?;
        let mut rows = latest.query(())?;
        let mut covered = 0;
        while let Some(row) = rows.next()? {
            let statement: Vec<u8> = row.get(0)?;
            covered = covered.max(row.get(1)?);
            let said: Checkpoint =
                serde_json::from_slice(&statement).map_err(|error| OpenError::Damaged(error.to_string()))?;
            let tenant = self.tenants.entry(said.tenant).or_default();
            tenant.last = Some(Last { sequence: said.sequence, hash: Hash::of(&statement) });
            tenant.heads = said.heads.into_iter().map(|h| ((h.table, h.writer), (h.seq, h.hash))).collect();
        }
        Ok(covered)
    }

    fn load_frames(&mut self, connection: &Connection, after: i64) -> Result<(), OpenError> {
        let mut frames =
            connection.prepare("SELECT tenant, table_name, writer, seq, hash FROM frames WHERE id > ?1 ORDER BY id")?;
        let mut rows = frames.query([after])?;
        while let Some(row) = rows.next()? {
            let tenant = TenantId::from_slice(row.get_ref(0)?.as_blob().unwrap_or_default());
            let writer = WriterId::from_slice(row.get_ref(2)?.as_blob().unwrap_or_default());
            let hash = Hash::from_slice(row.get_ref(4)?.as_blob().unwrap_or_default());
            let (Some(tenant), Some(writer), Some(hash)) = (tenant, writer, hash) else {
                return Err(OpenError::Damaged("a frame has an id or a hash of the wrong length".to_owned()));
            };
            let seq: i64 = row.get(3)?;
            self.moved(tenant, &row.get::<_, String>(1)?, writer, seq.cast_unsigned(), hash);
        }
        Ok(())
    }

    /// Notes a committed frame.
    pub(crate) fn moved(&mut self, tenant: TenantId, table: &str, writer: WriterId, seq: u64, hash: Hash) {
        let heads = &mut self.tenants.entry(tenant).or_default().heads;
        heads.insert((table.to_owned(), writer), (seq, hash));
        self.dirty.insert(tenant);
    }

    /// Whether anything happened that no checkpoint states yet.
    pub(crate) fn is_dirty(&self) -> bool {
        !self.dirty.is_empty()
    }

    /// The statements that are due.
    pub(crate) fn due(&self, at: Timestamp) -> Vec<Checkpoint> {
        self.dirty.iter().filter_map(|tenant| Some(self.statement(*tenant, self.tenants.get(tenant)?, at))).collect()
    }

    fn statement(&self, tenant: TenantId, known: &TenantHeads, at: Timestamp) -> Checkpoint {
        let heads = known.heads.iter().map(|((table, writer), (seq, hash))| ChainHead {
            table: table.clone(),
            writer: *writer,
            seq: *seq,
            hash: *hash,
        });
        Checkpoint {
            kind: KIND.to_owned(),
            tenant,
            sequence: known.last.map_or(0, |last| last.sequence + 1),
            at,
            previous: known.last.map(|last| last.hash),
            heads: heads.collect(),
        }
    }

    /// The statements are durable.
    pub(crate) fn stated(&mut self, statements: impl Iterator<Item = (TenantId, Last)>) {
        for (tenant, last) in statements {
            self.tenants.entry(tenant).or_default().last = Some(last);
            self.dirty.remove(&tenant);
        }
    }
}
