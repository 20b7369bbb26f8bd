//! Anchors: checkpoints put where whoever runs the log cannot take them back.

mod directory;

pub use directory::DirectorySink;

use crate::logs::TransparencyLogs;
use crate::name::FIRST_EPOCH;
use async_trait::async_trait;
use signet_kernel::{Failure, TenantId, Timestamp};
use signet_record::{LogError, LogSnapshot, StoredCheckpoint};

/// Why an anchor was not put.
#[derive(Debug, thiserror::Error)]
pub enum AnchorError {
    /// The sink refuses.
    #[error("the anchor could not be put into {sink}: {why}")]
    Sink {
        /// Which.
        sink: String,
        /// Why.
        why: String,
    },
    /// The log cannot be read.
    #[error(transparent)]
    Unreadable(#[from] LogError),
}

impl From<AnchorError> for Failure {
    fn from(error: AnchorError) -> Self {
        Self::busy(error)
    }
}

/// A place that anchors go to.
#[async_trait]
pub trait AnchorSink: Send + Sync + 'static {
    /// What it is called, for people.
    fn name(&self) -> String;

    /// Whether an anchor of the tenant whose name begins so is there.
    async fn has(&self, tenant: TenantId, beginning: &str) -> Result<bool, String>;

    /// Puts an anchor there. One of this name that is there already stays as it is.
    async fn put(&self, tenant: TenantId, name: &str, note: &[u8]) -> Result<(), String>;
}

/// What became of an anchor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Anchored {
    /// It was put.
    Put {
        /// Under this name.
        name: String,
    },
    /// One of this day is there.
    Before,
    /// Nothing was signed yet.
    Nothing,
}

impl TransparencyLogs {
    /// Puts the newest checkpoint of a tenant's log into a sink as `<date>-<size>.checkpoint`, after a restore as
    /// `<date>-e<epoch>-<size>.checkpoint`. Once a day, unless `again`.
    pub async fn anchor(&self, tenant: TenantId, sink: &dyn AnchorSink, again: bool) -> Result<Anchored, AnchorError> {
        let done = self.put_anchor(tenant, sink, again).await;
        if !matches!(done, Ok(Anchored::Nothing)) {
            self.inner.meter.anchored(&sink.name(), tenant, self.inner.context.monotonic(), done.is_ok());
        }
        done
    }

    async fn put_anchor(&self, tenant: TenantId, sink: &dyn AnchorSink, again: bool) -> Result<Anchored, AnchorError> {
        let failed = |why| AnchorError::Sink { sink: sink.name(), why };
        let Some(newest) = self.checkpoint(tenant).await? else { return Ok(Anchored::Nothing) };
        let beginning = beginning(self.inner.context.now(), newest.epoch);
        if !again && sink.has(tenant, &beginning).await.map_err(failed)? {
            return Ok(Anchored::Before);
        }
        let name = format!("{beginning}{}.checkpoint", newest.size);
        sink.put(tenant, &name, &newest.note).await.map_err(failed)?;
        self.inner.store.put_checkpoint(tenant, StoredCheckpoint { kept: true, ..newest }).await?;
        Ok(Anchored::Put { name })
    }
}

/// The newest checkpoint of every log in a snapshot: what is anchored before anything changes what the logs are made of,
/// and before the logs can be opened.
pub async fn newest_signed(snapshot: &LogSnapshot) -> Result<Vec<(TenantId, StoredCheckpoint)>, LogError> {
    let mut newest = Vec::new();
    for (tenant, _) in snapshot.heads().await? {
        let signed = snapshot.checkpoints(tenant).await?;
        newest.extend(signed.into_iter().max_by_key(|made| (made.epoch, made.size)).map(|made| (tenant, made)));
    }
    Ok(newest)
}

/// Puts checkpoints into a sink, whether or not there are others of the day; what they are called there.
pub async fn put_anchors(
    sink: &dyn AnchorSink,
    signed: &[(TenantId, StoredCheckpoint)],
    at: Timestamp,
) -> Result<Vec<String>, AnchorError> {
    let mut names = Vec::with_capacity(signed.len());
    for (tenant, made) in signed {
        let name = format!("{}{}.checkpoint", beginning(at, made.epoch), made.size);
        let put = sink.put(*tenant, &name, &made.note).await;
        put.map_err(|why| AnchorError::Sink { sink: sink.name(), why })?;
        names.push(name);
    }
    Ok(names)
}

/// What the names of a day's anchors begin with: the day, as ISO 8601 writes it, and which log of the tenant's it is.
fn beginning(at: Timestamp, epoch: u64) -> String {
    let text = at.to_string();
    let day = text.split('T').next().unwrap_or_default();
    if epoch == FIRST_EPOCH { format!("{day}-") } else { format!("{day}-e{epoch}-") }
}
