//! A tenant's keys, parsed, as one version of the directory has them.

use crate::schedule::{self, Times};
use crate::signing_key::SigningKey;
use signet_jose::{Algorithm, Encoder, Jwk, JwkSet, PublicKey, SigningKey as PrivateKey};
use signet_kernel::{Failure, SealingKey, TenantId, Timestamp};
use signet_store::Object;
use std::sync::Arc;

/// Every tenant has one key of each that signs.
pub(crate) const ALGORITHMS: [Algorithm; 2] = [Algorithm::Es256, Algorithm::Rs256];
/// The kinds of token that are signed.
const TYPES: [&str; 2] = ["JWT", "at+jwt"];

/// One key, ready.
#[derive(Debug)]
struct Key {
    kid: String,
    public: PublicKey,
    /// One for each of [`TYPES`]; none once the private half is gone.
    encoders: Vec<Encoder>,
}

/// The keys of one algorithm, in the order of their ids.
#[derive(Debug)]
struct Ring {
    algorithm: Algorithm,
    keys: Vec<Key>,
    /// Of each key.
    times: Vec<Times>,
}

/// The keys of one tenant. What they are used for at a moment follows from their times alone.
#[derive(Debug)]
pub struct TenantKeys {
    rings: Vec<Ring>,
    pub(crate) made_of: Arc<Vec<Object<SigningKey>>>,
}

impl TenantKeys {
    /// Opens and parses a tenant's stored keys.
    pub(crate) fn open(
        tenant: TenantId,
        stored: Arc<Vec<Object<SigningKey>>>,
        sealing: &SealingKey,
    ) -> Result<Self, Failure> {
        let rings = ALGORITHMS.into_iter().map(|algorithm| Ring::open(tenant, algorithm, &stored, sealing));
        Ok(Self { rings: rings.collect::<Result<_, _>>()?, made_of: stored })
    }

    /// What signs tokens of this algorithm and `typ` at `now`.
    pub fn encoder(&self, algorithm: Algorithm, typ: &str, now: Timestamp) -> Result<&Encoder, Failure> {
        let ring = self.rings.iter().find(|ring| ring.algorithm == algorithm);
        let key = ring.and_then(|ring| ring.keys.get(schedule::signer(&ring.times, now)?));
        let position = TYPES.iter().position(|known| *known == typ);
        key.zip(position)
            .and_then(|(key, position)| key.encoders.get(position))
            .ok_or_else(|| Failure::bug(format!("no {algorithm} key signs {typ}")))
    }

    /// The key published under `kid` at `now`.
    pub fn verification_key(&self, kid: &str, now: Timestamp) -> Option<&PublicKey> {
        self.published(now).find(|key| key.kid == kid).map(|key| &key.public)
    }

    /// The published keys as a JWKS (RFC 7517 5): signing ones, coming ones, and those whose tokens still live. In
    /// an order that changes only with the keys.
    pub fn jwks_json(&self, now: Timestamp) -> Result<String, Failure> {
        let keys = self.published(now).map(|key| Jwk::new(key.public.clone(), key.kid.clone())).collect();
        let set = JwkSet::new(keys).map_err(Failure::bug)?;
        serde_json::to_string(&set).map_err(Failure::bug)
    }

    fn published(&self, now: Timestamp) -> impl Iterator<Item = &Key> {
        self.rings.iter().flat_map(move |ring| ring.published(now))
    }
}

impl Ring {
    fn open(
        tenant: TenantId,
        algorithm: Algorithm,
        stored: &[Object<SigningKey>],
        sealing: &SealingKey,
    ) -> Result<Self, Failure> {
        let mut ring = Self { algorithm, keys: Vec::new(), times: Vec::new() };
        for object in stored.iter().filter(|object| object.body.algorithm == algorithm.name()) {
            ring.times.push(object.body.times());
            ring.keys.push(open(tenant, algorithm, &object.body, sealing)?);
        }
        Ok(ring)
    }

    fn published(&self, now: Timestamp) -> impl Iterator<Item = &Key> {
        let keys = self.keys.iter().enumerate();
        keys.filter(move |(key, _)| schedule::stage(&self.times, *key, now).is_published()).map(|(_, key)| key)
    }
}

fn open(tenant: TenantId, algorithm: Algorithm, stored: &SigningKey, sealing: &SealingKey) -> Result<Key, Failure> {
    let wrong = |what: &dyn std::fmt::Display| Failure::bug(format!("signing key {} of {tenant}: {what}", stored.kid));
    let public = Jwk::parse(stored.public.to_string().as_bytes()).map_err(|error| wrong(&error))?;
    let mut encoders = Vec::new();
    if let Some(private) = &stored.private {
        let der = sealing.open(&SigningKey::purpose(tenant, &stored.kid), private).map_err(|error| wrong(&error))?;
        let private = PrivateKey::from_pkcs8(algorithm, &der).map_err(|error| wrong(&error))?;
        let private = Arc::new(private.with_kid(stored.kid.clone()));
        for typ in TYPES {
            encoders.push(Encoder::new(private.clone(), typ).map_err(|error| wrong(&error))?);
        }
    }
    Ok(Key { kid: stored.kid.clone(), public: public.key().clone(), encoders })
}
