//! A tenant's keys, parsed, as one version of the directory has them.

use crate::schedule::{Times, is_published, signer};
use crate::signing_key::SigningKey;
use signet_jose::{Algorithm, Encoder, Jwk, JwkSet, PublicKey, SigningKey as PrivateKey};
use signet_kernel::{Failure, SealingKey, TenantId, Timestamp};
use signet_store::Object;
use std::sync::Arc;

/// The kinds of token that are signed.
const TYPES: [&str; 2] = ["JWT", "at+jwt"];

/// One key, ready.
#[derive(Debug)]
struct Key {
    kid: String,
    algorithm: Algorithm,
    times: Times,
    public: PublicKey,
    /// One for each of [`TYPES`]; none once the private half is gone.
    encoders: Vec<Encoder>,
}

/// The keys of one tenant.
#[derive(Debug)]
pub struct TenantKeys {
    keys: Vec<Key>,
    pub(crate) made_of: Arc<Vec<Object<SigningKey>>>,
}

impl TenantKeys {
    /// Opens and parses a tenant's stored keys.
    pub(crate) fn open(
        tenant: TenantId,
        stored: Arc<Vec<Object<SigningKey>>>,
        sealing: &SealingKey,
    ) -> Result<Self, Failure> {
        let keys = stored.iter().map(|object| open(tenant, &object.body, sealing)).collect::<Result<_, _>>()?;
        Ok(Self { keys, made_of: stored })
    }

    /// What signs tokens of this algorithm and `typ` at `now`.
    pub fn encoder(&self, algorithm: Algorithm, typ: &str, now: Timestamp) -> Result<&Encoder, Failure> {
        let candidates: Vec<&Key> =
            self.keys.iter().filter(|key| key.algorithm == algorithm && !key.encoders.is_empty()).collect();
        let times: Vec<Times> = candidates.iter().map(|key| key.times).collect();
        let key = signer(&times, now).and_then(|index| candidates.get(index));
        let position = TYPES.iter().position(|known| *known == typ);
        key.zip(position)
            .and_then(|(key, position)| key.encoders.get(position))
            .ok_or_else(|| Failure::bug(format!("no {algorithm} key signs {typ}")))
    }

    /// The key published under `kid` at `now`.
    pub fn verification_key(&self, kid: &str, now: Timestamp) -> Option<&PublicKey> {
        self.published(now).find(|key| key.kid == kid).map(|key| &key.public)
    }

    /// The published keys as a JWKS (RFC 7517 5): signing ones, coming ones, and those whose tokens still live.
    pub fn jwks_json(&self, now: Timestamp) -> Result<String, Failure> {
        let keys = self.published(now).map(|key| Jwk::new(key.public.clone(), key.kid.clone())).collect();
        let set = JwkSet::new(keys).map_err(Failure::bug)?;
        serde_json::to_string(&set).map_err(Failure::bug)
    }

    fn published(&self, now: Timestamp) -> impl Iterator<Item = &Key> {
        self.keys.iter().filter(move |key| {
            let same = self.keys.iter().filter(|other| other.algorithm == key.algorithm);
            is_published(&same.map(|other| other.times).collect::<Vec<_>>(), key.times, now)
        })
    }
}

fn open(tenant: TenantId, stored: &SigningKey, sealing: &SealingKey) -> Result<Key, Failure> {
    let wrong = |what: &dyn std::fmt::Display| Failure::bug(format!("signing key {} of {tenant}: {what}", stored.kid));
    let algorithm: Algorithm = stored.algorithm.parse().map_err(|error| wrong(&error))?;
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
    let times = stored.times();
    Ok(Key { kid: stored.kid.clone(), algorithm, times, public: public.key().clone(), encoders })
}
