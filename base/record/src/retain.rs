//! Records leave when their time is over: which frames are old, how they are removed, and what was removed.
//!
//! A frame that is removed leaves its place in its chain: who wrote it, its number, its hash and the hash of the frame before
//! it. What proves that its records were there is kept by the Merkle log ([`crate::KeptEntries`]), before. In PostgreSQL a
//! function of the tables' owner removes frames, and only those whose entries are kept: a node's role may delete none.

mod files;
pub(crate) mod postgres;

use crate::error::AppendError;
use crate::frame::Hash;
use crate::personal::Personal;
use crate::query::ReadError;
use crate::queue::Order;
use crate::record::{Reading, Record};
use serde_json::{Map, Value};
use signet_kernel::{Failure, TenantId, Timestamp};

/// Frames that are removed in one commit, at most: whoever appends waits for it.
pub const REMOVED_AT_ONCE: usize = 32;

/// A frame, and not what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgedFrame {
    /// Its number.
    pub number: i64,
    /// Its table.
    pub table: String,
    /// When it was committed.
    pub committed: Timestamp,
    /// Records in it.
    pub count: u32,
}

/// A frame that was removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemovedFrame {
    /// In which order frames of the tenant were removed.
    pub number: i64,
    /// The number that it had.
    pub frame: i64,
    /// The table that it was in.
    pub table: String,
    /// When it was committed.
    pub committed: Timestamp,
    /// The earliest time that a record in it said.
    pub from: Timestamp,
    /// The latest.
    pub until: Timestamp,
    /// Its hash.
    pub hash: Hash,
}

impl Record {
    /// Frames of a tenant behind the frame `after` that were committed before `before`, and where to go on; `None` when all
    /// were looked at. Looks at `limit` frames at most.
    pub async fn aged(
        &self,
        tenant: TenantId,
        before: Timestamp,
        after: i64,
        limit: usize,
    ) -> Result<(Vec<AgedFrame>, Option<i64>), Failure> {
        match &self.inner.reading {
            Reading::Files { readers, .. } => {
                readers.with(move |reader| files::aged(&reader.frames, tenant, (before, after), limit)).await
            }
            Reading::Postgres(readers) => {
                readers.with(async |client| postgres::aged(client, tenant, (before, after), limit).await).await
            }
        }
    }

    /// Removes frames of a tenant, at most [`REMOVED_AT_ONCE`], whose entries the log keeps; how many were there. What is
    /// derived of them inside the record goes too.
    pub async fn remove(&self, tenant: TenantId, frames: Vec<i64>) -> Result<usize, AppendError> {
        self.order(|answer| Order::Remove { tenant, frames, answer }).await
    }

    /// Frames of a tenant that were removed after the `after`th, in that order.
    pub async fn removed(&self, tenant: TenantId, after: i64, limit: usize) -> Result<Vec<RemovedFrame>, Failure> {
        match &self.inner.reading {
            Reading::Files { readers, .. } => {
                readers.with(move |reader| files::removed(&reader.frames, tenant, after, limit)).await
            }
            Reading::Postgres(readers) => {
                readers.with(async |client| postgres::removed(client, tenant, after, limit).await).await
            }
        }
    }

    /// How often personal values of a tenant were erased. Whoever has derived anything makes it anew when this moves.
    pub async fn erasures(&self, tenant: TenantId) -> Result<i64, Failure> {
        match &self.inner.reading {
            Reading::Files { readers, .. } => readers.with(move |reader| files::erasures(&reader.frames, tenant)).await,
            Reading::Postgres(readers) => readers.with(async |client| postgres::erasures(client, tenant).await).await,
        }
    }
}

/// Why lines are no record.
#[derive(Debug, thiserror::Error)]
pub enum NoRecord {
    /// One of them is not what is stored.
    #[error("a line cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// The body was made with another value.
    #[error("the personal value '{0}' is not the one that the record was made with")]
    Personal(String),
}

/// A record of its body line and its personal line, as they were stored: personal values in their places, each the one that
/// the body commits to; `null` where one was erased.
pub fn whole_record(body: &[u8], personal: &[u8]) -> Result<Map<String, Value>, NoRecord> {
    let mut record = serde_json::from_slice(body)?;
    let personal = Personal::parse(personal)?;
    personal.check(&record).map_err(NoRecord::Personal)?;
    personal.put_back(&mut record);
    Ok(record)
}

fn hash(bytes: &[u8], frame: i64) -> Result<Hash, ReadError> {
    Hash::from_slice(bytes).ok_or(ReadError::Dangling(frame))
}
