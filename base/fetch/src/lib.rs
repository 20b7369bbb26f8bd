//! Outbound connections. Whatever Signet asks or tells the outside goes through here, so that no name a tenant may choose leads the
//! server to its own network.
//!
//! Words:
//! - *Special address*: one that the IANA registries set apart: private, loopback, link-local, documentation, ….
//! - *Issuer*: an OpenID Connect issuer URL; its *keys* are the JWKS that its discovery document names.
//!
//! Invariants:
//! - A connection goes only to an address that was checked; a name is resolved once and every address it has is
//!   checked ([`AddressRules`]).
//! - No redirect is followed, no proxy is used, no answer is read beyond its limit or past its time.
//! - A stranger's key ids cannot make the server ask an issuer more often than [`KeyCacheSettings::refresh_every`].
//!
//! Start with [`Fetch`], then [`KeyCache`]; [`Get`] takes any document; [`Post`] and [`Dial`] hand things on. Absent on
//! purpose: HTTP/2, compression, cookies, retries.

mod address;
mod cache_control;
mod dial;
mod error;
mod exchange;
mod get;
mod http;
mod key_cache;
mod lookup;
mod post;

pub use address::{AddressRules, ParseRuleError};
pub use dial::{Dial, Dialer, TlsStream};
pub use error::FetchError;
pub use exchange::Exchange;
pub use get::Get;
pub use http::{HttpFetch, HttpFetchError, Trust};
pub use key_cache::{KeyCache, KeyCacheSettings, KeyError, ParseKeys};
pub use lookup::{Lookup, SystemLookup};
pub use post::{Answered, Post};
/// Of what is sent.
pub use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use async_trait::async_trait;
use bytes::Bytes;
use std::time::Duration;
use url::Url;

/// Gets documents from outside.
#[async_trait]
pub trait Fetch: Send + Sync + 'static {
    /// The JSON document at `url`.
    async fn get_json(&self, url: &Url, options: &FetchOptions) -> Result<Fetched, FetchError>;
}

/// Bounds of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FetchOptions {
    /// Bytes of the answer's body, at most.
    pub limit: usize,
    /// From the look-up of the name to the last byte.
    pub within: Duration,
}

impl Default for FetchOptions {
    fn default() -> Self {
        Self { limit: 256 * 1024, within: Duration::from_secs(5) }
    }
}

/// A document from outside: JSON of some kind, otherwise unchecked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The document.
    pub body: Bytes,
    /// How long the server says that it stays good; zero if it must not be kept.
    pub max_age: Option<Duration>,
}
