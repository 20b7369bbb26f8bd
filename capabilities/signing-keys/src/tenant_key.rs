//! The key that seals what belongs to one tenant, wrapped by the master key.

use crate::MasterKey;
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use signet_kernel::{Context, Failure, Sealed, SealingKey, TenantId};
use signet_store::{Id, IndexKey, Kind, Object, Store, TenantStore, UniqueKeys, UnitOfWork};
use std::sync::Arc;

/// A tenant's sealing key.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TenantKey {
    /// The fingerprint of the master key that wraps it.
    pub wrapped_by: String,
    /// The wrapped key.
    pub wrapped: Sealed,
    /// Members that a newer version wrote.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

impl TenantKey {
    const SPACE: &'static str = "tenantKey";

    fn the_one() -> IndexKey {
        IndexKey::bool(true)
    }

    fn purpose(tenant: TenantId) -> String {
        format!("tenant-key/{tenant}")
    }

    fn wrap(key: &SealingKey, tenant: TenantId, master: &MasterKey, context: &Context) -> Self {
        Self {
            wrapped_by: master.fingerprint().to_owned(),
            wrapped: key.wrap(context, master.sealing(), &Self::purpose(tenant)),
            other: serde_json::Map::new(),
        }
    }

    fn unwrap(&self, tenant: TenantId, master: &MasterKey) -> Result<SealingKey, Failure> {
        if self.wrapped_by != master.fingerprint() {
            return Err(Failure::bug(format!(
                "the key of tenant {tenant} is wrapped by master key {}, but the one in use is {}; put back the first",
                self.wrapped_by,
                master.fingerprint()
            )));
        }
        let key = master.sealing().unwrap_key(&Self::purpose(tenant), &self.wrapped);
        key.map_err(|error| Failure::bug(format!("the key of tenant {tenant}: {error}")))
    }

    /// The key object of a tenant.
    pub(crate) async fn load(store: &TenantStore) -> Result<Arc<Object<Self>>, Failure> {
        let missing = || Failure::bug(format!("tenant {} has no key; it was not created whole", store.id()));
        Self::find(store).await?.ok_or_else(missing)
    }

    async fn find(store: &TenantStore) -> Result<Option<Arc<Object<Self>>>, Failure> {
        match store.find_key(Self::SPACE, &Self::the_one()).await? {
            Some(id) => Ok(store.find(Id::of(id)).await?),
            None => Ok(None),
        }
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

    /// Adds a key for a new tenant to the unit that creates it. Of two such units one is refused.
    pub(crate) fn prepare(&self, context: &Context, tenant: TenantId, unit: &mut UnitOfWork) -> SealingKey {
        let key = SealingKey::generate(context);
        unit.create(Id::of(context.new_object_id()), &TenantKey::wrap(&key, tenant, &self.master, context));
        key
    }

    /// The tenant's key.
    pub(crate) async fn of(&self, store: &TenantStore) -> Result<Arc<SealingKey>, Failure> {
        if let Some(key) = self.unwrapped.get(&store.id()) {
            return Ok(key);
        }
        let key = Arc::new(TenantKey::load(store).await?.body.unwrap(store.id(), &self.master)?);
        self.unwrapped.insert(store.id(), key.clone());
        Ok(key)
    }
}

/// Wraps every tenant key of the store under `new` instead of `old`, and answers how many there were to wrap; what
/// tenant keys have sealed stays as it is. For a process that owns the data directory and serves nobody. Safe to run
/// again after an interruption. The record key is resealed by [`RecordKey::reseal`](crate::RecordKey::reseal).
pub async fn rotate_master(store: &Store, old: &MasterKey, new: &MasterKey) -> Result<u64, Failure> {
    let mut rewrapped = 0;
    for head in store.heads().await? {
        let scoped = store.tenant(head.tenant);
        let Some(stored) = TenantKey::find(&scoped).await? else { continue };
        if stored.body.wrapped_by == new.fingerprint() {
            continue;
        }
        let key = stored.body.unwrap(head.tenant, old)?;
        let wrapped = TenantKey::wrap(&key, head.tenant, new, store.context());
        let mut unit = scoped.unit();
        unit.update(&stored, &TenantKey { other: stored.body.other.clone(), ..wrapped });
        scoped.commit(unit).await?;
        rewrapped += 1;
    }
    Ok(rewrapped)
}
