//! The keys of outside issuers, kept so that a token request asks the outside only now and then.

mod discovery;
mod issuer;

use crate::{Fetch, FetchError};
use issuer::Issuer;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use signet_kernel::Context;
use std::sync::Arc;
use std::time::Duration;

/// How keys are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyCacheSettings {
    /// Issuers, at most; the one least recently asked for is forgotten first.
    pub issuers: u64,
    /// Keys stay good for what the issuer's `max-age` says, but at least so long …
    pub least_age: Duration,
    /// … and at most so long.
    pub greatest_age: Duration,
    /// … and so long if it says nothing.
    pub default_age: Duration,
    /// How long keys past their age are still used while the issuer cannot be reached.
    pub stale: Duration,
    /// How long a failure stands before the issuer is asked again.
    pub failure: Duration,
    /// An issuer is asked for a key id that its keys lack at most once in this time.
    pub refresh_every: Duration,
}

impl Default for KeyCacheSettings {
    fn default() -> Self {
        Self {
            issuers: 1_000,
            least_age: Duration::from_secs(5 * 60),
            greatest_age: Duration::from_secs(24 * 60 * 60),
            default_age: Duration::from_secs(60 * 60),
            stale: Duration::from_secs(24 * 60 * 60),
            failure: Duration::from_secs(10),
            refresh_every: Duration::from_secs(60),
        }
    }
}

/// Why an issuer's keys cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The issuer is not a URL that discovery can start from.
    #[error("the issuer is not an https URL without query and fragment")]
    NotAnIssuer,
    /// The issuer or its key set could not be fetched.
    #[error("{what} of the issuer cannot be fetched: {source}")]
    Fetch {
        /// The discovery document or the key set.
        what: &'static str,
        /// Why.
        source: FetchError,
    },
    /// The discovery document lacks what it must have.
    #[error("the issuer's discovery document is not usable: {0}")]
    Discovery(String),
    /// The discovery document is another issuer's.
    #[error("the issuer's discovery document names `{0}` as its issuer")]
    OtherIssuer(String),
    /// The key set cannot be read.
    #[error("the issuer's key set is not usable: {0}")]
    Keys(String),
}

/// Reads a JWKS document.
pub type ParseKeys<T> = fn(&[u8]) -> Result<T, String>;

/// Issuer to keys, as `T` reads them.
pub struct KeyCache<T> {
    source: Source<T>,
    issuers: Cache<String, Arc<Issuer<T>>>,
}

/// What every issuer's entry needs to refresh itself.
struct Source<T> {
    fetch: Arc<dyn Fetch>,
    parse: ParseKeys<T>,
    settings: KeyCacheSettings,
    context: Context,
}

impl<T: Send + Sync + 'static> KeyCache<T> {
    /// An empty cache that fetches with `fetch` and reads key sets with `parse`.
    pub fn new(fetch: Arc<dyn Fetch>, parse: ParseKeys<T>, settings: KeyCacheSettings, context: Context) -> Self {
        let issuers = Cache::builder().max_capacity(settings.issuers).eviction_policy(EvictionPolicy::lru()).build();
        Self { source: Source { fetch, parse, settings, context }, issuers }
    }

    /// The issuer's keys. The issuer must be one that the tenant has configured.
    pub async fn keys(&self, issuer: &str) -> Result<Arc<T>, KeyError> {
        self.issuer(issuer).keys(&self.source).await
    }

    /// The issuer's keys, after a token named a key id that [`KeyCache::keys`] did not have: fetched anew, unless
    /// that was just done.
    pub async fn refresh_for_unknown_kid(&self, issuer: &str) -> Result<Arc<T>, KeyError> {
        self.issuer(issuer).refresh_for_unknown_kid(&self.source).await
    }

    fn issuer(&self, name: &str) -> Arc<Issuer<T>> {
        self.issuers
            .get(name)
            .unwrap_or_else(|| self.issuers.get_with_by_ref(name, || Arc::new(Issuer::new(name.to_owned()))))
    }
}
