//! The log in PostgreSQL, beside the record of several nodes.
//!
//! Frame numbers are taken in blocks, one writer's each, and the frames of a block appear in the order of their numbers.
//! So for each block that may still grow, what is new lies behind the last frame that is in the log; and a block grows no
//! more once its writer has ended.

mod rows;
mod statements;

pub(super) use rows::Moment;

use super::found::{ChainTip, FoundFrame, Marks, Reached, Unlogged};
use super::{KeptEntries, LogError, LogHead, LogRound, LogSnapshot, LogSpan, LogTile, StoredCheckpoint};
use crate::connect::{Client, Connect};
use crate::frame::WriterId;
use parking_lot::Mutex;
use signet_kernel::{TenantId, Timestamp};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{IsolationLevel, Transaction};
use uuid::Uuid;

/// How long a piece of work may take; beyond what the server itself allows a statement.
const LIMIT: Duration = Duration::from_secs(15);
/// Frames found at once: tens of kilobytes each under load.
const FRAMES: i64 = 64;
/// Writers ended at once.
const ENDED_AT_ONCE: usize = 64;

/// The log beside a record in PostgreSQL, over connections of its own.
#[derive(Clone)]
pub(super) struct PostgresLog {
    connect: Arc<dyn Connect>,
    idle: Arc<Mutex<Vec<Client>>>,
}

impl std::fmt::Debug for PostgresLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresLog").finish_non_exhaustive()
    }
}

impl PostgresLog {
    pub(super) fn new(connect: Arc<dyn Connect>) -> Self {
        Self { connect, idle: Arc::default() }
    }

    /// Works on a connection; one that failed is not used again.
    async fn with<T>(&self, work: impl AsyncFnOnce(&mut Client) -> Result<T, LogError>) -> Result<T, LogError> {
        let done = async {
            let mut client = self.client().await?;
            let found = work(&mut client).await?;
            self.idle.lock().push(client);
            Ok(found)
        };
        tokio::time::timeout(LIMIT, done).await.unwrap_or(Err(LogError::Late))
    }

    async fn client(&self) -> Result<Client, LogError> {
        let idle = self.idle.lock().pop().filter(|client| !client.is_closed());
        match idle {
            Some(client) => Ok(client),
            None => self.connect.connect().await.map_err(LogError::Unreachable),
        }
    }

    pub(super) async fn find(&self, tenant: TenantId) -> Result<Unlogged, LogError> {
        self.with(async |client| {
            // One moment: of each writer what it has committed up to there, and nothing in between is missed.
            let begin = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true);
            let moment = begin.start().await?;
            let found = find(&moment, tenant).await?;
            moment.commit().await?;
            Ok(found)
        })
        .await
    }

    pub(super) async fn commit(&self, reached: Reached, rounds: Vec<LogRound>) -> Result<bool, LogError> {
        let Marks::Postgres { tenant, blocks, ended } = reached.0 else { return Ok(false) };
        self.with(async |client| {
            let transaction = client.transaction().await?;
            let round = rounds.iter().find(|round| round.tenant == tenant);
            if !take(&transaction, tenant, round, ended).await? {
                transaction.rollback().await?;
                return Ok(false);
            }
            statements::note_reached(&transaction, tenant, &blocks, ended.1).await?;
            transaction.commit().await?;
            Ok(true)
        })
        .await
    }

    pub(super) async fn tend(&self, silent_since: Timestamp) -> Result<(), LogError> {
        self.with(async |client| {
            client.execute(statements::ADOPT_BLOCKS, &[]).await?;
            for _ in 0..ENDED_AT_ONCE {
                match client.execute(statements::END_SILENT, &[&silent_since.micros()]).await {
                    Ok(0) => break,
                    Ok(_) => {}
                    // Another writer took that number: there is a next time.
                    Err(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => break,
                    Err(error) => return Err(error.into()),
                }
            }
            Ok(())
        })
        .await
    }

    pub(super) async fn head(&self, tenant: TenantId) -> Result<Option<LogHead>, LogError> {
        self.with(async |client| {
            let row = client.query_opt(statements::HEAD, &[&tenant.uuid()]).await?;
            row.as_ref().map(|row| rows::head(row, 0)).transpose()
        })
        .await
    }

    pub(super) async fn tips(
        &self,
        tenant: TenantId,
        chains: Vec<(String, WriterId)>,
    ) -> Result<HashMap<(String, WriterId), ChainTip>, LogError> {
        let (tables, writers): (Vec<String>, Vec<Uuid>) =
            chains.into_iter().map(|(table, writer)| (table, Uuid::from_bytes(*writer.as_bytes()))).unzip();
        self.with(async |client| {
            let found = client.query(statements::TIPS, &[&tenant.uuid(), &tables, &writers]).await?;
            found.iter().map(rows::tip).collect()
        })
        .await
    }

    pub(super) async fn tiles(&self, tenant: TenantId, wanted: Vec<(u8, u64)>) -> Result<Vec<LogTile>, LogError> {
        self.with(async |client| rows::tiles(client, tenant, &wanted).await).await
    }

    pub(super) async fn span_of(&self, tenant: TenantId, frame: i64) -> Result<Option<LogSpan>, LogError> {
        self.with(async |client| {
            let row = client.query_opt(statements::SPAN_OF, &[&tenant.uuid(), &frame]).await?;
            row.as_ref().map(rows::span).transpose()
        })
        .await
    }

    pub(super) async fn spans(&self, tenant: TenantId, leaf: u64, limit: usize) -> Result<Vec<LogSpan>, LogError> {
        self.with(async |client| rows::spans(client, tenant, leaf, limit).await).await
    }

    pub(super) async fn frames(&self, tenant: TenantId, wanted: Vec<i64>) -> Result<Vec<FoundFrame>, LogError> {
        self.with(async |client| rows::frames(client, tenant, &wanted).await).await
    }

    pub(super) async fn kept_entries(&self, tenant: TenantId, wanted: Vec<u64>) -> Result<Vec<KeptEntries>, LogError> {
        self.with(async |client| rows::kept_entries(client, tenant, &wanted).await).await
    }

    pub(super) async fn keep_entries(&self, tenant: TenantId, entries: Vec<KeptEntries>) -> Result<(), LogError> {
        let (leaves, kept): (Vec<i64>, Vec<Vec<u8>>) =
            entries.into_iter().map(|kept| (kept.first_leaf.cast_signed(), kept.entries)).unzip();
        self.with(async |client| {
            Ok(client.execute(statements::KEEP_ENTRIES, &[&tenant.uuid(), &leaves, &kept]).await.map(drop)?)
        })
        .await
    }

    pub(super) async fn put_checkpoint(&self, tenant: TenantId, made: StoredCheckpoint) -> Result<(), LogError> {
        let (epoch, size) = (made.epoch.cast_signed(), made.size.cast_signed());
        self.with(async |client| {
            let values: [&(dyn ToSql + Sync); 5] = [&tenant.uuid(), &epoch, &size, &made.note, &made.kept];
            Ok(client.execute(statements::PUT_CHECKPOINT, &values).await.map(drop)?)
        })
        .await
    }

    pub(super) async fn newest_checkpoint(
        &self,
        tenant: TenantId,
        epoch: u64,
    ) -> Result<Option<StoredCheckpoint>, LogError> {
        self.with(async |client| {
            let row = client.query_opt(statements::NEWEST_CHECKPOINT, &[&tenant.uuid(), &epoch.cast_signed()]).await?;
            row.as_ref().map(rows::checkpoint).transpose()
        })
        .await
    }

    pub(super) async fn thin_checkpoints(&self, tenant: TenantId, epoch: u64, number: usize) -> Result<(), LogError> {
        let number = i64::try_from(number).unwrap_or(i64::MAX);
        self.with(async |client| {
            let values: [&(dyn ToSql + Sync); 3] = [&tenant.uuid(), &epoch.cast_signed(), &number];
            Ok(client.execute(statements::THIN_CHECKPOINTS, &values).await.map(drop)?)
        })
        .await
    }

    pub(super) async fn stop(&self, tenant: TenantId, why: String, at: Timestamp) -> Result<bool, LogError> {
        self.with(async |client| Ok(client.execute(statements::STOP, &[&tenant.uuid(), &why, &at.micros()]).await? > 0))
            .await
    }

    pub(super) async fn resume(&self, tenant: TenantId) -> Result<bool, LogError> {
        self.with(async |client| Ok(client.execute(statements::RESUME, &[&tenant.uuid()]).await? > 0)).await
    }

    pub(super) async fn stopped(&self) -> Result<HashMap<TenantId, String>, LogError> {
        self.with(async |client| {
            let rows = client.query(statements::STOPPED, &[]).await?;
            rows.iter().map(|row| Ok((TenantId::from_uuid(row.try_get(0)?), row.try_get(1)?))).collect()
        })
        .await
    }

    pub(super) async fn snapshot(&self) -> Result<LogSnapshot, LogError> {
        let client = self.client().await?;
        client.batch_execute("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
        Ok(LogSnapshot::of_postgres(Moment::new(client)))
    }
}

async fn find(moment: &Transaction<'_>, tenant: TenantId) -> Result<Unlogged, LogError> {
    let known: i64 = match moment.query_opt(statements::KNOWN_ENDED, &[&tenant.uuid()]).await? {
        Some(row) => row.try_get(0)?,
        None => 0,
    };
    let ended: i64 = moment.query_one(statements::LAST_ENDED, &[]).await?.try_get(0)?;
    let found = moment.query(statements::FIND, &[&tenant.uuid(), &FRAMES, &statements::BLOCK, &known]).await?;
    let mut blocks = BTreeMap::new();
    let mut frames = Vec::with_capacity(found.len());
    for row in &found {
        let frame = rows::frame(row)?;
        blocks.insert(row.try_get::<_, i64>(13)?, frame.number);
        frames.push(frame);
    }
    let more = i64::try_from(frames.len()) == Ok(FRAMES);
    // While there is more, it may be of writers that have ended.
    let ended = (known, if more { known } else { ended });
    let marks = Marks::Postgres { tenant, blocks: blocks.into_iter().collect(), ended };
    Ok(Unlogged { frames, reached: Reached(marks), more })
}

/// Takes a round into the log, or notes without one which writers are done with.
async fn take(
    transaction: &Transaction<'_>,
    tenant: TenantId,
    round: Option<&LogRound>,
    ended: (i64, i64),
) -> Result<bool, LogError> {
    transaction.execute(statements::MAKE_HEAD, &[&tenant.uuid()]).await?;
    let Some(round) = round else {
        return Ok(transaction.execute(statements::NOTE_ENDED, &[&tenant.uuid(), &ended.0, &ended.1]).await? > 0);
    };
    // INVARIANT: whoever else gathers, one of those who were made for this size commits.
    let (before, after) = (round.before.cast_signed(), round.after.size.cast_signed());
    let root = round.after.root.as_slice();
    let raised = transaction.execute(statements::RAISE, &[&tenant.uuid(), &before, &after, &root, &ended.1]).await?;
    if raised == 0 {
        return Ok(false);
    }
    statements::put_round(transaction, round).await?;
    Ok(true)
}
