//! The key that seals what belongs to one tenant, wrapped by the master key.

use crate::MasterKey;
use moka::sync::Cache;
use parking_lot::RwLock;
use serde::{Deserialize, Serialize};
use signet_kernel::{Context, Failure, Sealed, SealingKey, TenantId};
use signet_store::{AuditEntry, Id, IndexKey, Kind, Object, Store, TenantStore, UniqueKeys, UnitOfWork};
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

    /// Wraps the tenant's key under `new` instead of `old`; what it has sealed stays as it is. Answers whether there was
    /// anything to do.
    pub async fn rewrap(
        store: &TenantStore,
        old: &MasterKey,
        new: &MasterKey,
        audit: AuditEntry,
    ) -> Result<bool, Failure> {
        let attempt = async || {
            let mut unit = store.unit();
            let stored = Self::find(store).await?;
            let Some(stored) = stored.filter(|stored| stored.body.wrapped_by != new.fingerprint()) else {
                return Ok::<_, Failure>((unit, false));
            };
            let key = stored.body.unwrap(store.id(), old)?;
            let wrapped = Self::wrap(&key, store.id(), new, store.context());
            unit.update(&stored, &Self { other: stored.body.other.clone(), ..wrapped }).audit(audit.clone());
            Ok((unit, true))
        };
        // A rotation of signing keys rewrites the same object.
        Ok(store.run(attempt).await?.0)
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

/// Finds a master key by its fingerprint.
type OtherMasters = Box<dyn Fn(&str) -> Option<MasterKey> + Send + Sync>;

/// The master key in use, and where others are found by their fingerprints: of nodes that share a database, each takes
/// the next key into use at a time of its own.
pub struct MasterRing {
    current: MasterKey,
    others: OtherMasters,
}

impl MasterRing {
    /// `current` wraps, and unwraps with what `others` finds. It is asked when a tenant's key is first used.
    pub fn new(current: MasterKey, others: impl Fn(&str) -> Option<MasterKey> + Send + Sync + 'static) -> Self {
        Self { current, others: Box::new(others) }
    }
}

impl From<MasterKey> for MasterRing {
    /// There is no other.
    fn from(current: MasterKey) -> Self {
        Self::new(current, |_| None)
    }
}

impl std::fmt::Debug for MasterRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MasterRing").field("current", &self.current).finish_non_exhaustive()
    }
}

/// The master key, and the one before it while a rotation has not come to its end.
#[derive(Debug, Clone)]
struct Masters {
    current: Arc<MasterKey>,
    previous: Option<Arc<MasterKey>>,
}

impl Masters {
    /// The one with this fingerprint.
    fn find(&self, fingerprint: &str) -> Option<Arc<MasterKey>> {
        let known = [Some(&self.current), self.previous.as_ref()];
        known.into_iter().flatten().find(|key| key.fingerprint() == fingerprint).cloned()
    }
}

/// The tenants' keys, unwrapped in memory once they were used.
pub(crate) struct TenantSealers {
    masters: RwLock<Masters>,
    others: OtherMasters,
    unwrapped: Cache<TenantId, Arc<SealingKey>>,
}

impl TenantSealers {
    const KEPT: u64 = 100_000;

    pub(crate) fn new(ring: MasterRing) -> Self {
        let masters = Masters { current: Arc::new(ring.current), previous: None };
        Self { masters: RwLock::new(masters), others: ring.others, unwrapped: Cache::new(Self::KEPT) }
    }

    /// The master key in use.
    pub(crate) fn master(&self) -> Arc<MasterKey> {
        self.masters.read().current.clone()
    }

    /// Wraps with `new` from now on, and still unwraps what the present key has wrapped. Again with the same key, it
    /// changes nothing. Answers the key to rewrap from.
    pub(crate) fn begin_rotation(&self, new: MasterKey) -> Arc<MasterKey> {
        let mut masters = self.masters.write();
        if masters.current.fingerprint() != new.fingerprint() {
            masters.previous = Some(std::mem::replace(&mut masters.current, Arc::new(new)));
        }
        masters.previous.clone().unwrap_or_else(|| masters.current.clone())
    }

    /// Forgets the key from before: nothing is wrapped with it any more.
    pub(crate) fn end_rotation(&self) {
        self.masters.write().previous = None;
    }

    /// Adds a key for a new tenant to the unit that creates it. Of two such units one is refused.
    pub(crate) fn prepare(&self, context: &Context, tenant: TenantId, unit: &mut UnitOfWork) -> SealingKey {
        let key = SealingKey::generate(context);
        unit.create(Id::of(context.new_object_id()), &TenantKey::wrap(&key, tenant, &self.master(), context));
        key
    }

    /// The master key that wraps `key`; the current one if there is none, so that the refusal names it.
    fn master_of(&self, key: &TenantKey) -> Arc<MasterKey> {
        let masters = self.masters.read().clone();
        let found = masters.find(&key.wrapped_by).or_else(|| (self.others)(&key.wrapped_by).map(Arc::new));
        found.unwrap_or(masters.current)
    }

    /// The tenant's key.
    pub(crate) async fn of(&self, store: &TenantStore) -> Result<Arc<SealingKey>, Failure> {
        if let Some(key) = self.unwrapped.get(&store.id()) {
            return Ok(key);
        }
        let stored = TenantKey::load(store).await?;
        let key = Arc::new(stored.body.unwrap(store.id(), &self.master_of(&stored.body))?);
        self.unwrapped.insert(store.id(), key.clone());
        Ok(key)
    }
}

/// Wraps every tenant key of the store under `new` instead of `old`, and answers how many there were to wrap. No tenant
/// may be created meanwhile. Safe to run again after an interruption: until it has ended, both keys are needed. The
/// record key is resealed by [`RecordKey::reseal`](crate::RecordKey::reseal).
pub async fn rotate_master(
    store: &Store,
    old: &MasterKey,
    new: &MasterKey,
    audit: impl Fn(TenantId) -> AuditEntry,
) -> Result<u64, Failure> {
    let mut rewrapped = 0;
    for head in store.heads().await? {
        let did = TenantKey::rewrap(&store.tenant(head.tenant), old, new, audit(head.tenant)).await?;
        rewrapped += u64::from(did);
    }
    Ok(rewrapped)
}
