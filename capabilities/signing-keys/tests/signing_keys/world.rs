//! A store with tenants, and a service over it that takes fixed RSA pairs.

use parking_lot::Mutex;
use signet_jose::{Algorithm, JwkSet, KeyError, Padding, ReadOptions, SigningKey as Pair, TypRule, UnverifiedJws};
use signet_kernel::{Context, Failure, MockClock, RevocationCounters, SystemRandomness, TenantId, Timestamp};
use signet_signing_keys::{KeyPairs, KeySettings, MasterKey, MasterRing, SigningKeys};
use signet_store::{AuditEntry, SqliteBackend, SqliteOptions, Store, StoreOptions};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// PKCS#8 of two RSA-2048 keys that are good for nothing but tests.
pub const RSA: [&[u8]; 2] =
    [include_bytes!("../data/test-only-rsa-1.pk8"), include_bytes!("../data/test-only-rsa-2.pk8")];

/// The two fixed RSA pairs first: making one takes longer than most tests. Nothing is given twice.
pub struct FixedPairs(Mutex<Vec<&'static [u8]>>);

impl FixedPairs {
    pub fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(RSA.to_vec())))
    }
}

impl KeyPairs for FixedPairs {
    fn take(&self, algorithm: Algorithm) -> Result<Pair, KeyError> {
        let fixed = if algorithm == Algorithm::Rs256 { self.0.lock().pop() } else { None };
        fixed.map_or_else(|| Pair::generate(algorithm), |der| Pair::from_pkcs8(algorithm, der))
    }
}

pub struct World {
    pub clock: Arc<MockClock>,
    pub context: Context,
    pub store: Store,
    pub keys: SigningKeys,
    pub tenant: TenantId,
    pairs: Arc<FixedPairs>,
    directory: Arc<tempfile::TempDir>,
}

impl World {
    /// One tenant with its first keys.
    pub async fn new() -> Self {
        let clock = Arc::new(MockClock::at(Timestamp::from_seconds(1_795_255_200)));
        let context = Context::new(clock.clone(), Arc::new(SystemRandomness));
        let tenant = context.new_tenant_id();
        let directory = Arc::new(tempfile::tempdir().unwrap());
        let world = Self::open(directory, clock, context, FixedPairs::new(), tenant).await;
        world.add_tenant(tenant).await.unwrap();
        world
    }

    async fn open(
        directory: Arc<tempfile::TempDir>,
        clock: Arc<MockClock>,
        context: Context,
        pairs: Arc<FixedPairs>,
        tenant: TenantId,
    ) -> Self {
        let options = SqliteOptions::at(directory.path().join("directory.db"));
        let counters = Arc::new(RevocationCounters::new());
        let store = Store::open(StoreOptions::default(), context.clone(), counters, Arc::new(()), |observer| {
            SqliteBackend::open(&options, observer)
        });
        let store = store.await.unwrap();
        let master = MasterKey::load_or_create(&directory.path().join("master.key"), &context).unwrap();
        let keys = SigningKeys::new(store.clone(), master, pairs.clone(), KeySettings::default());
        Self { clock, context, store, keys, tenant, pairs, directory }
    }

    /// The same data directory after the process has ended and another has begun.
    pub async fn restarted(self) -> Self {
        let Self { clock, context, tenant, pairs, directory, .. } = self;
        Self::open(directory, clock, context, pairs, tenant).await
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn master(&self, name: &str) -> MasterKey {
        MasterKey::load_or_create(&self.path(name), &self.context).unwrap()
    }

    /// Another view of the same store, with another master key or the same.
    pub fn service(&self, master: MasterKey) -> SigningKeys {
        SigningKeys::new(self.store.clone(), master, self.pairs.clone(), KeySettings::default())
    }

    /// Another view of the same store, with several master keys.
    pub fn ring(&self, ring: MasterRing) -> SigningKeys {
        SigningKeys::new(self.store.clone(), ring, self.pairs.clone(), KeySettings::default())
    }

    pub async fn add_tenant(&self, tenant: TenantId) -> Result<(), Failure> {
        let scoped = self.store.tenant(tenant);
        let mut unit = scoped.unit();
        self.keys.prepare(tenant, &mut unit).await?;
        scoped.commit(unit).await?;
        Ok(())
    }

    pub fn now(&self) -> Timestamp {
        self.context.now()
    }

    pub fn wait(&self, span: Duration) {
        self.clock.advance(span);
    }

    pub async fn signs(&self, algorithm: Algorithm) -> String {
        let keys = self.keys.keys(self.tenant).await.unwrap();
        keys.encoder(algorithm, "JWT", self.now()).unwrap().kid().to_owned()
    }

    /// The published keys as a resource reads them.
    pub async fn published(&self) -> JwkSet {
        let keys = self.keys.keys(self.tenant).await.unwrap();
        JwkSet::parse(keys.jwks_json(self.now()).unwrap().as_bytes()).unwrap()
    }

    pub async fn token(&self, algorithm: Algorithm) -> String {
        let keys = self.keys.keys(self.tenant).await.unwrap();
        keys.encoder(algorithm, "at+jwt", self.now()).unwrap().encode(&serde_json::json!({"sub": "a"})).unwrap()
    }

    /// Whether the tenant's own keys verify the token now.
    pub async fn is_ours(&self, token: &str) -> bool {
        let keys = self.keys.keys(self.tenant).await.unwrap();
        let unverified = parse(token);
        let key = keys.verification_key(unverified.header().kid.as_deref().unwrap(), self.now());
        key.is_some_and(|key| unverified.verify(key, &Algorithm::ALL, &TypRule::only(&["at+jwt"])).is_ok())
    }

    pub async fn rotate(&self, only: Option<Algorithm>) -> Vec<String> {
        self.keys.rotate(self.tenant, only, audit("rotated")).await.unwrap()
    }

    pub async fn maintain(&self) {
        self.keys.maintain(|_, kids| audit(&kids.join(" "))).await.unwrap();
    }

    pub async fn audited(&self) -> Vec<String> {
        let entries = self.store.outbox(100).await.unwrap();
        entries.into_iter().map(|entry| String::from_utf8(entry.body).unwrap()).collect()
    }
}

pub fn audit(text: &str) -> AuditEntry {
    AuditEntry { body: text.as_bytes().to_vec() }
}

/// Whether a copy of the published keys verifies the token.
pub fn verifies(copy: &JwkSet, token: &str) -> bool {
    let unverified = parse(token);
    let key = copy.find(unverified.header().kid.as_deref().unwrap()).cloned();
    key.is_some_and(|key| unverified.verify(key.key(), &Algorithm::ALL, &TypRule::only(&["at+jwt"])).is_ok())
}

fn parse(token: &str) -> UnverifiedJws<'_> {
    UnverifiedJws::parse(token, ReadOptions { max_bytes: 16 * 1024, padding: Padding::Forbidden }).unwrap()
}
