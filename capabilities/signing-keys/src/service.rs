//! Keys of all tenants: made, found, rotated, withdrawn.

use crate::MasterKey;
use crate::pairs::KeyPairs;
use crate::schedule::{KeySettings, Times, is_published, successor_due};
use crate::signing_key::SigningKey;
use crate::tenant_key::TenantSealers;
use crate::tenant_keys::TenantKeys;
use moka::sync::Cache;
use signet_jose::Algorithm;
use signet_kernel::{Failure, Fault, SealingKey, TenantId};
use signet_store::{AuditEntry, Id, Object, Store, TenantStore, UnitOfWork};
use std::sync::Arc;

/// Every tenant has one key of each that signs.
const ALGORITHMS: [Algorithm; 2] = [Algorithm::Es256, Algorithm::Rs256];

struct Inner {
    store: Store,
    sealers: TenantSealers,
    pairs: Arc<dyn KeyPairs>,
    settings: KeySettings,
    opened: Cache<TenantId, Arc<TenantKeys>>,
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

    /// The keys in `store`, unwrapped by `master`.
    pub fn new(store: Store, master: MasterKey, pairs: Arc<dyn KeyPairs>, settings: KeySettings) -> Self {
        let sealers = TenantSealers::new(master);
        Self(Arc::new(Inner { store, sealers, pairs, settings, opened: Cache::new(Self::KEPT_OPEN) }))
    }

    /// Adds a tenant key and the first signing keys to the unit that creates a tenant. They sign at once.
    pub async fn prepare(&self, tenant: TenantId, unit: &mut UnitOfWork) -> Result<(), Failure> {
        let context = self.0.store.context();
        let sealing = self.0.sealers.prepare(context, tenant, unit);
        for algorithm in ALGORITHMS {
            let key = self.make(tenant, &sealing, algorithm, Times::at_once(context.now())).await?;
            unit.create(Id::of(context.new_object_id()), &key);
        }
        Ok(())
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

    /// Publishes a successor of each of the tenant's keys, or of those of one algorithm. It signs once every copy of
    /// the published keys can hold it. Answers the new key ids.
    pub async fn rotate(
        &self,
        tenant: TenantId,
        only: Option<Algorithm>,
        audit: AuditEntry,
    ) -> Result<Vec<String>, Failure> {
        let store = self.0.store.tenant(tenant);
        let algorithms = ALGORITHMS.into_iter().filter(|algorithm| only.is_none_or(|only| only == *algorithm));
        let mut unit = store.unit();
        let kids = self.add_successors(&store, algorithms, &mut unit).await?;
        unit.audit(audit);
        store.commit(unit).await?;
        Ok(kids)
    }

    /// Withdraws a key as compromised: it leaves the published keys at once, every token it signed is void, and a
    /// replacement signs at once.
    pub async fn revoke(&self, tenant: TenantId, kid: &str, audit: AuditEntry) -> Result<String, Failure> {
        let store = self.0.store.tenant(tenant);
        let sealing = self.0.sealers.of(&store).await?;
        let keys = stored(&store).await?;
        let found = keys.iter().find(|key| key.body.kid == kid).ok_or_else(|| no_such_key(kid))?;
        let now = store.context().now();
        let algorithm: Algorithm = found.body.algorithm.parse().map_err(Failure::bug)?;
        let replacement = self.make(tenant, &sealing, algorithm, Times::at_once(now)).await?;
        let mut unit = store.unit();
        let withdrawn = SigningKey { compromised: Some(now), private: None, ..found.body.clone() };
        unit.update(found, &withdrawn).create(Id::of(store.context().new_object_id()), &replacement);
        // What was decided with the key in hand must not leave.
        unit.raise_revocation().audit(audit);
        store.commit(unit).await?;
        Ok(replacement.kid)
    }

    /// Publishes successors of keys whose period is over and forgets the private half of retired ones, for every
    /// tenant. Meant to be called now and then; calling it twice at once does no harm.
    pub async fn maintain(&self, audit: impl Fn(TenantId, &[String]) -> AuditEntry) -> Result<(), Failure> {
        for head in self.0.store.heads().await? {
            let store = self.0.store.tenant(head.tenant);
            let (mut unit, now) = (store.unit(), store.context().now());
            let keys = stored(&store).await?;
            if keys.is_empty() {
                continue;
            }
            let due = ALGORITHMS
                .into_iter()
                .filter(|algorithm| successor_due(&times(&keys, *algorithm), self.0.settings, now));
            let kids = self.add_successors(&store, due, &mut unit).await?;
            for key in keys.iter().filter(|key| is_retired(&keys, key, now)) {
                unit.update(key, &SigningKey { private: None, ..key.body.clone() });
            }
            if !kids.is_empty() {
                unit.audit(audit(head.tenant, &kids));
            }
            if !unit.is_empty() {
                store.commit(unit).await?;
            }
        }
        Ok(())
    }

    /// The stored keys of a tenant, newest last.
    pub async fn list(&self, tenant: TenantId) -> Result<Arc<Vec<Object<SigningKey>>>, Failure> {
        stored(&self.0.store.tenant(tenant)).await
    }

    async fn add_successors(
        &self,
        store: &TenantStore,
        algorithms: impl Iterator<Item = Algorithm>,
        unit: &mut UnitOfWork,
    ) -> Result<Vec<String>, Failure> {
        let mut kids = Vec::new();
        for algorithm in algorithms {
            let sealing = self.0.sealers.of(store).await?;
            let times = Times::after_publication(store.context().now());
            let key = self.make(store.id(), &sealing, algorithm, times).await?;
            unit.create(Id::of(store.context().new_object_id()), &key);
            kids.push(key.kid);
        }
        Ok(kids)
    }

    async fn make(
        &self,
        tenant: TenantId,
        sealing: &SealingKey,
        algorithm: Algorithm,
        times: Times,
    ) -> Result<SigningKey, Failure> {
        let pairs = self.0.pairs.clone();
        let pair = tokio::task::spawn_blocking(move || pairs.take(algorithm)).await.map_err(Failure::bug)?;
        let pair = pair.map_err(Failure::bug)?;
        let public = pair.public_jwk();
        let kid = public.kid().unwrap_or_default().to_owned();
        let der = pair.to_pkcs8().map_err(Failure::bug)?;
        let private = sealing.seal(self.0.store.context(), &SigningKey::purpose(tenant, &kid), &der);
        Ok(SigningKey {
            kid,
            algorithm: algorithm.name().to_owned(),
            private: Some(private),
            public: serde_json::to_value(&public).map_err(Failure::bug)?,
            activates: times.activates,
            compromised: None,
            other: serde_json::Map::new(),
        })
    }
}

async fn stored(store: &TenantStore) -> Result<Arc<Vec<Object<SigningKey>>>, Failure> {
    Ok(store.all_by_index(SigningKey::ALL, &SigningKey::all()).await?)
}

fn times(keys: &[Object<SigningKey>], algorithm: Algorithm) -> Vec<Times> {
    keys.iter().filter(|key| key.body.algorithm == algorithm.name()).map(|key| key.body.times()).collect()
}

fn is_retired(keys: &[Object<SigningKey>], key: &Object<SigningKey>, now: signet_kernel::Timestamp) -> bool {
    let Ok(algorithm) = key.body.algorithm.parse() else { return false };
    key.body.private.is_some() && !is_published(&times(keys, algorithm), key.body.times(), now)
}

fn no_such_key(kid: &str) -> Failure {
    let message = format!("The tenant has no signing key '{kid}'; `signet keys list` names them.");
    Failure::new(Fault::NotFound, "Request_ResourceNotFound", message)
}
