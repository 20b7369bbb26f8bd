//! The key that seals what belongs to one tenant, wrapped by the master key.

use crate::MasterKey;
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use signet_kernel::{Context, Failure, Sealed, SealingKey, TenantId};
use signet_store::{Id, IndexKey, Kind, Store, TenantStore, UniqueKeys, UnitOfWork};
use std::sync::Arc;

/// A tenant's sealing key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TenantKey {
    /// Wrapped by the master key.
    pub wrapped: Sealed,
    /// Members that a newer version wrote.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

impl TenantKey {
    const SPACE: &'static str = "tenantKey";

    fn purpose(tenant: TenantId) -> String {
        format!("tenant-key/{tenant}")
    }

    fn the_one() -> IndexKey {
        IndexKey::bool(true)
    }
}

impl Kind for TenantKey {
    const NAME: &'static str = "tenantKey";

    fn unique(&self, keys: &mut UniqueKeys) {
        keys.in_tenant(Self::SPACE, Self::the_one());
    }
}

/// The tenants' keys, unwrapped in memory once they were used.
#[derive(Debug)]
pub(crate) struct TenantSealers {
    master: MasterKey,
    unwrapped: Cache<TenantId, Arc<SealingKey>>,
}

impl TenantSealers {
    const KEPT: u64 = 100_000;

    pub(crate) fn new(master: MasterKey) -> Self {
        Self { master, unwrapped: Cache::new(Self::KEPT) }
    }

    /// Adds a key for a new tenant to the unit that creates it.
    pub(crate) fn prepare(&self, context: &Context, tenant: TenantId, unit: &mut UnitOfWork) -> SealingKey {
        let key = SealingKey::generate(context);
        let wrapped = key.wrap(context, self.master.sealing(), &TenantKey::purpose(tenant));
        unit.create(Id::of(context.new_object_id()), &TenantKey { wrapped, other: serde_json::Map::new() });
        key
    }

    /// The tenant's key.
    pub(crate) async fn of(&self, store: &TenantStore) -> Result<Arc<SealingKey>, Failure> {
        let tenant = store.id();
        if let Some(key) = self.unwrapped.get(&tenant) {
            return Ok(key);
        }
        let stored = find(store).await?.ok_or_else(|| Failure::bug(format!("tenant {tenant} has no key")))?;
        let key = self.master.sealing().unwrap_key(&TenantKey::purpose(tenant), &stored.body.wrapped);
        let key = Arc::new(key.map_err(|error| Failure::bug(format!("the key of tenant {tenant}: {error}")))?);
        self.unwrapped.insert(tenant, key.clone());
        Ok(key)
    }
}

async fn find(store: &TenantStore) -> Result<Option<Arc<signet_store::Object<TenantKey>>>, Failure> {
    match store.find_key(TenantKey::SPACE, &TenantKey::the_one()).await? {
        Some(id) => Ok(store.find(Id::of(id)).await?),
        None => Ok(None),
    }
}

/// Wraps every tenant key of the store under `new` instead of `old`; nothing else has to be touched. Safe to run
/// again after an interruption.
pub async fn rotate_master(store: &Store, old: &MasterKey, new: &MasterKey) -> Result<u64, Failure> {
    let mut rewrapped = 0;
    for head in store.heads().await? {
        let scoped = store.tenant(head.tenant);
        let Some(stored) = find(&scoped).await? else { continue };
        let purpose = TenantKey::purpose(head.tenant);
        if new.sealing().unwrap_key(&purpose, &stored.body.wrapped).is_ok() {
            continue;
        }
        let key = old.sealing().unwrap_key(&purpose, &stored.body.wrapped).map_err(Failure::bug)?;
        let wrapped = key.wrap(store.context(), new.sealing(), &purpose);
        let mut unit = scoped.unit();
        unit.update(&stored, &TenantKey { wrapped, ..stored.body.clone() });
        scoped.commit(unit).await?;
        rewrapped += 1;
    }
    Ok(rewrapped)
}
