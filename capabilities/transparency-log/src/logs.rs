//! The logs of a deployment.

use crate::alarm::{Alarm, AlarmKind};
use crate::meter::Meter;
use crate::name::LogName;
use parking_lot::Mutex;
use signet_kernel::{Context, Failure, TenantId};
use signet_record::{LogError, LogHead, LogStore, StoredCheckpoint};
use signet_tlog::{Hash, KeyName, Log, Signer as _, SigningKey, Tree, TreeHead};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The key of a tenant's log, under its name. The same on every node.
pub type LogKeys = Arc<dyn Fn(TenantId, KeyName) -> Result<SigningKey, Failure> + Send + Sync>;

/// The logs of a deployment. Cheap to clone.
#[derive(Clone)]
pub struct TransparencyLogs {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) store: LogStore,
    pub(crate) context: Context,
    pub(crate) alarm: Arc<dyn Alarm>,
    host: String,
    keys: LogKeys,
    /// Tenants, and the epoch of each.
    epochs: Mutex<BTreeMap<TenantId, u64>>,
    /// Trees as this node committed them last.
    pub(crate) trees: Mutex<HashMap<TenantId, Tree>>,
    /// What this node is known to have signed.
    pub(crate) signed: Mutex<HashMap<TenantId, (u64, u64)>>,
    pub(crate) meter: Meter,
}

impl std::fmt::Debug for TransparencyLogs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TransparencyLogs").field("host", &self.inner.host).finish_non_exhaustive()
    }
}

impl TransparencyLogs {
    /// The logs in `store` of the deployment at `host`.
    pub fn new(
        store: LogStore,
        host: impl Into<String>,
        keys: LogKeys,
        alarm: Arc<dyn Alarm>,
        context: Context,
    ) -> Self {
        let (epochs, trees, signed, meter) = Default::default();
        Self { inner: Arc::new(Inner { store, context, alarm, host: host.into(), keys, epochs, trees, signed, meter }) }
    }

    /// Says which tenants there are, and in which epoch each is. A log of no known tenant is neither written nor served.
    pub fn know(&self, tenants: impl IntoIterator<Item = (TenantId, u64)>) {
        let tenants: BTreeMap<TenantId, u64> = tenants.into_iter().collect();
        self.inner.meter.keep(&tenants.keys().copied().collect());
        *self.inner.epochs.lock() = tenants;
    }

    /// The tenants that are known.
    pub fn tenants(&self) -> Vec<TenantId> {
        self.inner.epochs.lock().keys().copied().collect()
    }

    /// Forgets what this node knows of trees: another may have written since.
    pub fn forget(&self) {
        self.inner.trees.lock().clear();
        self.inner.signed.lock().clear();
    }

    /// Where the logs lie.
    pub fn store(&self) -> &LogStore {
        &self.inner.store
    }

    /// What the tenant's log is called now; `None` of no known tenant.
    pub fn name(&self, tenant: TenantId) -> Option<LogName> {
        self.epoch(tenant).map(|epoch| self.name_in(tenant, epoch))
    }

    /// What a reader of the tenant's log has to trust: its name and its key.
    pub fn log(&self, tenant: TenantId) -> Result<Option<Log>, Failure> {
        let Some(epoch) = self.epoch(tenant) else { return Ok(None) };
        self.log_in(tenant, epoch).map(Some)
    }

    /// The newest checkpoint of a tenant's log.
    pub async fn checkpoint(&self, tenant: TenantId) -> Result<Option<StoredCheckpoint>, LogError> {
        match self.epoch(tenant) {
            Some(epoch) => self.inner.store.newest_checkpoint(tenant, epoch).await,
            None => Ok(None),
        }
    }

    /// Lets a stopped log go on, after somebody has looked; whether it was stopped.
    pub async fn resume(&self, tenant: TenantId) -> Result<bool, LogError> {
        let was = self.inner.store.resume(tenant).await?;
        self.inner.store.look_again(tenant).await?;
        self.inner.meter.stopped(tenant, false);
        self.forget();
        Ok(was)
    }

    pub(crate) fn epoch(&self, tenant: TenantId) -> Option<u64> {
        self.inner.epochs.lock().get(&tenant).copied()
    }

    pub(crate) fn name_in(&self, tenant: TenantId, epoch: u64) -> LogName {
        LogName::new(self.inner.host.clone(), tenant, epoch)
    }

    pub(crate) fn key(&self, tenant: TenantId, epoch: u64) -> Result<SigningKey, Failure> {
        let name = self.name_in(tenant, epoch).key_name().map_err(Failure::bug)?;
        (self.inner.keys)(tenant, name)
    }

    pub(crate) fn log_in(&self, tenant: TenantId, epoch: u64) -> Result<Log, Failure> {
        let key = self.key(tenant, epoch)?;
        Ok(Log::new(self.name_in(tenant, epoch).to_string(), [key.key().clone()]))
    }

    /// Stops a log and tells somebody, once.
    pub(crate) async fn stop(&self, tenant: TenantId, kind: AlarmKind, why: String) -> Result<(), LogError> {
        let at = self.inner.context.now();
        self.inner.meter.stopped(tenant, true);
        if self.inner.store.stop(tenant, why.clone(), at).await? {
            self.inner.alarm.raise(tenant, kind, why).await;
        }
        Ok(())
    }
}

/// A stored head as a tree head. The row of a tree without leaves holds no root.
pub(crate) fn tree_head(head: Option<LogHead>) -> TreeHead {
    match head {
        Some(head) if head.size > 0 => TreeHead { size: head.size, root: Hash::from_bytes(head.root) },
        _ => TreeHead::EMPTY,
    }
}
