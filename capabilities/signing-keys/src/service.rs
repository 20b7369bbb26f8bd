//! Keys of all tenants, found; how they are changed is in [`change`].

mod change;

use crate::MasterKey;
use crate::pairs::KeyPairs;
use crate::schedule::{KeySettings, Times};
use crate::signing_key::SigningKey;
use crate::tenant_key::{MasterRing, TenantSealers, rotate_master};
use crate::tenant_keys::{ALGORITHMS, TenantKeys};
use moka::sync::Cache;
use signet_jobs::Worker;
use signet_jose::Algorithm;
use signet_kernel::{Failure, SealingKey, TenantId};
use signet_store::{AuditEntry, Id, Object, Store, TenantStore, UnitOfWork};
use std::sync::Arc;
use std::time::Duration;

struct Inner {
    store: Store,
    sealers: TenantSealers,
    pairs: Arc<dyn KeyPairs>,
    settings: KeySettings,
    opened: Cache<TenantId, Arc<TenantKeys>>,
    worker: Worker,
}

/// The token-signing keys of all tenants. Cheap to clone.
#[derive(Clone)]
pub struct SigningKeys(Arc<Inner>);

impl std::fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKeys").field("settings", &self.0.settings).finish_non_exhaustive()
    }
}

impl SigningKeys {
    const KEPT_OPEN: u64 = 10_000;
    /// How long a node that looks after a tenant's keys may take: making a key pair is seconds at most.
    const PATIENCE: Duration = Duration::from_mins(1);

    /// The keys in `store`, unwrapped by `master`.
    pub fn new(store: Store, master: impl Into<MasterRing>, pairs: Arc<dyn KeyPairs>, settings: KeySettings) -> Self {
        let sealers = TenantSealers::new(master.into());
        let (opened, worker) = (Cache::new(Self::KEPT_OPEN), Worker::new(store.clone(), Self::PATIENCE));
        Self(Arc::new(Inner { store, sealers, pairs, settings, opened, worker }))
    }

    /// Adds a tenant key and the first signing keys to the unit that creates a tenant. They sign at once. Of two
    /// units that prepare the same tenant one is refused.
    pub async fn prepare(&self, tenant: TenantId, unit: &mut UnitOfWork) -> Result<(), Failure> {
        let context = self.0.store.context();
        let sealing = self.0.sealers.prepare(context, tenant, unit);
        for algorithm in ALGORITHMS {
            let key = self.make(tenant, &sealing, algorithm).await?.with(Times::at_once(context.now()));
            unit.create(Id::of(context.new_object_id()), &key);
        }
        Ok(())
    }

    /// Whether the master key in use opens what is stored; the refusal names both keys. A deployment without tenants
    /// takes any.
    pub async fn check_master(&self) -> Result<(), Failure> {
        match self.0.store.heads().await?.first() {
            Some(head) => self.0.sealers.of(&self.0.store.tenant(head.tenant)).await.map(drop),
            None => Ok(()),
        }
    }

    /// The leases under which this process looks after keys: how many it has taken, and how many are in hand now.
    pub fn leases(&self) -> (u64, u64) {
        self.0.worker.leases()
    }

    /// The master key in use.
    pub fn master(&self) -> Arc<MasterKey> {
        self.0.sealers.master()
    }

    /// Makes `new` the master key: rewraps every tenant key, while keys are used as ever. Answers how many there were.
    /// No tenant may be created meanwhile. If it fails, both keys stay known here, and running it again with the same
    /// key goes on; a process that ends in between needs both keys at its next start, see
    /// [`rotate_master`](crate::rotate_master).
    pub async fn rotate_master(&self, new: MasterKey, audit: impl Fn(TenantId) -> AuditEntry) -> Result<u64, Failure> {
        let old = self.0.sealers.begin_rotation(new);
        let rewrapped = rotate_master(&self.0.store, &old, &self.master(), audit).await?;
        self.0.sealers.end_rotation();
        Ok(rewrapped)
    }

    /// A tenant's keys: from memory unless the directory has changed them since.
    pub async fn keys(&self, tenant: TenantId) -> Result<Arc<TenantKeys>, Failure> {
        let store = self.0.store.tenant(tenant);
        let stored = stored(&store).await?;
        // INVARIANT: the store's cached list is exact, so the same list means that nothing has changed.
        if let Some(opened) = self.0.opened.get(&tenant).filter(|opened| Arc::ptr_eq(&opened.made_of, &stored)) {
            return Ok(opened);
        }
        let sealing = self.0.sealers.of(&store).await?;
        let opened = Arc::new(TenantKeys::open(tenant, stored, &sealing)?);
        self.0.opened.insert(tenant, opened.clone());
        Ok(opened)
    }

    /// The stored keys of a tenant, in the order of their ids: newest last, to the millisecond.
    pub async fn list(&self, tenant: TenantId) -> Result<Arc<Vec<Object<SigningKey>>>, Failure> {
        stored(&self.0.store.tenant(tenant)).await
    }

    async fn make(&self, tenant: TenantId, sealing: &SealingKey, algorithm: Algorithm) -> Result<SealedPair, Failure> {
        let pairs = self.0.pairs.clone();
        let pair = tokio::task::spawn_blocking(move || pairs.take(algorithm)).await.map_err(Failure::bug)?;
        let pair = pair.map_err(Failure::bug)?;
        let public = pair.public_jwk();
        let kid = pair.public_key().thumbprint();
        let der = pair.to_pkcs8().map_err(Failure::bug)?;
        let private = sealing.seal(self.0.store.context(), &SigningKey::purpose(tenant, &kid), &der);
        let public = serde_json::to_value(&public).map_err(Failure::bug)?;
        Ok(SealedPair { kid, algorithm, private, public })
    }
}

/// A new pair. It gets its times last: making one may take a while.
struct SealedPair {
    kid: String,
    algorithm: Algorithm,
    private: signet_kernel::Sealed,
    public: serde_json::Value,
}

impl SealedPair {
    fn with(self, times: Times) -> SigningKey {
        SigningKey {
            kid: self.kid,
            algorithm: self.algorithm.name().to_owned(),
            private: Some(self.private),
            public: self.public,
            activates: times.activates,
            compromised: times.withdrawn,
            other: serde_json::Map::new(),
        }
    }
}

async fn stored(store: &TenantStore) -> Result<Arc<Vec<Object<SigningKey>>>, Failure> {
    Ok(store.all_by_index(SigningKey::ALL, &SigningKey::all()).await?)
}
