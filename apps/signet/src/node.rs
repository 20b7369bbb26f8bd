//! A node, opened: its data directory and its storage, everything that reads or writes them, and nothing that listens.

use crate::command_error::CommandError;
use crate::config::Config;
use crate::data_dir::DataDir;
use crate::lock::Lock;
use crate::operator::master_key_rotated;
use crate::storage::Storage;
use crate::{anchors, master_files, outbound, transparency};
use signet_fetch::{KeyCache, KeyCacheSettings};
use signet_jobs::Worker;
use signet_jose::JwkSet;
use signet_kernel::Context;
use signet_logs::AuditCopier;
use signet_record::{Record, RecordOptions};
use signet_signing_keys::{KeySettings, MasterKey, MasterRing, RecordKey, RsaPool, SigningKeys, rotate_master};
use signet_store::Store;
use signet_tokens::{AuthorizationServer, Parts, PublicUrl};
use signet_transparency_log::TransparencyLogs;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// What a process that owns the data directory has open.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) config: Config,
    pub(crate) context: Context,
    pub(crate) data: DataDir,
    pub(crate) storage: Storage,
    pub(crate) store: Store,
    pub(crate) record: Record,
    pub(crate) record_key: Arc<RecordKey>,
    pub(crate) signing_keys: SigningKeys,
    pub(crate) server: AuthorizationServer,
    pub(crate) audit: AuditCopier,
    pub(crate) worker: Worker,
    pub(crate) transparency: TransparencyLogs,
    /// Held by what a rotation of the master key must not meet: the making of tenants, and backups.
    pub(crate) sealing: Mutex<()>,
    _lock: Lock,
}

/// How long a node that does a tenant's background work may stand still before another goes on with it.
const PATIENCE: Duration = Duration::from_mins(1);

impl Node {
    /// Takes the lock and opens everything, made at the first start. `ready_pairs` RSA key pairs are kept ready.
    pub(crate) async fn open(config: Config, context: Context, ready_pairs: usize) -> Result<Self, CommandError> {
        let data = DataDir::at(&config.data_dir);
        data.make()?;
        let lock = Lock::take(&data)?;
        let storage = Storage::of(&config.storage)?;
        let used = storage.is_used(&data).await?;
        let mut master = master_files::open(&data, used, &context)?;
        let interrupted = interrupted_rotation(&data, &storage, &master, &context)?;
        let record_key = record_key(&data, used, interrupted.as_ref().unwrap_or(&master), &context)?;
        anchors::before_upgrade(&config, &data, &storage, &context).await;
        let options = record_options(record_key.clone());
        let (store, record) = storage.open(&data, options, config.cache, &context).await?;
        if let Some(next) = interrupted {
            master = finish_rotation(&data, &store, &master, next).await?;
        }
        let pairs = Arc::new(RsaPool::start(ready_pairs).map_err(CommandError::failed)?);
        let settings = KeySettings { rotation: config.keys.rotation() };
        let signing_keys = SigningKeys::new(store.clone(), ring(&data, master), pairs, settings);
        signing_keys.check_master().await?;
        let outside_keys =
            KeyCache::new(outbound::fetch(&config.fetch)?, parse_keys, KeyCacheSettings::default(), context.clone());
        let parts = Parts {
            store: store.clone(),
            record: record.clone(),
            signing_keys: signing_keys.clone(),
            outside_keys,
            public_url: PublicUrl::new(&config.public_url),
        };
        let server = AuthorizationServer::new(parts, !is_unconfirmed(&data, &store));
        let audit = AuditCopier::start(store.clone(), record.clone());
        let worker = Worker::new(store.clone(), PATIENCE);
        let transparency = transparency::open((&config, &data, &storage), &store, &record_key, &context)?;
        Ok(Self {
            config,
            context,
            data,
            storage,
            store,
            record,
            record_key,
            signing_keys,
            server,
            audit,
            worker,
            transparency,
            sealing: Mutex::new(()),
            _lock: lock,
        })
    }

    /// Whether what was restored waits to be confirmed.
    pub(crate) fn is_restored_unconfirmed(&self) -> bool {
        is_unconfirmed(&self.data, &self.store)
    }

    /// Writes what waits and a last checkpoint.
    pub(crate) async fn close(&self) {
        if let Err(failure) = self.server.record_counts(true).await {
            tracing::warn!(%failure, "counted refusals could not be recorded");
        }
        if let Err(failure) = self.audit.caught_up().await {
            tracing::warn!(%failure, "audit records wait in the directory; the next start copies them");
        }
        self.record.shutdown().await;
    }
}

/// A data directory is marked by a file, a database that nodes share by its epoch.
fn is_unconfirmed(data: &DataDir, store: &Store) -> bool {
    data.restored().exists() || store.awaits_confirmation()
}

/// The next master key, if an earlier process has ended while it was making it the one in use. The record key is sealed
/// under it when this returns.
fn interrupted_rotation(
    data: &DataDir,
    storage: &Storage,
    master: &MasterKey,
    context: &Context,
) -> Result<Option<MasterKey>, CommandError> {
    let Some(next) = master_files::next(data).map_err(CommandError::failed)? else { return Ok(None) };
    let begun = match storage {
        Storage::Embedded => true,
        Storage::Postgres(_) => master_files::has_begun(data, &next).map_err(CommandError::failed)?,
    };
    if !begun {
        return Ok(None);
    }
    master_files::begin(data, master, context).map(Some).map_err(CommandError::failed)
}

/// Another node may have taken the next key into use already, or still use the one before.
fn ring(data: &DataDir, master: MasterKey) -> MasterRing {
    let data = data.clone();
    MasterRing::new(master, move |fingerprint| master_files::other(&data, fingerprint))
}

async fn finish_rotation(
    data: &DataDir,
    store: &Store,
    old: &MasterKey,
    new: MasterKey,
) -> Result<MasterKey, CommandError> {
    let entry = |tenant| master_key_rotated(store.context(), tenant);
    let rewrapped = rotate_master(store, old, &new, entry).await?;
    master_files::finish(data).map_err(CommandError::failed)?;
    tracing::info!(rewrapped, key = new.fingerprint(), "finished the rotation of the master key that was interrupted");
    Ok(new)
}

/// One key signs the statements of all nodes, so that whoever verifies the record needs one.
pub(crate) fn record_key(
    data: &DataDir,
    used: bool,
    master: &MasterKey,
    context: &Context,
) -> Result<Arc<RecordKey>, CommandError> {
    let path = data.record_key();
    if used && !path.exists() {
        return Err(CommandError::failed(format!(
            "{} is not there, and the record it signs is; put it back, or copy it from another node of this database",
            path.display()
        )));
    }
    let key = RecordKey::load_or_create(&path, master, context);
    key.map(Arc::new).map_err(|error| CommandError::failed(format!("{}: {error}", path.display())))
}

/// The record as this node writes it.
pub(crate) fn record_options(signer: Arc<RecordKey>) -> RecordOptions {
    RecordOptions::new(node_name(), signer)
}

fn parse_keys(document: &[u8]) -> Result<JwkSet, String> {
    JwkSet::parse(document).map_err(|error| error.to_string())
}

fn node_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Loaded;

    #[tokio::test(flavor = "multi_thread")]
    async fn invariant_14_data_without_its_master_key_stops_the_start_and_no_new_key_is_made() {
        let directory = tempfile::tempdir().unwrap();
        let flag = ("--data-dir", "data_dir", directory.path().display().to_string());
        let config = Loaded::load(None, std::iter::empty(), &[flag]).unwrap().config;
        Node::open(config.clone(), Context::system(), 1).await.unwrap().close().await;
        let key = DataDir::at(directory.path()).master_key();
        std::fs::remove_file(&key).unwrap();
        let refused = Node::open(config, Context::system(), 1).await.unwrap_err();
        assert!(refused.to_string().contains("master.key"), "{refused}");
        assert!(!key.exists());
    }
}
