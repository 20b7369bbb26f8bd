//! Anchors: checkpoints put where whoever runs the log cannot take them back.

use crate::logs::TransparencyLogs;
use async_trait::async_trait;
use signet_kernel::{Failure, TenantId, Timestamp};
use signet_record::{LogError, StoredCheckpoint};
use std::io::Write as _;
use std::path::{Path, PathBuf};

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
    /// Puts the newest checkpoint of a tenant's log into a sink as `<date>-<size>.checkpoint`. Once a day, unless `again`.
    pub async fn anchor(&self, tenant: TenantId, sink: &dyn AnchorSink, again: bool) -> Result<Anchored, AnchorError> {
        let failed = |why| AnchorError::Sink { sink: sink.name(), why };
        let date = date(self.inner.context.now());
        if !again && sink.has(tenant, &date).await.map_err(failed)? {
            return Ok(Anchored::Before);
        }
        let Some(newest) = self.checkpoint(tenant).await? else { return Ok(Anchored::Nothing) };
        let name = format!("{date}-{}.checkpoint", newest.size);
        sink.put(tenant, &name, &newest.note).await.map_err(failed)?;
        self.inner.store.put_checkpoint(tenant, StoredCheckpoint { kept: true, ..newest }).await?;
        Ok(Anchored::Put { name })
    }
}

/// The day, as ISO 8601 writes it.
fn date(at: Timestamp) -> String {
    let text = at.to_string();
    text.split('T').next().unwrap_or_default().to_owned()
}

/// A directory, with one for each tenant in it: best on a disk that is not this machine's, or that is written once.
#[derive(Debug, Clone)]
pub struct DirectorySink(PathBuf);

impl DirectorySink {
    /// The directory at `path`, made when the first anchor is put there.
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    fn of(&self, tenant: TenantId) -> PathBuf {
        self.0.join(tenant.to_string())
    }
}

#[async_trait]
impl AnchorSink for DirectorySink {
    fn name(&self) -> String {
        self.0.display().to_string()
    }

    async fn has(&self, tenant: TenantId, beginning: &str) -> Result<bool, String> {
        match std::fs::read_dir(self.of(tenant)) {
            Ok(mut entries) => Ok(entries.any(|entry| {
                entry.is_ok_and(|entry| {
                    let name = entry.file_name();
                    let name = name.to_string_lossy();
                    name.starts_with(beginning) && name.ends_with(".checkpoint")
                })
            })),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error.to_string()),
        }
    }

    async fn put(&self, tenant: TenantId, name: &str, note: &[u8]) -> Result<(), String> {
        write(&self.of(tenant), name, note).map_err(|error| error.to_string())
    }
}

/// A crash leaves no half of it under its name.
fn write(directory: &Path, name: &str, note: &[u8]) -> std::io::Result<()> {
    let to = directory.join(name);
    if to.exists() {
        return Ok(());
    }
    std::fs::create_dir_all(directory)?;
    let draft = directory.join(format!("{name}.new"));
    let mut file = std::fs::File::create(&draft)?;
    file.write_all(note)?;
    file.sync_all()?;
    std::fs::rename(&draft, &to)?;
    std::fs::File::open(directory)?.sync_all()
}
