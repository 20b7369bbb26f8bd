//! Into the archive, and back.

use crate::part::{About, Part, folder};
use crate::rows::{self, records_of};
use async_trait::async_trait;
use bytes::Bytes;
use serde::Serialize;
use serde_json::{Map, Value};
use signet_kernel::{Failure, TenantId, Timestamp};
use signet_log_retention::{Archive, Archived};
use signet_logs::tables::table;
use signet_object_storage::{Objects, ObjectsError};
use signet_record::{NoRecord, whole_record};
use signet_tlog::Log;
use signet_transparency_log::{RangeProofError, Stood, TransparencyLogs};
use std::collections::BTreeSet;

/// Frames whose content is in memory at once, besides what is written of them.
const AT_ONCE: usize = 32;

/// Why something did not go into the archive, or did not come back.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The place refuses.
    #[error(transparent)]
    Objects(#[from] ObjectsError),
    /// A file is no Parquet, or cannot become one.
    #[error("a part of the archive: {0}")]
    Parquet(#[from] parquet::errors::ParquetError),
    /// Rows do not fit their columns.
    #[error("a part of the archive: {0}")]
    Arrow(#[from] arrow::error::ArrowError),
    /// A column is missing, or is of another type.
    #[error("a part of the archive has no column '{0}' as it should be")]
    Column(&'static str),
    /// What is said of a part cannot be read.
    #[error("what is said of a part of the archive cannot be read: {0}")]
    About(#[from] serde_json::Error),
    /// A part is there without its proof, or the other way round.
    #[error("{0} is not there")]
    Missing(String),
    /// It is not what was archived.
    #[error("{part}: {problem}")]
    Damaged {
        /// Which part.
        part: String,
        /// What is wrong with it.
        problem: RangeProofError,
    },
    /// A record is not whole.
    #[error("{part}: leaf {leaf}: {problem}")]
    NoRecord {
        /// In which part.
        part: String,
        /// Its leaf.
        leaf: u64,
        /// What is wrong with it.
        problem: NoRecord,
    },
    /// No key is known for the log that it is of.
    #[error("{0}: no key is known for the log that its proof is of")]
    NoKey(String),
    /// The record or its log cannot be read.
    #[error("{0}")]
    Failed(Failure),
}

impl From<ArchiveError> for Failure {
    fn from(error: ArchiveError) -> Self {
        match error {
            ArchiveError::Objects(_) => Self::busy(error),
            ArchiveError::Failed(failure) => failure,
            error => Self::bug(error),
        }
    }
}

/// An archive in an object store.
#[derive(Debug, Clone)]
pub struct ObjectArchive {
    objects: Objects,
    logs: TransparencyLogs,
}

impl ObjectArchive {
    /// In this place, of what these logs prove.
    pub fn new(objects: Objects, logs: TransparencyLogs) -> Self {
        Self { objects, logs }
    }

    async fn write(&self, archived: &Archived<'_>) -> Result<(), ArchiveError> {
        let Archived { tenant, table, frames, statement } = *archived;
        let failed = |error: signet_record::LogError| ArchiveError::Failed(error.into());
        let mut records = Vec::new();
        for some in frames.chunks(AT_ONCE) {
            let numbers = some.iter().map(|frame| frame.number).collect();
            for frame in self.logs.store().frames(tenant, numbers).await.map_err(failed)? {
                let span = self.logs.store().span_of(tenant, frame.number).await.map_err(failed)?;
                let Some(span) = span else { continue };
                records.extend(records_of(&frame, span.first_leaf));
            }
        }
        records.sort_unstable_by_key(|record| record.leaf);
        let (Some(first), Some(from)) = (records.first(), frames.iter().map(|frame| frame.committed).min()) else {
            return Ok(());
        };
        let until = frames.iter().map(|frame| frame.committed).max().unwrap_or(from);
        let part = Part::new(tenant, table, first.committed, first.leaf);
        let proof = self.logs.prove_ranges(tenant, &statement.ranges).await;
        let about = About {
            tenant,
            table: table.to_owned(),
            records: records.len() as u64,
            from,
            until,
            ranges: statement.ranges.clone(),
            entries_hash: statement.entries_hash.clone(),
            proof: proof.map_err(|error| ArchiveError::Failed(error.into()))?,
        };
        let named = table.to_owned();
        let file = tokio::task::spawn_blocking(move || rows::write(&named, &records)).await;
        let file = file.map_err(|error| ArchiveError::Failed(Failure::bug(error)))??;
        // What is said of it comes last: a part counts once its proof is there.
        self.objects.put(&part.rows(), file).await?;
        self.objects.put(&part.proof(), Bytes::from(serde_json::to_vec(&about)?)).await?;
        Ok(())
    }

    async fn remove_old(
        &self,
        (tenant, table): (TenantId, &str),
        before: Timestamp,
        held: &(dyn Fn(Timestamp, Timestamp) -> bool + Send + Sync),
    ) -> Result<Vec<String>, ArchiveError> {
        let mut gone = Vec::new();
        let day = before.to_string();
        for part in list(&self.objects, tenant, table).await? {
            if part.date.as_str() > day.as_str() {
                continue;
            }
            let about = about(&self.objects, &part).await?;
            if about.until < before && !held(about.from, about.until) {
                self.objects.remove(&part.proof()).await?;
                self.objects.remove(&part.rows()).await?;
                gone.push(part.name);
            }
        }
        Ok(gone)
    }
}

#[async_trait]
impl Archive for ObjectArchive {
    async fn put(&self, frames: &Archived<'_>) -> Result<(), Failure> {
        Ok(self.write(frames).await?)
    }

    async fn expire(
        &self,
        tenant: TenantId,
        table: &str,
        before: Timestamp,
        held: &(dyn Fn(Timestamp, Timestamp) -> bool + Send + Sync),
    ) -> Result<Vec<String>, Failure> {
        Ok(self.remove_old((tenant, table), before, held).await?)
    }
}

/// The parts of a tenant's table, the oldest first.
pub async fn list(objects: &Objects, tenant: TenantId, table: &str) -> Result<Vec<Part>, ArchiveError> {
    let mut parts: Vec<Part> = objects
        .list(&folder(tenant, table))
        .await?
        .iter()
        .filter_map(|listed| Part::of_proof(&listed.name))
        .filter(|part| part.table == table)
        .collect();
    parts.sort_unstable_by_key(|part| part.first_leaf);
    Ok(parts)
}

/// What came back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Restored {
    /// Parts that were read.
    pub parts: u64,
    /// Records that came back.
    pub records: u64,
}

/// Brings records back that were committed within a span, each verified, as rows of their table: `take` is handed one after the
/// other, in the order of the log.
pub async fn restore(
    objects: &Objects,
    (tenant, name): (TenantId, &str),
    (from, until): (Timestamp, Timestamp),
    log: &(dyn Fn(&str) -> Option<Log> + Send + Sync),
    take: &mut (dyn FnMut(Map<String, Value>) -> std::io::Result<()> + Send),
) -> Result<Restored, ArchiveError> {
    let mut restored = Restored::default();
    let mut taken: BTreeSet<u64> = BTreeSet::new();
    for part in list(objects, tenant, name).await? {
        let about = about(objects, &part).await?;
        if about.until < from || about.from > until {
            continue;
        }
        let file = objects.get(&part.rows()).await?.ok_or_else(|| ArchiveError::Missing(part.rows()))?;
        let damaged = |problem| ArchiveError::Damaged { part: part.name.clone(), problem };
        let log = about.proof.origin().and_then(|origin| log(&origin));
        let log = log.ok_or_else(|| ArchiveError::NoKey(part.name.clone()))?;
        let proved = about.proof.verify(&log).map_err(damaged)?;
        restored.parts += 1;
        // A leaf before this part's first cannot come again: parts are read in the order of their first.
        taken = taken.split_off(&part.first_leaf);
        for record in rows::read(file)? {
            let (keys, body) = (record.keys.as_bytes(), record.body.as_bytes());
            let (writer, seq, line) = (record.writer.as_str(), record.seq, record.line);
            let stood = Stood { table: name, writer, seq, line, keys, body };
            proved.check(record.leaf, &stood).map_err(damaged)?;
            if record.committed < from || record.committed > until || !taken.insert(record.leaf) {
                continue;
            }
            let wrong = |problem| ArchiveError::NoRecord { part: part.name.clone(), leaf: record.leaf, problem };
            let whole = whole_record(body, record.personal.as_bytes()).map_err(wrong)?;
            let mut row = table(name).map_or_else(|| whole.clone(), |table| table.view(whole.clone()));
            row.insert("_Leaf".to_owned(), record.leaf.into());
            row.insert("_TimeReceived".to_owned(), record.committed.to_string().into());
            take(row).map_err(|error| ArchiveError::Failed(Failure::busy(error)))?;
            restored.records += 1;
        }
    }
    Ok(restored)
}

async fn about(objects: &Objects, part: &Part) -> Result<About, ArchiveError> {
    let said = objects.get(&part.proof()).await?.ok_or_else(|| ArchiveError::Missing(part.proof()))?;
    Ok(serde_json::from_slice(&said)?)
}
