//! How a tenant's keys change: by command, by the passing of time, by compromise.

use super::{SealedPair, SigningKeys, stored};
use crate::schedule::{Stage, Times, signer, stage, successor_due};
use crate::signing_key::SigningKey;
use crate::tenant_key::TenantKey;
use crate::tenant_keys::ALGORITHMS;
use signet_jose::Algorithm;
use signet_kernel::{Failure, Fault, TenantId, Timestamp};
use signet_store::{AuditEntry, CommitError, Id, Object, TenantStore, UnitOfWork};
use std::sync::Arc;

type StoredKey = Object<SigningKey>;

/// The work whose lease a node holds while it looks after a tenant's keys.
const MAINTENANCE: &str = "signing keys";

/// A tenant's keys as a change finds them, and the unit that will change them.
struct Change {
    unit: UnitOfWork,
    keys: Arc<Vec<StoredKey>>,
}

impl Change {
    async fn begin(store: &TenantStore) -> Result<Self, Failure> {
        // INVARIANT: every change of the keys rewrites the tenant's key object, read before them. Of two changes that
        // were decided on the same keys, one is refused.
        let tenant_key = TenantKey::load(store).await?;
        let keys = stored(store).await?;
        let mut unit = store.unit();
        unit.update(&tenant_key, &tenant_key.body);
        Ok(Self { unit, keys })
    }

    /// Adds what was made; the times count from now, not from when the making began.
    fn create(&mut self, store: &TenantStore, pair: SealedPair, times: Times) -> String {
        let key = pair.with(times);
        self.unit.create(Id::of(store.context().new_object_id()), &key);
        key.kid
    }
}

impl SigningKeys {
    /// Publishes a successor of each of the tenant's keys, or of that of one algorithm. It signs once every copy of
    /// the published keys holds it; until then the present one signs. Answers the new key ids.
    pub async fn rotate(
        &self,
        tenant: TenantId,
        only: Option<Algorithm>,
        audit: AuditEntry,
    ) -> Result<Vec<String>, Failure> {
        let store = self.0.store.tenant(tenant);
        let algorithms: Vec<_> =
            ALGORITHMS.into_iter().filter(|algorithm| only.is_none_or(|only| only == *algorithm)).collect();
        let operation = async || {
            let mut change = Change::begin(&store).await?;
            let kids = self.add_successors(&store, &algorithms, &mut change).await?;
            change.unit.audit(audit.clone());
            Ok::<_, Failure>((change.unit, kids))
        };
        Ok(store.run(operation).await?.0)
    }

    /// Withdraws a key as compromised: it leaves the published keys at once, and every token it signed is void. If it
    /// signs, a replacement signs at once: resources that keep a copy of the keys fetch it when they meet its id.
    /// Answers the id of the key that signs from now on.
    pub async fn revoke(&self, tenant: TenantId, kid: &str, audit: AuditEntry) -> Result<String, Failure> {
        let store = self.0.store.tenant(tenant);
        Ok(store.run(async || self.withdraw(&store, kid, audit.clone()).await).await?.0)
    }

    async fn withdraw(
        &self,
        store: &TenantStore,
        kid: &str,
        audit: AuditEntry,
    ) -> Result<(UnitOfWork, String), Failure> {
        let mut change = Change::begin(store).await?;
        let keys = change.keys.clone();
        let found = keys.iter().find(|key| key.body.kid == kid).ok_or_else(|| no_such_key(kid))?;
        if let Some(at) = found.body.compromised {
            return Err(withdrawn_before(kid, at));
        }
        let algorithm: Algorithm = found.body.algorithm.parse().map_err(Failure::bug)?;
        let ring = ring(&keys, algorithm);
        let mut now = store.context().now();
        let signing = signer(&times(&ring), now).and_then(|place| ring.get(place)).map(|key| key.body.kid.clone());
        let signing = match signing.filter(|signing| signing != kid) {
            Some(other) => other,
            None => {
                let sealing = self.0.sealers.of(store).await?;
                let pair = self.make(store.id(), &sealing, algorithm).await?;
                now = store.context().now();
                change.create(store, pair, Times::at_once(now))
            }
        };
        let withdrawn = SigningKey { compromised: Some(now), private: None, ..found.body.clone() };
        // What was decided with the key in hand must not leave.
        change.unit.update(found, &withdrawn).raise_revocation().audit(audit);
        Ok((change.unit, signing))
    }

    /// Publishes successors of keys whose period is over and forgets the private half of retired ones, for every
    /// tenant; `audit` is asked for the entry that names the new keys. Meant to be called now and then; calling it
    /// twice at once does no harm, nor does dropping it: each tenant is changed whole or not at all. One tenant's
    /// failure keeps no other's keys waiting; the first is answered.
    pub async fn maintain(&self, audit: impl Fn(TenantId, &[String]) -> AuditEntry) -> Result<(), Failure> {
        let mut outcome = Ok(());
        for head in self.0.store.heads().await? {
            let store = self.0.store.tenant(head.tenant);
            let maintained = self.maintain_one(&store, &audit).await;
            outcome = outcome.and(maintained.map_err(|failure| {
                let detail =
                    format!("tenant {}: {}", head.tenant, failure.detail.as_deref().unwrap_or(&failure.message));
                failure.with_detail(detail)
            }));
        }
        outcome
    }

    async fn maintain_one(
        &self,
        store: &TenantStore,
        audit: &impl Fn(TenantId, &[String]) -> AuditEntry,
    ) -> Result<(), Failure> {
        if stored(store).await?.is_empty() {
            return Ok(());
        }
        let mut change = Change::begin(store).await?;
        let (keys, now) = (change.keys.clone(), store.context().now());
        let rings = ALGORITHMS.map(|algorithm| (algorithm, ring(&keys, algorithm)));
        let due: Vec<Algorithm> = rings
            .iter()
            .filter(|(_, ring)| successor_due(&times(ring), self.0.settings, now))
            .map(|(algorithm, _)| *algorithm)
            .collect();
        let retired: Vec<&StoredKey> =
            rings.iter().flat_map(|(_, ring)| with_useless_private_half(ring, now)).collect();
        if due.is_empty() && retired.is_empty() {
            return Ok(());
        }
        // One node makes the keys: pairs are dear, and one that was paused would publish keys whose times have passed.
        let Some(held) = self.0.worker.take(store.id(), MAINTENANCE).await? else { return Ok(()) };
        for key in retired {
            change.unit.update(key, &SigningKey { private: None, ..key.body.clone() });
        }
        let kids = self.add_successors(store, &due, &mut change).await?;
        if !kids.is_empty() {
            change.unit.audit(audit(store.id(), &kids));
        }
        held.end_with(&mut change.unit);
        match store.commit(change.unit).await {
            // Somebody else has just done it, or will be seen to have done something else the next time.
            Err(CommitError::Conflict(conflict)) if conflict.is_race() => Ok(()),
            committed => Ok(committed.map(drop)?),
        }
    }

    async fn add_successors(
        &self,
        store: &TenantStore,
        algorithms: &[Algorithm],
        change: &mut Change,
    ) -> Result<Vec<String>, Failure> {
        let sealing = self.0.sealers.of(store).await?;
        let mut pairs = Vec::with_capacity(algorithms.len());
        for algorithm in algorithms {
            pairs.push(self.make(store.id(), &sealing, *algorithm).await?);
        }
        // After the last pair is made: what is left until everybody sees the keys is the commit.
        let times = Times::after_publication(store.context().now());
        Ok(pairs.into_iter().map(|pair| change.create(store, pair, times)).collect())
    }
}

fn ring(keys: &[StoredKey], algorithm: Algorithm) -> Vec<&StoredKey> {
    keys.iter().filter(|key| key.body.algorithm == algorithm.name()).collect()
}

fn times(ring: &[&StoredKey]) -> Vec<Times> {
    ring.iter().map(|key| key.body.times()).collect()
}

fn with_useless_private_half<'k>(ring: &[&'k StoredKey], now: Timestamp) -> Vec<&'k StoredKey> {
    let times = times(ring);
    let useless = |(place, key): &(usize, &&StoredKey)| {
        key.body.private.is_some() && stage(&times, *place, now) == Stage::Retired
    };
    ring.iter().enumerate().filter(useless).map(|(_, key)| *key).collect()
}

fn no_such_key(kid: &str) -> Failure {
    let message = format!("The tenant has no signing key '{kid}'; `signet keys list` names them.");
    Failure::new(Fault::NotFound, "Request_ResourceNotFound", message)
}

fn withdrawn_before(kid: &str, at: Timestamp) -> Failure {
    let message = format!("The signing key '{kid}' was withdrawn at {at}; nothing is left to do.");
    Failure::new(Fault::Conflict, "Request_BadRequest", message)
}
